using System.Globalization;

namespace Flixstock.Survival;

/// <summary>A long training: memory, threads and open files do not grow.</summary>
internal sealed class SoakPart(World world, Report report)
{
    public async Task Begin()
    {
        report.Head("Soak", "| time | memory, MiB | threads | open files |\n| --- | --- | --- | --- |");
        world.Clear();
        using var child = world.Start(world.Train("--epochs", "100000"));
        var rows = new List<(int Memory, int Threads, int Files)>();
        for (var i = 1; i <= 6 && !child.Ended; i++)
        {
            await Task.Delay(TimeSpan.FromMinutes(world.Options.Minutes) / 6);
            rows.Add(Measure(child.Id));
            var (memory, threads, files) = rows[^1];
            report.Row($"{world.Options.Minutes * 10 * i} s", Text(memory), Text(threads), Text(files));
        }
        if (child.Ended)
        {
            report.Fault("soak: the training has ended");
        }
        else if (rows[^1].Memory > 1.2 * rows[1].Memory || rows[^1].Threads > rows[1].Threads + 2
            || rows[^1].Files > rows[1].Files + 4)
        {
            report.Fault("soak: something grows");
        }
        child.Signal(Fault.Terminate);
        var outcome = await child.Wait(world.Limit);
        if (outcome.Code is not 143)
            report.Fault($"soak: SIGTERM ends with {outcome.Code}");
    }

    private static (int, int, int) Measure(int process)
    {
        var status = File.ReadAllLines($"/proc/{process}/status");
        int Of(string name) => int.Parse(
            status.First(line => line.StartsWith(name, StringComparison.Ordinal))
                .Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
        return (
            Of("VmRSS:") / 1024, Of("Threads:"), Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count());
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
