namespace Flixstock.Tests.Devices;

/// <summary>From the claims of gpu-todo.md, over the steps of a report, to the lines of gpu-verified.md.</summary>
[Platform(Exclude = "Win")]
public sealed class VerifiedTests
{
    private const string Machine =
        "machine | passed | 3 s | 2031-05-06, commit 0123456789abcdef, NVIDIA H7, driver 900.1, 9 MiB, 1 MHz\n";

    private const string Doctor = "doctor | passed | 9 s | CUDA 19.1.5, cuDNN 12.3.0: training on CUDA works\n";

    private static string Todo => Path.Combine(Golden.RepositoryFolder, "docs", "gpu-todo.md");

    private static List<string[]> Claims =>
        [.. File.ReadAllLines(Todo).Where(line => line.StartsWith('|')).Skip(2).Select(line => line.Split(" | "))];

    [Test]
    public void EveryClaimNamesStepsThatThereAreOrIsForAHand()
    {
        var steps = GpuScripts.Steps();
        Assert.That(Claims, Has.Count.GreaterThan(20).And.All.Length.EqualTo(2));
        foreach (var claim in Claims.Where(claim => !claim[1].StartsWith("by hand: ", StringComparison.Ordinal)))
        {
            var named = claim[1].TrimEnd(' ', '|').Split(", ").Select(name => name.Trim('`')).ToList();
            Assert.That(named, Is.Not.Empty.And.SubsetOf(steps), claim[0]);
        }
    }

    [Test]
    public void WhatPassedGetsALineAndWhatFailedOrIsNotHereNone()
    {
        using var folder = new TemporaryFolder();
        folder.Write(
            "summary.txt",
            Machine + Doctor + """
            deterministic | passed | 9 s | the same 12 bytes | of both
            graph-equals-eager | failed | 9 s | differ: char 8
            ncu | not here | 0 s | not here: ncu is not installed
            check-fp32 | passed | 1 s | 5 of 5 operations agree
            speed-train | passed | 1 s | 10 images/s

            """);
        var page = folder["gpu-verified.md"];
        var (code, output) = Run(folder, page);
        Assert.That(code, Is.Zero, output);
        var lines = File.ReadAllLines(page);
        Assert.That(lines[0], Is.EqualTo("# Seen on a GPU"));
        const string Facts = "| 2031-05-06 | NVIDIA H7 | 900.1 | 19.1.5 | 12.3.0 | 012345678 | ";
        string[] expected =
        [
            Facts + Claims[0][0][2..] + " | doctor: CUDA 19.1.5, cuDNN 12.3.0: training on CUDA works |",
            Facts + "`--deterministic` runs are equal to the bit; reduction-scheme mask 2 is accepted | "
                + "deterministic: the same 12 bytes / of both |",
        ];
        Assert.That(lines.SkipWhile(line => !line.StartsWith("| ---", StringComparison.Ordinal)).Skip(1),
            Is.EqualTo(expected));

        // Another report adds to the page, the same one does not.
        Assert.That(Run(folder, page).Output, Does.Contain("0 new lines"));
        folder.Write("summary.txt", File.ReadAllText(folder["summary.txt"]).Replace("2031", "2032"));
        Assert.That(Run(folder, page).Output, Does.Contain("2 new lines"));
        Assert.That(File.ReadAllLines(page), Has.Length.EqualTo(lines.Length + 2));
    }

    [TestCase(Doctor, "machine")]
    [TestCase(Machine, "doctor")]
    [TestCase("machine | passed | 1 s | fine\n" + Doctor, "'fine'")]
    public void WithoutMachineAndLibrariesThereIsNoLine(string summary, string named)
    {
        using var folder = new TemporaryFolder();
        folder.Write("summary.txt", summary);
        var (code, output) = Run(folder, folder["page.md"]);
        Assert.That((code, File.Exists(folder["page.md"])), Is.EqualTo((1, false)), output);
        Assert.That(output, Does.Contain(named).And.Contain("summary.txt"));
    }

    private static (int Code, string Output) Run(TemporaryFolder folder, string page) =>
        OwnTests.Start(["bash", GpuScripts.Verified, folder.Path, page]);
}
