namespace Flixstock.Engine;

/// <summary>Options for checking pictures before they are needed.</summary>
public sealed record PictureCheckOptions
{
    /// <summary>Threads that decode.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Time limit, after which the rest is not checked.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Decides which pictures come first, and so which ones are checked if the time does not suffice for all.
    /// </summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Folder of what was found earlier; null: nothing is kept.</summary>
    public string? CacheFolder { get; init; } = PictureCheckCache.DefaultFolder;
}

/// <summary>Result of a check of pictures.</summary>
/// <param name="Pictures">Number of pictures in the data set.</param>
/// <param name="Checked">Pictures known to be good or bad, now or from an earlier time.</param>
/// <param name="Bad">Pictures that cannot be read, by part and index.</param>
/// <param name="Warning">Why the results could not be kept for the next time; null if they could.</param>
public sealed record PictureCheckReport(int Pictures, int Checked, IReadOnlyList<BadPicture> Bad, string? Warning)
{
    /// <summary>True if the time sufficed for all.</summary>
    public bool IsComplete => Checked == Pictures;
}

/// <summary>
/// Decodes pictures before the first step of a training, so that one that cannot be read is found in the first minute
/// and not after hours. Where the time does not suffice for all, a seeded sample is checked. Pictures that were good
/// are remembered for the next time, by path, size and time of change.
/// </summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="options">Options of the check.</param>
public sealed class PictureCheck(PictureCheckOptions options)
{
    // What takes less is as well done again.
    private static readonly TimeSpan WorthKeeping = TimeSpan.FromSeconds(1);

    /// <summary>Checks pictures.</summary>
    /// <param name="folder">The data set's folder, which what is kept is kept for.</param>
    /// <param name="parts">Parts of the data set.</param>
    /// <param name="progress">Pictures done and in all, from several threads.</param>
    /// <param name="cancellation">Stops; what was found until then is kept.</param>
    public PictureCheckReport Run(
        string folder, IReadOnlyList<(string Part, ImageDataset Data)> parts,
        IProgress<(int Done, int Total)>? progress = null, CancellationToken cancellation = default)
    {
        NativeLibraryCheck.RequireSkia();
        var all = parts.SelectMany(part => part.Data.Samples.Select(sample => (part.Part, Sample: sample))).ToArray();
        var cache = PictureCheckCache.Open(options.CacheFolder, folder);
        var order = Order(all, cache.Suspects);
        var keys = new UInt128?[all.Length];
        var bad = new BadPicture?[all.Length];
        var (done, start) = (0, options.Time.GetTimestamp());
        try
        {
            PictureWorkers.Run(order.Length, options.Workers, number =>
            {
                if (options.Time.GetElapsedTime(start) >= options.Limit)
                    return;
                var place = order[number];
                var (part, sample) = all[place];
                keys[place] = PictureCheckCache.KeyOf(sample);
                if (!cache.IsGood(keys[place]))
                    bad[place] = Look(part, sample);
                progress?.Report((Interlocked.Increment(ref done), all.Length));
            }, cancellation);
        }
        finally
        {
            if (options.Time.GetElapsedTime(start) >= WorthKeeping)
                Keep(cache, all, keys, bad, complete: done == all.Length);
        }
        cancellation.ThrowIfCancellationRequested();
        return new PictureCheckReport(all.Length, done, [.. bad.OfType<BadPicture>()], cache.Warning);
    }

    private static void Keep(
        PictureCheckCache cache, (string Part, Sample Sample)[] all, UInt128?[] keys,
        BadPicture?[] bad, bool complete) =>
        cache.Keep(
            [.. keys.Where((key, i) => key is not null && bad[i] is null).Select(key => key!.Value)],
            [.. all.Where((_, i) => bad[i] is not null).Select(one => one.Sample.Name)], complete);

    /// <summary>Remembers that a picture could not be read later on, so that the next check begins with it.</summary>
    /// <param name="folder">The data set's folder.</param>
    /// <param name="failure">The failure of one of its pictures.</param>
    public void Remember(string folder, PictureException failure)
    {
        if (failure.Sample is { } sample)
            PictureCheckCache.Open(options.CacheFolder, folder).Suspect(sample);
    }

    // What could not be read the last time comes first.
    private int[] Order((string Part, Sample Sample)[] all, IReadOnlySet<string> suspects)
    {
        var order = Enumerable.Range(0, all.Length).ToArray();
        new SeededRandom(options.Seed).Derive("picture check").Shuffle(order.AsSpan());
        return suspects.Count == 0
            ? order
            : [.. order.OrderBy(place => suspects.Contains(all[place].Sample.Name) ? 0 : 1)];
    }

    /// <summary>Decodes a picture as training does.</summary>
    /// <returns>The fault of the picture, or null.</returns>
    internal static BadPicture? Look(string part, Sample sample)
    {
        try
        {
            sample.Give(new PictureMeasure());
            return null;
        }
        catch (PictureException e)
        {
            return new BadPicture(part, sample.File, e.Problem);
        }
    }
}
