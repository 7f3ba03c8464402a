using System.Reflection;

namespace Flixstock.Tests.Operations;

/// <summary>Every layer of the reference implementation's file is compared by the tests of some operation.</summary>
public sealed class GoldenLayerTests
{
    [Test]
    public void EveryCaseBelongsToAnOperation()
    {
        var words = typeof(GoldenLayerTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttributes<TestCaseSourceAttribute>())
            .Where(source => source.SourceType == typeof(GoldenLayer))
            .Select(source => (string)source.MethodParams![0]!);
        var compared = words.SelectMany(GoldenLayer.Cases).Select(test => (string)test.Arguments[1]!);
        Assert.That(compared.Distinct(), Is.EquivalentTo(GoldenLayer.Names));
        Assert.That(GoldenLayer.Names.Count(), Is.EqualTo(45));
    }
}
