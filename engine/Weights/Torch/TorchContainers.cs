namespace Flixstock.Engine;

/// <summary>Finds the dictionaries of a PyTorch file that have named tensors, however deep they lie.</summary>
internal sealed class TorchContainers
{
    private readonly List<WeightsContainer> _found = [];
    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly ReadBudget _budget;

    private TorchContainers(TorchContent content)
    {
        _budget = content.Budget;
        Walk(content.Root, null);
    }

    /// <summary>Lists of tensors, which have no names.</summary>
    public List<(string Place, int Count)> Nameless { get; } = [];

    /// <summary>
    /// Every dictionary, outer before inner; one that lies in two places in the first. What is below keys that are not
    /// texts, as an optimizer's state, is ignored.
    /// </summary>
    public IReadOnlyList<WeightsContainer> All => _found;

    public static TorchContainers Of(TorchContent content) => new(content);

    private void Walk(object? value, TorchPlace? outer, string key = "")
    {
        if (value is not (TorchDictionary or TorchList) || !_seen.Add(value))
            return;
        _budget.Charge(150);
        var place = new TorchPlace(value, key, outer);
        if (value is TorchDictionary dictionary)
            Visit(dictionary, place);
        else
            Visit((TorchList)value, place);
    }

    private void Visit(TorchDictionary dictionary, TorchPlace place)
    {
        List<string> names = [.. dictionary.Entries.Where(entry => entry is { Key: string, Value: TorchTensor })
            .Select(entry => (string)entry.Key!)];
        if (names.Count > 0)
        {
            var text = place.Text;
            // splitting them takes as much again
            _budget.Charge(500 + (2L * text.Length) + names.Sum(name => 100L + (4 * name.Length)));
            _found.Add(new WeightsContainer(text, names, place));
        }
        foreach (var (key, value) in dictionary.Entries)
        {
            if (key is string name)
                Walk(value, place, name);
        }
    }

    private void Visit(TorchList list, TorchPlace place)
    {
        if (list.Items.Count(item => item is TorchTensor) is var tensors and > 1)
        {
            var text = place.Text;
            _budget.Charge(100 + (2L * text.Length));
            Nameless.Add((text, tensors));
        }
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (list.Items[i] is TorchDictionary or TorchList)
                Walk(list.Items[i], place, $"{i}");
        }
    }
}

/// <summary>The place of an object in a file.</summary>
/// <param name="Value">The dictionary or list.</param>
/// <param name="Key">Its key in the enclosing object.</param>
/// <param name="Outer">The enclosing object; null for the file itself.</param>
internal sealed record TorchPlace(object Value, string Key, TorchPlace? Outer)
{
    private const int LongestKey = 200;

    /// <summary>All keys from the outside, parted by dots.</summary>
    public string Text => string.Join('.', Outwards().Reverse().Skip(1)
        .Select(place => place.Key.Length > LongestKey ? place.Key[..LongestKey] : place.Key));

    /// <summary>This place and all around it.</summary>
    public IEnumerable<TorchPlace> Outwards()
    {
        for (var place = this; place is not null; place = place.Outer)
            yield return place;
    }
}
