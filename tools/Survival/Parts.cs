using System.Diagnostics;

namespace Flixstock.Survival;

/// <summary>The parts and their names.</summary>
internal static class Parts
{
    public static readonly IReadOnlyList<string> Names =
    [
        "kills", "signals", "disk", "faults", "writers", "damage", "divergence", "soak", "short",
    ];

    /// <summary>Runs the parts that were asked for and prints their tables.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> Run(World world) => Run(world, new Report());

    /// <summary>The same, with a report that the caller keeps.</summary>
    public static async Task<int> Run(World world, Report report)
    {
        if (world.Missing.Length > 0)
            report.Note(world.Missing);
        var watch = Stopwatch.StartNew();
        await world.Begin();
        foreach (var name in Names.Where(name => world.Options.Parts.Count == 0
            ? name is not "soak" and not "short"
            : world.Options.Parts.Contains(name)))
        {
            await Run(name, world, report);
        }
        Console.WriteLine(report.Tables);
        Console.WriteLine($"{report.Faults.Count} faults, {watch.Elapsed.TotalSeconds:0} s, seed {world.Options.Seed}");
        return report.Faults.Count == 0 ? 0 : 1;
    }

    private static Task Run(string name, World world, Report report) => name switch
    {
        "kills" => new KillPart(world, report).Run(),
        "signals" => new SignalPart(world, report).Run(),
        "disk" => new DiskPart(world, report).Begin(),
        "faults" => new FaultPart(world, report).Run(),
        "writers" => new WriterPart(world, report).Begin(),
        "damage" => new DamagePart(world, report).Begin(),
        "divergence" => new DivergencePart(world, report).Begin(),
        "short" => new ShortPart(world, report).Run(),
        _ => new SoakPart(world, report).Begin(),
    };
}
