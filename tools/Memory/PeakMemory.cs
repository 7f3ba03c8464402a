using System.Diagnostics;

namespace Flixstock.Memory;

/// <summary>What a program needed.</summary>
/// <param name="Mebibytes">The most resident memory that was seen.</param>
/// <param name="Seconds">From start to end.</param>
/// <param name="ExitCode">Of the program.</param>
/// <param name="Error">The first line that it wrote to its error stream.</param>
internal sealed record PeakMemory(long Mebibytes, double Seconds, int ExitCode, string Error)
{
    private const string Peak = "VmHWM:";

    /// <summary>Runs a program to its end.</summary>
    public static PeakMemory Of(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        long peak = 0;
        while (!process.WaitForExit(2))
            peak = Math.Max(peak, Read(process.Id));
        Task.WaitAll(output, error);
        return new PeakMemory(peak >> 10, watch.Elapsed.TotalSeconds, process.ExitCode, error.Result.Split('\n')[0]);
    }

    /// <summary>A row for people.</summary>
    public string Line(string name) => $"{name,-24} {Mebibytes,6} MiB {Seconds,7:0.0} s  exit {ExitCode}  {Error}";

    private static long Read(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(one => one.StartsWith(Peak, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[Peak.Length..].Replace("kB", "", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0; // it has just ended
        }
    }
}
