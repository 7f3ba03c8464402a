using Flixstock.Fuzz;

namespace Flixstock.Tests.Weights;

/// <summary>A short run of tools/Fuzz: broken files of weights are refused by one line, within the memory allowed. Times are not judged here.</summary>
[TestFixture]
public sealed class FuzzTests
{
    private const int Inputs = 1500;

    [Test]
    public void BrokenFilesAreReadOrRefusedAndNothingElse()
    {
        var report = new FuzzRun(FuzzSeeds.Load(Golden.PathOf("pth"))).Run(first: 1, Inputs, timed: false);
        TestContext.Out.WriteLine(report);
        Assert.That(report.Failures, Is.Empty);
        Assert.That(report.Inputs - report.Read, Is.GreaterThan(Inputs / 2), "mutations that change nothing prove nothing");
    }

    // The full run's figures, and what it never goes, are in docs/formats.md.
    [Test]
    public void AShortRunGoesMostBranchesOfTheReaders()
    {
        var (report, failures, coverage) = CoveredRun.Run(Golden.PathOf("pth"), first: 1, 5000, timed: false);
        TestContext.Out.WriteLine($"{report}\n{coverage}");
        Assert.That(failures, Is.Empty);
        Assert.That(coverage.Ways, Is.GreaterThan(600), "the readers are measured");
        Assert.That(coverage.Taken, Is.InRange(0.9 * coverage.Ways, coverage.Ways - 1), "nearly all, and not everything is counted as gone");
    }
}
