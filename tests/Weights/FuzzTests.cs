using System.Globalization;
using Flixstock.Fuzz;

namespace Flixstock.Tests.Weights;

/// <summary>
/// A short run of tools/Fuzz: broken files of weights are refused by one line, within the memory allowed. Times are not
/// judged here.
/// </summary>
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
        Assert.That(
            report.Inputs - report.Read, Is.GreaterThan(Inputs / 2), "mutations that change nothing prove nothing");
    }

    // tools/Fuzz/coverage.sh runs this one to count the readers' branches; the full run's figures are in
    // docs/formats.md.
    [Test]
    public void ALongerRunFindsNothingEither()
    {
        var inputs = int.Parse(
            Environment.GetEnvironmentVariable("FLIXSTOCK_FUZZ_INPUTS") ?? "5000", CultureInfo.InvariantCulture);
        var report = new FuzzRun(FuzzSeeds.Load(Golden.PathOf("pth"))).Run(first: 1, inputs, timed: false);
        TestContext.Out.WriteLine(report);
        Assert.That(report.Failures, Is.Empty);
    }
}
