namespace Flixstock.Engine;

/// <summary>A dictionary of a file that has named tensors.</summary>
/// <param name="Place">Keys from the outside, parted by dots; empty for the file itself.</param>
/// <param name="Names">Names of its tensors.</param>
/// <param name="Source">The dictionary and those around it; null if the file has no others.</param>
internal sealed record WeightsContainer(string Place, IReadOnlyList<string> Names, TorchPlace? Source = null);

/// <summary>
/// Chooses the weights among a file's sets of tensors. Their contents decide: names that are the network's, in any
/// dictionary
/// and with any prefix. Of several complete sets the averaged one is taken, as timm does; if that does not decide, the
/// file has to be given as FILE:NAME.
/// </summary>
internal sealed class WeightsChoice
{
    private const int Listed = 8;

    // The keys under which checkpoints keep their plain weights, the likeliest first; decides only between sets that
    // are equally complete.
    private static readonly string[] UsualPlaces = [WeightsFile.ModelKey, "state_dict", "model_state_dict", "net", ""];
    private readonly List<WeightsEntry> _entries;

    private WeightsChoice(IReadOnlyList<WeightsContainer> containers, string? wanted, bool swapped)
    {
        _entries = [.. containers.SelectMany(In)];
        if (swapped)
            // in a file of two sets
            _entries = [.. _entries.Select(entry => entry with { Averaged = !entry.Averaged })];
        var taken = wanted is null ? Best() : Named(wanted);
        _entries = [.. _entries.Select(entry => entry with { Taken = ReferenceEquals(entry, taken) })];
        Taken = taken;
    }

    /// <summary>The set of tensors that are the weights.</summary>
    public WeightsEntry Taken { get; }

    /// <summary>All sets that could be meant: the network's, or all there are if none is.</summary>
    public IReadOnlyList<WeightsEntry> Entries => _entries.Exists(entry => entry.Tensors > 0)
        ? [.. _entries.Where(entry => entry.Tensors > 0)] : _entries;

    /// <summary>Lines about other sets that could have been taken.</summary>
    public IReadOnlyList<string> Notes { get; private set; } = [];

    /// <summary>
    /// A text that names several possible sets; null if only one is possible. <see cref="Taken"/> is then the first.
    /// </summary>
    public string? Undecided { get; private set; }

    /// <summary>Chooses the weights.</summary>
    /// <param name="containers">The containers, at least one.</param>
    /// <param name="wanted">The name of an entry, or null.</param>
    /// <param name="swapped">True if the file keeps the average under the plain weights' usual key, and the
    /// reverse.</param>
    /// <exception cref="InputException">No set has that name; lists those present.</exception>
    public static WeightsChoice Make(
        IReadOnlyList<WeightsContainer> containers, string? wanted, bool swapped = false) =>
        new(containers, wanted, swapped);

    private static IEnumerable<WeightsEntry> In(WeightsContainer container)
    {
        var counted = container.Names.Contains("n_averaged"); // torch's AveragedModel
        var groups = container.Names.Select(name => NetworkNames.Split(name)).OfType<(string Prefix, string Name)>()
            .GroupBy(own => own.Prefix, own => own.Name, StringComparer.Ordinal)
            .Select(group => new WeightsEntry
            {
                Container = container,
                Prefix = group.Key,
                Tensors = group.Count(),
                BodyTensors = group.Count(name => !NetworkNames.IsHead(name) && !NetworkNames.IsCounter(name)
                    && !NetworkNames.IsFixed(name)),
                InDictionary = container.Names.Count,
                Averaged = counted || WeightsEntry.SaysAverage($"{container.Place}.{group.Key}"),
            }).Where(entry => entry.BodyTensors > 0).ToList();
        return groups.Count > 0
            ? groups
            : [new WeightsEntry
            {
                Container = container,
                InDictionary = container.Names.Count,
                Averaged = WeightsEntry.SaysAverage(container.Place),
            }];
    }

    private WeightsEntry Named(string wanted) => _entries.Find(entry => entry.Name == wanted)
        ?? throw new InputException($"it has nothing of the name '{TorchFile.Shown(wanted)}'; it has {List(_entries)}");

    private WeightsEntry Best()
    {
        var most = _entries.Max(entry => entry.BodyTensors);
        var complete = _entries.FindAll(entry => entry.BodyTensors == most);
        if (most == 0) // of another network: the likeliest set
        {
            return UsualPlaces.Select(place => complete.Find(entry => entry.Place == place))
                .FirstOrDefault(entry => entry is not null) ?? complete.MaxBy(entry => entry.InDictionary)!;
        }

        var averaged = complete.FindAll(entry => entry.Averaged);
        var taken = complete.Count == 1
            ? complete[0]
            : averaged.Count == 1 ? averaged[0] : averaged.Count > 1 ? null : Usual(complete);
        if (taken is null)
        {
            Undecided = $"it has several sets of weights: {List(complete)}; say which, as "
                + $"FILE:{TorchFile.Shown(complete[0].Name)}";
            return complete[0];
        }
        Notes = [.. Remarks(taken, complete)];
        return taken;
    }

    private static WeightsEntry? Usual(List<WeightsEntry> complete)
    {
        var likeliest = UsualPlaces.Select(place => complete.FindAll(entry => entry.Place == place))
            .FirstOrDefault(there => there.Count > 0);
        return likeliest is [var only] ? only : null;
    }

    private IEnumerable<string> Remarks(WeightsEntry taken, List<WeightsEntry> complete)
    {
        var others = complete.FindAll(entry => !ReferenceEquals(entry, taken));
        if (others.Count > 0)
        {
            yield return $"{(taken.Averaged ? "averaged " : "")}weights of '{TorchFile.Shown(taken.Name)}' taken; "
                + $"{(taken.Averaged && others.Count == 1 ? "the plain ones are" : "others are")} "
                + $"{List(others)}: FILE:{TorchFile.Shown(others[0].Name)} takes them";
        }
        else if (taken.Averaged)
        {
            yield return $"averaged weights of '{TorchFile.Shown(taken.Name)}' taken: it has no plain ones";
        }
        foreach (var part in _entries.Where(entry => entry.BodyTensors > 0 && entry.BodyTensors < taken.BodyTensors
            && (entry.Averaged || 2 * entry.BodyTensors > taken.BodyTensors)).Take(Listed))
        {
            yield return $"'{TorchFile.Shown(part.Name)}' has {part.BodyTensors} of the body's {taken.BodyTensors} "
                + $"tensors: not taken";
        }
    }

    private static string List(IReadOnlyList<WeightsEntry> entries) =>
        string.Join(", ", entries.Take(Listed).Select(entry => entry.Description))
            + (entries.Count > Listed ? $" and {entries.Count - Listed} more" : "");
}
