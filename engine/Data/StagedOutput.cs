namespace Flixstock.Engine;

/// <summary>
/// A hidden folder beside the results in which they grow; <see cref="Publish"/> moves them into place by renaming. Until then, and if anything fails,
/// what was there before stays.
/// </summary>
internal sealed class StagedOutput : IDisposable
{
    private readonly string _target;
    private readonly string _old;

    public StagedOutput(string target)
    {
        _target = target;
        var staging = Path.Combine(target, $".writing-{Environment.ProcessId}-{Guid.NewGuid():N}");
        Folder = Path.Combine(staging, "new");
        _old = Path.Combine(staging, "old");
        try
        {
            Directory.CreateDirectory(Folder);
            Directory.CreateDirectory(_old);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{target}: cannot be written: {e.Message}; choose a folder that you may write to", e);
        }
    }

    /// <summary>Where to write; laid out as the target.</summary>
    public string Folder { get; }

    /// <summary>Replaces the target's entries of the same names by the new ones; on failure the old ones come back.</summary>
    public void Publish()
    {
        var moved = new List<string>();
        try
        {
            foreach (var entry in Directory.GetFileSystemEntries(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal))
            {
                if (Path.Exists(Path.Combine(_target, entry)))
                    Directory.Move(Path.Combine(_target, entry), Path.Combine(_old, entry));
                moved.Add(entry);
                Directory.Move(Path.Combine(Folder, entry), Path.Combine(_target, entry));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            GoBack(moved);
            throw new InputException($"{_target}: the results cannot be put into place: {e.Message}", e);
        }
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);

    private void GoBack(List<string> moved)
    {
        foreach (var entry in moved)
        {
            var place = Path.Combine(_target, entry);
            if (Path.Exists(place))
                Directory.Move(place, Path.Combine(Folder, entry));
            if (Path.Exists(Path.Combine(_old, entry)))
                Directory.Move(Path.Combine(_old, entry), place);
        }
    }
}
