using Flixstock.Stress;

namespace Flixstock.Tests.Models;

/// <summary>A short run of tools/Stress.</summary>
public sealed class StressTests
{
    [Test]
    public void ManyThreadsGetTheResultsOfOne()
    {
        var reports = StressScenarios.All(new StressLoad(Threads: 4, Calls: 12, Workers: 2))
            .ToDictionary(scenario => scenario.Name, scenario => scenario.Run(0), StringComparer.Ordinal);
        Assert.Multiple(() =>
        {
            foreach (var (name, report) in reports)
            {
                Assert.That(report.Wrong, Is.Zero, name);
                Assert.That(report.Failures, Is.Empty, name);
                Assert.That(report.Calls, Is.GreaterThan(12), name);
            }
        });
    }
}
