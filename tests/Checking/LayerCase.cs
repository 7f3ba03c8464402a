using Flixstock.Engine;

namespace Flixstock.Tests.Checking;

/// <summary>
/// A layer whose backward pass is compared with differences of its forward pass; the tests of each operation have some.
/// </summary>
/// <param name="Name">Shown in the test's name.</param>
/// <param name="Make">Makes the layer.</param>
/// <param name="Input">Shape of its input: odd sizes and single pictures find the most.</param>
public sealed record LayerCase(string Name, Func<Layer> Make, Shape Input)
{
    public override string ToString() => Name;

    /// <summary>Fails if a gradient is not the forward pass's.</summary>
    public void Check(bool training, string kind, GradientCheckOptions? options = null)
    {
        using var backend = Kinds.Open(kind);
        options ??= new GradientCheckOptions();
        var report = GradientCheck.Run(backend, Make(), Input, options with { Training = training });
        var worst = $"worst {report.Worst} ({report.Worst?.Excess:g2} of it)";
        TestContext.Out.WriteLine($"{report.Checked} checked, {report.Skipped} skipped, {worst}");
        Assert.That(report.Failures, Is.Empty);
    }
}
