namespace Flixstock.Engine;

/// <summary>Why a file among the pictures is not read.</summary>
public enum PassedOverReason
{
    /// <summary>A picture of a kind that is not read, by its ending.</summary>
    OtherKind,

    /// <summary>A picture that no label names.</summary>
    NoLabel,

    /// <summary>A picture outside the folders of classes.</summary>
    NoClass,

    /// <summary>No picture, but it lies among pictures.</summary>
    NoPicture,

    /// <summary>A link to a folder that was read already or holds the link.</summary>
    Loop,

    /// <summary>Written by this program: a run, results, drawn pictures.</summary>
    Made,

    /// <summary>Hidden, or of the system.</summary>
    Hidden,
}

/// <summary>Files that were not read for the same reason and have the same ending.</summary>
/// <param name="Reason">Why they were not read.</param>
/// <param name="Ending">Lower case with its dot; empty without one, and for folders.</param>
/// <param name="Count">Number of files.</param>
/// <param name="Examples">The first few, by name.</param>
public sealed record PassedOverFiles(PassedOverReason Reason, string Ending, int Count, IReadOnlyList<string> Examples)
{
    /// <summary>One line: how many, what, why, which.</summary>
    public override string ToString() =>
        $"{Count} {What}: {string.Join(", ", Examples)}{(Count > Examples.Count ? ", ..." : "")}";

    /// <summary>The remedy.</summary>
    public string Remedy => Reason switch
    {
        PassedOverReason.OtherKind => "save them as JPEG or PNG, or move them away",
        PassedOverReason.NoLabel => "label them, or move them away",
        PassedOverReason.NoClass => "move them into the folder of their class, or away",
        PassedOverReason.NoPicture => "move them away, or give pictures their right ending",
        _ => "move them away if they do not belong there",
    };

    private string Kind => Ending.Length > 0 ? $"{Ending} " : "";

    private string What => (Reason, Count == 1) switch
    {
        (PassedOverReason.OtherKind, var one) => $"{Kind}{(one ? "picture" : "pictures")} of a kind that is not read",
        (PassedOverReason.NoLabel, var one) => $"{Kind}{(one ? "picture" : "pictures")} without a label",
        (PassedOverReason.NoClass, var one) => $"{Kind}{(one ? "picture" : "pictures")} outside the folders of classes",
        (PassedOverReason.NoPicture, var one) =>
            $"{Kind}{(one ? "file that is no picture" : "files that are no pictures")}"
            + $"{(Ending.Length > 0 ? "" : one ? " by its ending" : " by their ending")}",
        (PassedOverReason.Loop, var one) =>
            one ? "link to a folder that was read already" : "links to folders that were read already",
        (PassedOverReason.Made, var one) =>
            one ? "folder or chart written by this program" : "folders or charts written by this program",
        (_, var one) => one ? "hidden or system file or folder" : "hidden or system files and folders",
    };
}

/// <summary>Counts what lies among pictures and is not read.</summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class PassedOver
{
    private const int MostExamples = 3;

    private readonly SortedDictionary<(PassedOverReason Reason, string Ending), (
        int Count, List<string> Examples)> _groups = [];

    /// <summary>Groups by reason and ending; hidden files are the last.</summary>
    public IReadOnlyList<PassedOverFiles> Groups => [.. _groups.Select(
        pair => new PassedOverFiles(pair.Key.Reason, pair.Key.Ending, pair.Value.Count, pair.Value.Examples))];

    /// <summary>The groups as lines.</summary>
    /// <param name="all">Also those that are seldom worth a line: what is hidden.</param>
    public IEnumerable<string> Lines(bool all) =>
        Groups.Where(group => all || group.Reason != PassedOverReason.Hidden).Select(group => $"passed over: {group}");

    /// <summary>Finds the pictures in a folder and below it, and counts the other files.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>Paths below the folder, by name.</returns>
    /// <exception cref="InputException">A folder cannot be read; names it.</exception>
    public static (IReadOnlyList<string> Pictures, PassedOver Others) In(
        string folder, CancellationToken cancellation = default)
    {
        var (pictures, others) = (new List<string>(), new PassedOver());
        foreach (var entry in FolderWalk.Below(folder, given: true, cancellation))
        {
            if (entry.Kind == WalkedKind.File && PictureNames.IsPicture(entry.Path))
                pictures.Add(entry.Path);
            else
                others.Add(entry);
        }
        pictures.Sort(StringComparer.Ordinal);
        return (pictures, others);
    }

    /// <summary>All that several have counted.</summary>
    internal static PassedOver Together(IEnumerable<PassedOver> counted)
    {
        var result = new PassedOver();
        foreach (var group in counted.SelectMany(one => one.Groups))
            result.Add(group.Reason, group.Ending, group.Count, group.Examples);
        return result;
    }

    internal void Add(WalkedEntry entry, string prefix = "") => Add(ReasonOf(entry), prefix + entry.Path);

    internal void Add(PassedOverReason reason, string file)
    {
        var ending = reason is PassedOverReason.Hidden or PassedOverReason.Loop or PassedOverReason.Made
            ? ""
            : Path.GetExtension(file).ToLowerInvariant();
        Add(reason, ending, 1, [file]);
    }

    private void Add(PassedOverReason reason, string ending, int more, IEnumerable<string> files)
    {
        var (count, examples) = _groups.TryGetValue((reason, ending), out var known) ? known : (0, []);
        examples.AddRange(files.Take(MostExamples - examples.Count));
        _groups[(reason, ending)] = (count + more, examples);
    }

    private static PassedOverReason ReasonOf(WalkedEntry entry) => entry.Kind switch
    {
        WalkedKind.Hidden => PassedOverReason.Hidden,
        WalkedKind.Made => PassedOverReason.Made,
        WalkedKind.Loop => PassedOverReason.Loop,
        _ => PictureNames.IsOtherPicture(entry.Path) ? PassedOverReason.OtherKind : PassedOverReason.NoPicture,
    };
}
