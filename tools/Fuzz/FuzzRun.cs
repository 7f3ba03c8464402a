using System.Diagnostics;
using Flixstock.Engine;

namespace Flixstock.Fuzz;

/// <summary>Figures of a run.</summary>
public sealed class FuzzReport
{
    /// <summary>Files that were read.</summary>
    public int Inputs { get; internal set; }

    /// <summary>Files that could still be read.</summary>
    public int Read { get; internal set; }

    /// <summary>Files by what was changed of them.</summary>
    public Dictionary<MutationKind, int> Kinds { get; } = [];

    /// <summary>
    /// Refusals by the beginning of the message, digits left out; names that mutations made up count as wordings of
    /// their own.
    /// </summary>
    public Dictionary<string, int> Refusals { get; } = new(StringComparer.Ordinal);

    /// <summary>Longest time of one file.</summary>
    public TimeSpan Longest { get; internal set; }

    /// <summary>Most bytes allocated beyond a file's size.</summary>
    public long MostAllocated { get; internal set; }

    /// <summary>Files that were not answered as they must be; empty is good.</summary>
    public List<string> Failures { get; } = [];

    /// <inheritdoc />
    public override string ToString() =>
        $"{Inputs} inputs ("
        + string.Join(
            ", ",
            Kinds.OrderBy(kind => kind.Key).Select(kind => $"{kind.Value} {kind.Key.ToString().ToLowerInvariant()}"))
        + $"): {Read} read, {Inputs - Read - Failures.Count} refused in {Refusals.Count} wordings, {Failures.Count} "
        + $"failures; longest {Longest.TotalMilliseconds:0} ms, at most {MostAllocated / (1 << 20)} MiB allocated "
        + $"beyond the file";
}

/// <summary>
/// Reads broken files and checks the answer: data or one <see cref="InputException"/>, in less than a second, within
/// the memory allowed.
/// </summary>
public sealed class FuzzRun(IReadOnlyList<FuzzSeed> seeds)
{
    private const int SafetensorsEvery = 5;
    private const int LegacyEvery = 6;
    private const int AsStoredEvery = 8;
    private const int EntryEvery = 15;
    private readonly List<FuzzSeed> _safetensors = [.. seeds.Where(seed => seed.IsSafetensors)];
    private readonly List<FuzzSeed> _zip = [.. seeds.Where(seed => seed.IsZip)];
    private readonly List<FuzzSeed> _legacy = [.. seeds.Where(seed => !seed.IsSafetensors && !seed.IsZip)];
    private const long Allowance = 64 << 20;
    private static readonly TimeSpan LongestAllowed = TimeSpan.FromSeconds(1);

    /// <summary>Reads so many files.</summary>
    /// <param name="first">Number of the first; the same number is always the same file.</param>
    /// <param name="count">How many.</param>
    /// <param name="timed">False: slow files are no failure, for machines that do other work.</param>
    public FuzzReport Run(int first, int count, bool timed = true)
    {
        var report = new FuzzReport();
        for (var number = first; number < first + count; number++)
        {
#pragma warning disable CA5394 // broken files are no secrets
            var random = new Random(number);
            var group =
                random.Next(SafetensorsEvery) == 0 ? _safetensors : random.Next(LegacyEvery) == 0 ? _legacy : _zip;
            var seed = group[random.Next(group.Count)];
#pragma warning restore CA5394
            var (bytes, kind) = new Mutation(random).Change(seed);
            report.Inputs++;
            report.Kinds[kind] = report.Kinds.GetValueOrDefault(kind) + 1;
            if (Answer(bytes, seed, number, report, timed) is { } failure)
                report.Failures.Add($"number {number}, {seed.Name}, {kind}: {failure}");
        }
        return report;
    }

    private static string? Answer(byte[] bytes, FuzzSeed seed, int number, FuzzReport report, bool timed)
    {
        var (before, watch) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
        var failure = Read(bytes, seed, number, report);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before - bytes.Length;
        report.MostAllocated = Math.Max(report.MostAllocated, allocated);
        report.Longest = watch.Elapsed > report.Longest ? watch.Elapsed : report.Longest;
        if (timed && watch.Elapsed > LongestAllowed)
            return $"{watch.Elapsed.TotalSeconds:0.0} s";
        return failure
            ?? (allocated > Allowance ? $"{allocated} bytes allocated beyond the file's {bytes.Length}" : null);
    }

    private static string? Read(byte[] bytes, FuzzSeed seed, int number, FuzzReport report)
    {
        try
        {
            using var file = WeightsFile.Parse(
                bytes, seed.IsSafetensors ? "f.safetensors" : "f.pth", asStored: number % AsStoredEvery == 0,
                    entry: number % EntryEvery == 0 ? "model" : null);
            if (file.Entries.Count(entry => entry.Taken) != 1)
                return "not one of its entries is taken";
            report.Read++;
            return null;
        }
        catch (InputException e)
        {
            var check = new string(
                [.. e.Message.Split(": ", 3)[^1].Take(40).Where(c => !char.IsAsciiDigit(c) && c is not '-')]);
            report.Refusals[check] = report.Refusals.GetValueOrDefault(check) + 1;
            return e.Message.Contains('\n', StringComparison.Ordinal) ? "the message has several lines" : null;
        }
#pragma warning disable CA1031 // every other exception is what is looked for
        catch (Exception e)
#pragma warning restore CA1031
        {
            return $"{e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n')[0].Trim()}";
        }
    }
}
