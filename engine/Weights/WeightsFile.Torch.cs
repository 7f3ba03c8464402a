namespace Flixstock.Engine;

public sealed partial class WeightsFile
{
    private const int NamesInNote = 8;

    private static WeightsFile FromTorch(TorchContent content, string path, string? entry)
    {
        try
        {
            var found = TorchContainers.Of(content);
            if (found.All.Count == 0)
            {
                throw new InputException($"a PyTorch file without tensors that have names: "
                    + $"{Contents(content.Root, found.Nameless)}; {TorchFile.Remedy}");
            }

            var choice = WeightsChoice.Make(found.All, entry, HasSwappedAverage(content.Root));
            return FromContainer(content, path, choice, found.Nameless);
        }
        catch (InputException e)
        {
            throw new InputException($"{path}: {e.Message}", e);
        }
    }

    private static WeightsFile FromContainer(TorchContent content, string path, WeightsChoice choice,
        List<(string Place, int Count)> nameless)
    {
        var place = choice.Taken.Container.Source!;
        var state = Tensors(content, (TorchDictionary)place.Value);
        var around = place.Outwards().Select(outer => outer.Value).OfType<TorchDictionary>().ToList();
        if (Around(around, MetadataKey) is TorchDictionary metadata)
            CopyTexts(metadata, state);
        return new WeightsFile
        {
            Path = path,
            Format = $"PyTorch, {content.Format}",
            State = state,
            Classes = ClassCount(Around(around, ClassCountKey)),
            ClassNames = Names(Around(around, ClassNamesKey)),
            Choice = choice,
            Remarks = [.. choice.Notes, .. NamelessAverages(nameless, choice.Taken)],
            Notes = [.. LeftOut(place)],
        };
    }

    // MMEngine saves the average as the weights, so that programs that know of none take it, and the plain ones as the
    // average's.
    private static bool HasSwappedAverage(object? root) =>
        root is TorchDictionary dictionary && dictionary["message_hub"] is not null
        && dictionary["state_dict"] is TorchDictionary && dictionary["ema_state_dict"] is TorchDictionary;

    private static object? Around(List<TorchDictionary> dictionaries, string key) =>
        dictionaries.Select(dictionary => dictionary[key])
            .FirstOrDefault(value => value is not null and not TorchTensor);

    private static IEnumerable<string> NamelessAverages(List<(string Place, int Count)> lists, WeightsEntry taken) =>
        lists.Where(list => WeightsEntry.SaysAverage(list.Place) && 2 * list.Count > taken.BodyTensors).Select(
            list => $"'{TorchFile.Shown(list.Place)}' is a list of {list.Count} tensors without names, which cannot be "
                + $"told apart: not taken");

    private static string Contents(object? root, List<(string Place, int Count)> nameless)
    {
        if (nameless is [var (place, count), ..])
            return $"'{TorchFile.Shown(place)}' is a list of {count} tensors without names, which cannot be told apart";
        return root switch
        {
            TorchDictionary { Entries.Count: > 0 } dictionary =>
                $"it holds {Listed([.. dictionary.Entries.Select(entry => Shown(entry.Key))])}",
            TorchDictionary => "it is an empty dictionary",
            TorchTensor tensor => $"it is one tensor, [{string.Join(", ", tensor.Shape)}]",
            TorchObject placeholder => $"it is an object of {placeholder.TypeName}",
            TorchList list => $"it is a list of {list.Items.Count} values",
            _ => "it is not a dictionary",
        };
    }

    private static string Listed(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(NamesInNote))
        + (names.Count > NamesInNote ? $" and {names.Count - NamesInNote} more" : "");

    private static string Shown(object? key) =>
        key is TorchObject placeholder ? placeholder.TypeName : TorchFile.Shown($"{key ?? "None"}");

    private static StateDict Tensors(TorchContent content, TorchDictionary weights)
    {
        var state = new StateDict();
        foreach (var (key, value) in weights.Entries)
        {
            if (key is string name && value is TorchTensor tensor)
                state.Add(content.ToStateTensor(name, tensor));
        }
        return state;
    }

    private static void CopyTexts(TorchDictionary metadata, StateDict state)
    {
        foreach (var (key, value) in metadata.Entries)
        {
            if (key is string name && value is string text)
                state.Metadata[name] = text;
        }
    }

    private static int? ClassCount(object? value) => value switch
    {
        null => null,
        long and >= 1 and <= 1_000_000 => (int)(long)value,
        _ => throw new InputException($"its {ClassCountKey} is not a number from 1 to 1000000"),
    };

    // Keys are whole numbers; some files write them as text.
    private static SortedDictionary<int, string>? Names(object? value)
    {
        if (value is not TorchDictionary names)
            return null;
        var result = new SortedDictionary<int, string>();
        foreach (var (key, text) in names.Entries)
        {
            if ((key is long or string && int.TryParse($"{key}", out var index)) && text is string name)
                result[index] = name;
            else
                throw new InputException($"its {ClassNamesKey} has an entry that is not a number and a text");
        }
        return result;
    }

    // Of every dictionary from the weights outwards, what is neither supported nor on the way to them.
    private static IEnumerable<string> LeftOut(TorchPlace place)
    {
        string[] understood = [ClassCountKey, ClassNamesKey, MetadataKey];
        var names = new List<string>();
        string? inner = null;
        foreach (var outer in place.Outwards())
        {
            if (outer.Value is TorchDictionary dictionary)
            {
                names.AddRange(dictionary.Entries.Where(entry => inner is not null || entry.Value is not TorchTensor
                    || entry.Key is not string).Select(entry => Shown(entry.Key))
                    .Where(name => name != inner && !understood.Contains(name)));
            }
            inner = TorchFile.Shown(outer.Key);
        }
        if (names.Count > 0)
            yield return $"left out, not weights of the model: {Listed(names)}";
    }
}
