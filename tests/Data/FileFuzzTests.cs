using Flixstock.Fuzz;

namespace Flixstock.Tests.Data;

/// <summary>A short run of tools/Fuzz over every kind of file that commands read. Times are not judged here.</summary>
[TestFixture]
public sealed class FileFuzzTests
{
    [Test]
    public void BrokenFilesAreReadOrRefusedByOneLineThatNamesThem()
    {
        using var fuzz = new InputFuzz();
        fuzz.Run(first: 1, count: 600, timed: false);
        Assert.That(fuzz.Failures, Is.Empty);
        Assert.That(
            fuzz.Reports.Values.Sum(report => report.Read), Is.InRange(60, 400),
            "mutations that change nothing prove nothing, nor do those that destroy everything");
    }
}
