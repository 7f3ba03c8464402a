using System.Globalization;

namespace Flixstock.Engine;

/// <summary>Disk space of a run.</summary>
internal static class RunSpace
{
    // Of a state: the parameters, two moments and the average.
    private const int StateCopies = 4, Checkpoints = 3; // last, average, best

    /// <summary>
    /// Bytes that a run's large files take at most, the one that is being written next to its older version included.
    /// </summary>
    /// <param name="parameters">Numbers of the network, running statistics included.</param>
    /// <param name="options">Options of the run: how many states are kept.</param>
    public static long Needed(long parameters, TrainerOptions options)
    {
        var weights = parameters * sizeof(float);
        var state = options.KeepResumeState ? StateCopies * weights : 0;
        return (options.KeepStates * state) + (Checkpoints * weights) + Math.Max(state, weights);
    }

    /// <summary>Bytes that may be written to the disk of a folder; null if the system does not report it.</summary>
    public static long? FreeIn(string folder)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>
    /// One line if a disk has less space than a run needs; null if it has enough. Files that the run already has there
    /// are counted.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="needed">Bytes needed, from <see cref="Needed"/>.</param>
    /// <param name="free">Free bytes of a folder, from <see cref="FreeIn"/>.</param>
    internal static Wording? Note(TrainingRun run, long needed, Func<string, long?> free)
    {
        var more = needed - run.Size;
        return free(run.Folder) is { } left && left < more ? Short(run.Folder, left, more) : null;
    }

    private static Wording Short(string folder, long free, long needed) =>
        $"{folder}: {Size(free)} are free, and the run needs about {Size(needed)} for its states and checkpoints; "
        + $"make space, or give {Term.Folder} on another disk";

    private static string Size(long bytes) => bytes < 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB");
}
