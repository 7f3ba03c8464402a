namespace Flixstock.Engine;

/// <summary>Names of tensors in state dicts.</summary>
internal static class StateNames
{
    private const int NamesInMessage = 6;

    // DataParallel, Lightning, torch.compile.
    private static readonly string[] Wrappers = ["module.", "model.", "_orig_mod."];

    /// <summary>The same tensors without the prefixes that wrappers of a model put before all names.</summary>
    public static StateDict WithoutCommonPrefix(StateDict state, out string prefix)
    {
        var taken = "";
        while (state.Count > 0 && Wrappers.FirstOrDefault(wrapper => state.Names.All(
            name => name.StartsWith(taken + wrapper, StringComparison.Ordinal))) is { } found)
        {
            taken += found;
        }
        prefix = taken;
        return taken.Length == 0 ? state : Renamed(state, name => name[taken.Length..]);
    }

    /// <summary>Some of the names, for messages.</summary>
    public static string Some(IEnumerable<string> names)
    {
        var all = names.Select(TorchFile.Shown).ToList();
        return string.Join(", ", all.Take(NamesInMessage))
            + (all.Count > NamesInMessage ? $" and {all.Count - NamesInMessage} more" : "");
    }

    /// <summary>The same tensors and metadata under other names.</summary>
    public static StateDict Renamed(StateDict state, Func<string, string> rename)
    {
        var result = Empty(state);
        foreach (var tensor in state)
            result.Add(tensor with { Name = rename(tensor.Name) });
        return result;
    }

    /// <summary>No tensors, the same metadata.</summary>
    public static StateDict Empty(StateDict state)
    {
        var result = new StateDict();
        foreach (var (key, value) in state.Metadata)
            result.Metadata[key] = value;
        return result;
    }
}
