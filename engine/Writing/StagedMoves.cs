using System.Text.Json;

namespace Flixstock.Engine;

/// <summary>
/// The renames by which staged results are put into place, written down before the first one. Each can be told from the
/// folder whether it was done, so that they are finished from wherever they stopped: what has left <c>new</c> is in its
/// place, what is in <c>old</c> is out of the way.
/// </summary>
/// <param name="target">The folder for the results.</param>
/// <param name="staging">The hidden folder of the results: <c>new</c>, <c>old</c> and the plan.</param>
internal sealed class StagedMoves(string target, string staging)
{
    private const string PlanName = "plan.json";

    /// <summary>Entries of <c>new</c> that take their places.</summary>
    public IReadOnlyList<string> Published { get; init; } = [];

    /// <summary>Entries of the target that go away.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];

    /// <summary>Entries of the target that come back if the plan is still there in the end.</summary>
    public IReadOnlyList<string> Restored { get; init; } = [];

    /// <summary>Entries that were made meanwhile and go away when others come back.</summary>
    public IReadOnlyList<string> Dropped { get; init; } = [];

    /// <summary>Told before each rename, and before the plan is ended; tests stop there.</summary>
    public Action? Moving { get; init; }

    private sealed record Plan(
        IReadOnlyList<string> Published, IReadOnlyList<string> Removed, IReadOnlyList<string> Restored,
        IReadOnlyList<string> Dropped);

    /// <summary>The moves that were begun and not finished; null if there are none.</summary>
    public static StagedMoves? Planned(string target, string staging)
    {
        var path = Path.Combine(staging, PlanName);
        try
        {
            if (File.Exists(path) && JsonSerializer.Deserialize<Plan>(File.ReadAllBytes(path)) is { } plan)
            {
                return new(target, staging)
                {
                    Published = plan.Published,
                    Removed = plan.Removed,
                    Restored = plan.Restored,
                    Dropped = plan.Dropped,
                };
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null; // ended at this moment by another command
        }
        // Earlier versions, whose names were shorter, had no plan; they began to move when all was written.
        if (Unfinished.Writer(Path.GetFileName(staging)) is not null)
            return null;
        var (before, after) = (Path.Combine(staging, "old"), Path.Combine(staging, "new"));
        return Entries(before).Count > 0 && Entries(after) is { Count: > 0 } left
            ? new(target, staging) { Published = left }
            : null;
    }

    /// <summary>Ends the moves: from here on the contents of the target are final.</summary>
    public static void Forget(string staging) => File.Delete(Path.Combine(staging, PlanName));

    /// <summary>True for anything of that name, even a link that leads nowhere.</summary>
    public static bool Exists(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    /// <summary>Writes the plan; from here on the next process finishes the moves.</summary>
    public void Write() =>
        Files.WriteAtomically(
            Path.Combine(staging, PlanName), JsonSerializer.Serialize(new Plan(Published, Removed, Restored, Dropped)));

    /// <summary>Does the moves. What is set aside stays planned.</summary>
    public void Begin()
    {
        foreach (var entry in Restored)
            SetAside(entry);
        foreach (var entry in Removed)
            SetAside(entry);
        foreach (var entry in Published)
            PutInPlace(entry);
        Moving?.Invoke();
        if (Restored.Count == 0)
            Forget(staging);
    }

    /// <summary>Ends moves that were begun: what was to be put into place is; what was set aside comes back.</summary>
    public void Finish()
    {
        if (Restored.Count == 0)
        {
            Begin();
            return;
        }
        foreach (var entry in Restored.Where(entry => Exists(InOld(entry))))
        {
            Drop(entry);
            Move(InOld(entry), InTarget(entry));
        }
        foreach (var entry in Dropped)
            Drop(entry);
        Forget(staging);
    }

    /// <summary>Takes back moves that failed half way.</summary>
    public void Undo()
    {
        foreach (var entry in Published.Where(entry => !Exists(InNew(entry)) && Exists(InTarget(entry))))
            Move(InTarget(entry), InNew(entry));
        foreach (var entry in Published.Concat(Removed).Concat(Restored)
            .Where(entry => Exists(InOld(entry)) && !Exists(InTarget(entry))))
        {
            Move(InOld(entry), InTarget(entry));
        }
        Forget(staging);
    }

    private void PutInPlace(string entry)
    {
        if (!Exists(InNew(entry)))
            return;
        SetAside(entry);
        Move(InNew(entry), InTarget(entry));
    }

    private void SetAside(string entry)
    {
        if (Exists(InTarget(entry)))
            Move(InTarget(entry), Free(InOld(entry)));
    }

    private void Drop(string entry)
    {
        if (Exists(InTarget(entry)))
            Move(InTarget(entry), Free(InNew(entry)));
    }

    private static string Free(string path) => Exists(path) ? $"{path}.{Guid.NewGuid():N}" : path;

    // One rename, of a file, a folder or a link.
    private void Move(string from, string to)
    {
        Moving?.Invoke();
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        Directory.Move(from, to);
    }

    private static List<string> Entries(string folder) => Directory.Exists(folder)
        ? [.. Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)]
        : [];

    private string InTarget(string entry) => Path.Combine(target, entry);

    private string InNew(string entry) => Path.Combine(staging, "new", entry);

    private string InOld(string entry) => Path.Combine(staging, "old", entry);
}
