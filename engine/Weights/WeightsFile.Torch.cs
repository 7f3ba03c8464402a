namespace Flixstock.Engine;

public sealed partial class WeightsFile
{
    private const int NamesInNote = 8;

    // Where checkpoints keep their weights, the likeliest first.
    private static readonly string[] ModelKeys = [ModelKey, "state_dict", "model_state_dict", "net"];

    private static WeightsFile FromTorch(TorchContent content, string path)
    {
        if (content.Root is not TorchDictionary root)
            throw new InputException($"{path}: a PyTorch file, but not a dictionary of tensors; save model.state_dict() and give that file");
        var key = ModelKeys.FirstOrDefault(name => root[name] is TorchDictionary inner && HasTensors(inner));
        var weights = key is null ? root : (TorchDictionary)root[key]!;
        if (!HasTensors(weights))
            throw new InputException($"{path}: a PyTorch file without tensors, neither outside nor under {string.Join(", ", ModelKeys)}");
        try
        {
            var state = Tensors(content, weights);
            if (root[MetadataKey] is TorchDictionary metadata)
                CopyTexts(metadata, state);
            return new WeightsFile
            {
                Path = path,
                Format = $"PyTorch, {content.Format}",
                State = state,
                Classes = ClassCount(root),
                ClassNames = Names(root),
                Notes = [.. LeftOut(root, key), .. LeftOut(weights, key)],
            };
        }
        catch (InputException e)
        {
            throw new InputException($"{path}: {e.Message}", e);
        }
    }

    private static bool HasTensors(TorchDictionary dictionary) => dictionary.Entries.Any(entry => entry is { Key: string, Value: TorchTensor });

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

    private static int? ClassCount(TorchDictionary root) => root[ClassCountKey] switch
    {
        null => null,
        long and >= 1 and <= 1_000_000 => (int)(long)root[ClassCountKey]!,
        _ => throw new InputException($"its {ClassCountKey} is not a number from 1 to 1000000"),
    };

    // Keys are whole numbers; some files write them as text.
    private static SortedDictionary<int, string>? Names(TorchDictionary root)
    {
        if (root[ClassNamesKey] is not TorchDictionary names)
            return null;
        var result = new SortedDictionary<int, string>();
        foreach (var (key, value) in names.Entries)
        {
            if ((key is long or string && int.TryParse($"{key}", out var index)) && value is string name)
                result[index] = name;
            else
                throw new InputException($"its {ClassNamesKey} has an entry that is not a number and a text");
        }
        return result;
    }

    private static IEnumerable<string> LeftOut(TorchDictionary dictionary, string? modelKey)
    {
        string[] understood = [ClassCountKey, ClassNamesKey, MetadataKey, modelKey ?? MetadataKey];
        var names = dictionary.Entries.Where(entry => entry.Value is not TorchTensor || entry.Key is not string || (modelKey is not null && dictionary[modelKey] is not null))
            .Select(entry => $"{entry.Key}").Where(name => !understood.Contains(name)).ToList();
        if (names.Count > 0)
            yield return $"left out, not weights of the model: {string.Join(", ", names.Take(NamesInNote))}{(names.Count > NamesInNote ? $" and {names.Count - NamesInNote} more" : "")}";
    }
}
