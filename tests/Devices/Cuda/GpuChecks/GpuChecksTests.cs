namespace Flixstock.Tests.Devices;

/// <summary>
/// The logic of gpu-checks.sh, over programs that only say what they were asked: what is done stays done, whenever the
/// script is killed.
/// </summary>
[NonParallelizable]
[Platform("Linux")] // setsid, whose session is what is killed
public sealed class GpuChecksTests
{
    // The first runs end while the script begins, in its first steps and in what it writes after them.
    private static readonly int[] Moments = [3, 9, 14, 19, 26, 35, 41, 52, 60, 75];

    [Test]
    public void EveryFinishedStepSurvivesAKillAtAnyMomentAndIsNotDoneAgain()
    {
        using var server = new FakeServer();
        var killed = new List<string>();
        var inFlight = new List<string>();
        foreach (var moment in Moments)
        {
            var output = server.Run(moment).Output;
            Assert.That(server.Killed, Is.Not.Null, $"call {moment} was to end the script:\n{output}");
            killed.Add(server.Killed!.Split(' ')[0]);
            var done = server.Summary();
            Assert.That(done, Is.All.Property("Length").EqualTo(4));
            // All had ended but the last one, which an earlier run may have begun too.
            var ended = server.Begun.Where(step => step != server.Begun[^1]).Distinct();
            Assert.That(done.Select(line => line[0]), Is.SupersetOf(ended), server.Killed);
            inFlight.AddRange(server.Begun.TakeLast(1).Except(done.Select(line => line[0])));
        }
        Assert.That(killed.Distinct().Count(), Is.GreaterThan(4), string.Join(", ", killed));
        var (code, text) = server.Run();
        Assert.That(code, Is.Zero, text);
        Assert.That(server.Summary().Select(line => line[0]), Is.EqualTo(GpuScripts.Steps()));
        Assert.That(
            server.Begun.GroupBy(step => step).Where(step => step.Count() > 1 + inFlight.Count(one => one == step.Key)),
            Is.Empty, "a finished step was done again");
        Assert.That(
            Directory.GetFiles(server["out"]).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "summary.txt", "log.txt", "state.tgz" }));
        GoesOnElsewhere(server);
    }

    // On a machine that has nothing of the first one but the state.
    private static void GoesOnElsewhere(FakeServer server)
    {
        var begun = server.Begun.Count;
        var state = server["state.tgz"];
        File.Copy(Path.Combine(server["out"], "state.tgz"), state);
        var (code, output) = server.Run(0, null, "--out", server["other"], "--state", state);
        Assert.That((code, server.Begun.Count), Is.EqualTo((0, begun)), output);
        Assert.That(server.Summary("other"), Is.EqualTo(server.Summary()));

        // Of a copy that broke off nothing is used.
        File.WriteAllBytes(state, File.ReadAllBytes(state)[..^9]);
        output = server.Run(40, null, "--out", server["third"], "--state", state).Output;
        Assert.That(output, Does.Contain($"{state}: is not whole, so it is left aside"));
        Assert.That(server.Begun, Has.Count.GreaterThan(begun));
        File.WriteAllText(Path.Combine(server["third"], "state.tgz"), "leftover");
        Assert.That(
            server.Run(30, null, "--out", server["third"]).Output,
            Does.Contain("third/state.tgz: is not whole, so it is left aside"));
    }

    [Test]
    public void FailedNotHereAndCutOffAreToldApart()
    {
        using var server = new FakeServer();
        (string, string?)[] troubles =
        [
            ("CUT", "doctor check-bf16 kernels"), ("FAILING", "--precision tf32"), ("PYTHON", "no-such-python"),
        ];
        var (code, output) = server.Run(0, troubles);
        var results = server.Summary().ToDictionary(line => line[0]);
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(1), output);
            Assert.That(output, Does.Contain(", left: ").And.Contain("check-bf16: cut off after 60 s"));
            Assert.That(
                (results["check-tf32"][1], results["check-tf32"][3]), Is.EqualTo(("failed", "this went wrong")));
            Assert.That(results["torch-train"][1], Is.EqualTo("not here"));
            Assert.That(results["torch-train"][3], Does.Contain("no-such-python"));
            Assert.That(
                (results["speed-train"][1], results["speed-train"][3]),
                Is.EqualTo(("passed", "6000.0 images/s, peak 10.00 GiB")));
            Assert.That(results, Does.Not.ContainKey("doctor").And.Not.ContainKey("kernels"));
            Assert.That(File.ReadAllText(Path.Combine(server["out"], "log.txt")), Does.Contain("this went wrong"));
        });

        // A step that was never tried comes before those that were cut off.
        var begun = server.Begun.Count;
        var lines = File.ReadAllLines(Path.Combine(server["out"], "summary.txt"));
        File.WriteAllLines(Path.Combine(server["out"], "summary.txt"), lines[..^1]);
        server.Run();
        string[] expected = ["nsys", "doctor", "check-bf16", "kernels"];
        Assert.That(server.Begun.Skip(begun), Is.EqualTo(expected));
        Assert.That(server.Summary().Select(line => line[0]), Is.EquivalentTo(GpuScripts.Steps()));
    }

    [Test]
    public void AStepStartsOnlyWhereItsBoxFitsAndASlowerOneThanWantedFails()
    {
        using var server = new FakeServer();
        var (code, output) = server.Run(0, [("LIMIT", "70")]);
        Assert.That(code, Is.EqualTo(3), output);
        Assert.That(output, Does.Contain(", left: speed-train"));
        Assert.That(server.Begun, Does.Not.Contain("speed-train").And.Not.Contain("torch-train"));
        Assert.That(
            server.Run(0, null, "--limit", "soon").Output, Does.Contain("--limit soon: give a whole number of"));
        Assert.That(server.Run(0, null, "--step", "none").Code, Is.EqualTo(2));
        Assert.That(server.Run(0, null, "--step", "torch-train").Output, Does.Contain("nothing of speed-train"));
        File.AppendAllText(
            Path.Combine(server["out"], "summary.txt"), "speed-train | passed | 9 s | 3100.0 images/s, peak 1 GiB\n");
        (code, output) = server.Run(0, null, "--step", "torch-train");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("ours is 1.03 times as fast (at least 1.5 is wanted)"));
    }
}
