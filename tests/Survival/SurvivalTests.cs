using Flixstock.Survival;

namespace Flixstock.Tests;

/// <summary>
/// The shortest part of the kill test; tools/Survival run by hand does the rest (docs/reliability.md).
/// </summary>
[TestFixture, Parallelizable] // separate processes
internal sealed class SurvivalTests
{
    [Test, Platform("Linux")]
    public async Task Killed_commands_leave_whole_files_and_end_with_equal_bytes()
    {
        var report = new Report();
        using var world = new World(
            new SurvivalOptions { Command = Path.Combine(AppContext.BaseDirectory, "flixstock"), Parts = ["short"] });
        await Parts.Run(world, report);
        Assert.That(report.Faults, Is.Empty);
    }

    [Test]
    public void A_mixture_a_half_written_file_and_a_leftover_are_seen()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["whole.csv"], "a,b\n1,2\n");
        File.WriteAllText(folder["half.csv"], "a,b\n1,");
        File.WriteAllText(folder[".half.csv.part"], "a");
        var before = Snapshot.Of(folder.Path);
        Assert.That(FileCheck.Halves(folder.Path), Has.Count.EqualTo(1).And.Some.StartsWith("half.csv"));
        File.WriteAllText(folder["half.csv"], "a,b\n1,2\n");
        Directory.CreateDirectory(folder["new"]);
        Assert.That(before.DifferencesTo(Snapshot.Of(folder.Path)), Is.EqualTo(new[] { "half.csv", "+new/" }));
        Assert.That(before.Finished().Entries.Keys, Is.EqualTo(new[] { "half.csv", "whole.csv" }));
    }

    [Test]
    public void Times_are_no_difference_and_numbers_are()
    {
        using var folder = new TemporaryFolder();
        var metrics = folder["metrics.csv"];
        File.WriteAllText(metrics, "epoch,seconds,loss\n1,0.5,2\n");
        var before = Snapshot.Of(folder.Path);
        File.WriteAllText(metrics, "epoch,seconds,loss\n1,0.7,2\n");
        Assert.That(before.DifferencesTo(Snapshot.Of(folder.Path)), Is.Empty);
        File.WriteAllText(metrics, "epoch,seconds,loss\n1,0.7,3\n");
        Assert.That(before.DifferencesTo(Snapshot.Of(folder.Path)), Is.EqualTo(new[] { "metrics.csv" }));
    }

    [Test]
    public void Exact_points_cover_every_kind_of_call_and_know_random_names()
    {
        (string, string)[] calls =
        [
            ("open", "/w/now/a.*.part"), ("write", "/w/now/a.*.part"), ("write", "/w/now/a.*.part"),
            ("rename", "/w/now/a"), ("read", "/w/now/a"), ("rename", "/w/other"),
        ];
        var points = Points.Of(calls, "/w/now", perFile: 1, new Engine.SeededRandom(1));
        Assert.That(points.Select(point => $"{point.When} {point.Kind} {point.Count}"),
            Is.EqualTo(new[] { "before open 1", "middle write 1", "before rename 1", "after rename 1" }));
        Assert.That(Point.General("/r/.a.csv.4135-12a2c7-9fef9197-a8dedabb0869.part"), Is.EqualTo("/r/.a.csv.*.part"));
    }
}
