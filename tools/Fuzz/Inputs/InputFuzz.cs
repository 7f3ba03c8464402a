using System.Diagnostics;
using Flixstock.Engine;

namespace Flixstock.Fuzz;

/// <summary>What came of one kind of file.</summary>
public sealed class InputReport
{
    /// <summary>Files that were read.</summary>
    public int Inputs { get; internal set; }

    /// <summary>Files that could be read all the same.</summary>
    public int Read { get; internal set; }

    /// <summary>Longest time of one file, of the processor.</summary>
    public TimeSpan Longest { get; internal set; }

    /// <summary>Most bytes that one file took on the heap, everything allocated while it was read counted.</summary>
    public long MostAllocated { get; internal set; }
}

/// <summary>
/// Breaks every kind of file that commands read and looks at what they answer: success, or one line that names the
/// file, as <see cref="InputException"/> or <see cref="EngineException"/>; in time, and within the memory allowed.
/// </summary>
public sealed class InputFuzz : IDisposable
{
    private const long Allowance = 256 << 20, PictureAllowance = 3L << 29;
    private static readonly TimeSpan LongestAllowed = TimeSpan.FromSeconds(5), Hang = TimeSpan.FromSeconds(120);
    private readonly string _root;
    private readonly InputSeeds _seeds;
    private readonly List<FuzzInput> _inputs;
    private volatile string _now = "";
    private long _since;

    /// <summary>Makes the good files.</summary>
    /// <param name="only">Kinds whose name begins so; empty: all.</param>
    public InputFuzz(string only = "")
    {
        _root = Directory.CreateDirectory(Path.Combine(
            Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(),
            $"flixstock-fuzz-{Guid.NewGuid():N}")).FullName;
        _seeds = new InputSeeds(_root);
        _inputs = _seeds.All().FindAll(input => input.Name.StartsWith(only, StringComparison.Ordinal));
    }

    /// <summary>Reports by kind.</summary>
    public SortedDictionary<string, InputReport> Reports { get; } = new(StringComparer.Ordinal);

    /// <summary>Files that were not answered as they must be; empty is good.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Reads this many files.</summary>
    /// <param name="first">Number of the first; the same number is always the same file.</param>
    /// <param name="count">How many.</param>
    /// <param name="timed">False: slow files are no failure, for machines that do other work.</param>
    /// <param name="told">Told of failures at once.</param>
    public void Run(int first, int count, bool timed = true, Action<string>? told = null)
    {
        using var watchdog = new Timer(_ => Watch(), null, Hang, TimeSpan.FromSeconds(10));
        RequireGood();
        var turns = _inputs.SelectMany(input => Enumerable.Repeat(input, input.Weight)).ToArray();
        for (var number = first; number < first + count; number++)
        {
#pragma warning disable CA5394 // broken files are no secrets
            var random = new Random(number);
#pragma warning restore CA5394
            var input = turns[random.Next(turns.Length)];
            var bytes = input.Change(random, input.Seed);
            File.WriteAllBytes(input.Place, bytes);
            (_now, _since) = ($"number {number}, {input.Name}", Stopwatch.GetTimestamp());
            if (Answer(input, bytes.Length, number, timed) is { } failure)
            {
                Failures.Add($"number {number}, {input.Name}: {failure}");
                told?.Invoke(Failures[^1]);
            }
            File.WriteAllBytes(input.Place, input.Seed);
        }
        _now = "";
    }

    /// <summary>Removes the files.</summary>
    public void Dispose()
    {
        _seeds.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    // What the good file does not pass says nothing about broken ones.
    private void RequireGood()
    {
        foreach (var input in _inputs)
        {
            try
            {
                input.Read(0);
            }
            catch (Exception e) when (e is InputException or EngineException)
            {
                throw new InvalidOperationException($"{input.Name}: the good file is refused: {e.Message}", e);
            }
        }
    }

    private string? Answer(FuzzInput input, int length, int number, bool timed)
    {
        if (!Reports.TryGetValue(input.Name, out var report))
            Reports.Add(input.Name, report = new InputReport());
        report.Inputs++;
        var (before, start) = (GC.GetTotalAllocatedBytes(), Environment.CpuUsage.TotalTime);
        var failure = Read(input, number, report);
        var taken = Environment.CpuUsage.TotalTime - start; // a machine that does other work is no slow reader
        var allocated = GC.GetTotalAllocatedBytes() - before;
        report.MostAllocated = Math.Max(report.MostAllocated, allocated);
        report.Longest = taken > report.Longest ? taken : report.Longest;
        if (failure is not null)
            return failure;
        if (timed && taken > LongestAllowed)
            return $"{taken.TotalSeconds:0.0} s";
        var allowed = (input.Name.StartsWith("picture", StringComparison.Ordinal) ? PictureAllowance : Allowance)
            + (20L * length);
        return allocated > allowed ? $"{allocated >> 20} MiB allocated for a file of {length} bytes" : null;
    }

    private static string? Read(FuzzInput input, int number, InputReport report)
    {
        try
        {
            input.Read(number);
            report.Read++;
            return null;
        }
        catch (Exception e) when (Inner(e) is InputException or EngineException)
        {
            var message = Inner(e).Message;
            return message.Contains('\n', StringComparison.Ordinal) ? $"several lines: {message}"
                : message.Contains(input.Folder, StringComparison.Ordinal) ? null : $"the file is not named: {message}";
        }
#pragma warning disable CA1031 // every other exception is what is looked for
        catch (Exception e)
#pragma warning restore CA1031
        {
            return $"{e.GetType().Name}: {MessageText.Shortened(e.Message)} "
                + $"{string.Join(" | ", (e.StackTrace ?? "").Split('\n').Take(4).Select(line => line.Trim()))}";
        }
    }

    private static Exception Inner(Exception e) =>
        e is AggregateException several ? several.Flatten().InnerExceptions[0] : e;

    private void Watch()
    {
        if (_now.Length > 0 && Stopwatch.GetElapsedTime(_since) > Hang)
            Environment.FailFast($"hangs: {_now}");
    }
}
