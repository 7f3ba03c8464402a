namespace Flixstock.Engine;

internal sealed partial class PickleReader
{
    private int Floor => _marks.Count > 0 ? _marks[^1] : 0;

    private void Push(object? value)
    {
        if (_stack.Count + _marks.Count >= DeepestStack)
        {
            throw new InputException(
                $"its pickle has more than {DeepestStack} values waiting at byte {input.Position}");
        }
        _stack.Add(value);
    }

    private void PushNew(object value, long bytes)
    {
        budget.Charge(bytes);
        Push(value);
    }

    private void PushMark()
    {
        if (_stack.Count + _marks.Count >= DeepestStack)
            throw new InputException($"its pickle has more than {DeepestStack} marks waiting at byte {input.Position}");
        _marks.Add(_stack.Count);
    }

    private object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Empty();

    private object? Pop()
    {
        var value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] Pop(int count)
    {
        if (_stack.Count - count < Floor)
            throw Empty();
        object?[] values = [.. _stack[^count..]];
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private object?[] PopMark()
    {
        if (_marks.Count == 0)
            throw new InputException($"its pickle has no mark where byte {input.Position} needs one");
        var count = _stack.Count - Floor;
        budget.Charge(16 + 8L * count);
        var values = Pop(count);
        _marks.RemoveAt(_marks.Count - 1);
        return values;
    }

    private void PopOrUnmark()
    {
        if (_stack.Count > Floor)
            Pop();
        else
            PopMark();
    }

    private void Remember(long index)
    {
        var value = Peek();
        if (!_memo.ContainsKey(index))
            budget.Charge(64);
        _memo[index] = value;
    }

    private object? Recall(long index) => _memo.TryGetValue(index, out var value)
        ? value
        : throw new InputException(
            $"its pickle takes value {index} before byte {input.Position}, which it never stored");

    private void PushList(TorchListKind kind, object?[] items)
    {
        budget.Charge(120 + 16L * items.Length);
        var list = new TorchList(kind);
        foreach (var item in items)
            list.Add(item);
        Push(list);
    }

    private void PushDictionary(object?[] pairs)
    {
        PushNew(new TorchDictionary(), 250);
        SetItems(pairs);
    }

    private void Append(object?[] items)
    {
        if (Peek() is not TorchList { Kind: not TorchListKind.Tuple } list)
        {
            throw new InputException(
                $"its pickle appends to something that is not a list before byte {input.Position}");
        }
        budget.Charge(24L * items.Length);
        foreach (var item in items)
            list.Add(item);
    }

    private void SetItems(object?[] pairs)
    {
        if (pairs.Length % 2 != 0)
            throw new InputException($"its pickle has a key without a value before byte {input.Position}");
        var target = Peek() switch
        {
            TorchDictionary dictionary => dictionary,
            TorchObject { State: TorchDictionary state } => state,
            _ => throw new InputException(
                $"its pickle sets items of something that is not a dictionary before byte {input.Position}"),
        };
        SetItems(target, pairs);
    }

    private void SetItems(TorchDictionary target, object?[] pairs)
    {
        budget.Charge(64L * pairs.Length);
        for (var i = 0; i < pairs.Length; i += 2)
        {
            // A tensor itself can be a key: optimizers keep their state of a parameter under it.
            if (pairs[i] is TorchDictionary or TorchStorage or TorchList { Kind: not TorchListKind.Tuple }
                or PickleGlobal { Meaning: not PickleMeaning.Placeholder })
            {
                throw new InputException($"a dictionary has a key that cannot be one before byte {input.Position}");
            }

            target.Set(pairs[i] is byte[] bytes ? Convert.ToHexString(bytes) : pairs[i], pairs[i + 1]);
        }
    }

    private InputException Empty() => new($"its pickle takes a value from an empty stack before byte {input.Position}");
}
