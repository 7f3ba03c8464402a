namespace Flixstock.Engine;

internal sealed partial class PickleReader
{
    private bool TryObject(byte code)
    {
        switch (code)
        {
            case (byte)'c': Push(PickleGlobals.Find(Name(), Name())); return true;
            case 0x93: PushNamed(Pop(2)); return true;
            case (byte)'R': Reduce(Pop(2)); return true;
            case 0x81: Make(Pop(2)); return true;
            case (byte)'b': Build(Pop()); return true;
            case (byte)'Q':
                Push(load(Pop() as TorchList ?? throw new InputException($"its pickle refers to something outside by a "
                    + $"value that is not a tuple before byte {input.Position}")));
                return true;
            default: return false;
        }
    }

    private string Name()
    {
        var line = input.Line(LongestName);
        budget.Charge(40 + 2 * line.Length);
        return Decode(line.Span.TrimEnd((byte)'\r')) is { Length: > 0 } name
            ? name
            : throw new InputException($"a name is empty before byte {input.Position}");
    }

    private void PushNamed(object?[] names) => Push(names is [string module, string name]
        ? PickleGlobals.Find(module, name)
        : throw new InputException(
            $"its pickle names a thing by a value that is not a text before byte {input.Position}"));

    // "Calls" of the names on the list; each builds a value of ours.
    private void Reduce(object?[] call)
    {
        if (call is not [PickleGlobal target, TorchList { Kind: TorchListKind.Tuple } list])
        {
            throw new InputException($"its pickle calls something that is not a function by name before byte "
                + $"{input.Position}; nothing was executed");
        }
        var arguments = list.Items;
        switch (target.Meaning)
        {
            case PickleMeaning.Tensor:
                PushNew(TensorRebuild.Tensor(arguments), 400);
                break;
            case PickleMeaning.Parameter:
                PushNew(TensorRebuild.Parameter(arguments), 100);
                break;
            case PickleMeaning.TypedTensor:
                PushNew(TensorRebuild.Typed(arguments), 400);
                break;
            case PickleMeaning.Pair:
                PushNew(InertPairs.Call(target, arguments), 350);
                break;
            case PickleMeaning.List:
                // a deque's greatest length may follow
                PushList(TorchListKind.List, [.. Only(arguments.Take(1).ToList(), target)]);
                break;
            case PickleMeaning.Size:
                PushList(TorchListKind.Tuple, [.. Only(arguments, target)]);
                break;
            case PickleMeaning.Set:
                PushList(TorchListKind.Set, [.. Only(arguments, target)]);
                break;
            default:
                Construct(target, list);
                break;
        }
    }

    private static IReadOnlyList<object?> Only(IReadOnlyList<object?> arguments, PickleGlobal target) =>
        arguments switch
        {
            [] => [],
            [TorchList list] => list.Items,
            _ => throw new InputException($"{target.Name} is made from something that is not a list"),
        };

    private void Make(object?[] call)
    {
        if (call is not [PickleGlobal target, TorchList { Kind: TorchListKind.Tuple } arguments])
        {
            throw new InputException($"its pickle makes an object of something that is not a class by name before byte "
                + $"{input.Position}; nothing was executed");
        }
        Construct(target, arguments);
    }

    private void Construct(PickleGlobal target, TorchList arguments)
    {
        switch (target.Meaning)
        {
            case PickleMeaning.OrderedDictionary:
                PushNew(new TorchDictionary { Ordered = true }, 250);
                foreach (var pair in Only(arguments.Items, target))
                {
                    SetItems((TorchDictionary)Peek()!, pair is TorchList { Items: [_, _] items }
                        ? [.. items]
                        : throw new InputException(
                            $"{target.Name} is made from something that is not a list of pairs"));
                }
                break;
            case PickleMeaning.Dictionary:
                PushNew(new TorchDictionary(), 250);
                break;
            case PickleMeaning.Placeholder:
                PushNew(new TorchObject(target.Name) { Arguments = arguments, State = new TorchDictionary() }, 350);
                break;
            default:
                throw new InputException($"its pickle makes an object of {target.Name} before byte {input.Position}, "
                    + $"which files of weights never do");
        }
    }

    private void Build(object? state)
    {
        switch (Peek())
        {
            case TorchDictionary dictionary:
                dictionary.Attributes = state;
                break;
            case TorchObject placeholder:
                placeholder.State = state;
                break;
            default:
                throw new InputException(
                    $"its pickle sets the state of something that has none before byte {input.Position}");
        }
    }
}
