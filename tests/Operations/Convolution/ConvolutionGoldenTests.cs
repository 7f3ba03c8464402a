using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>The reference implementation's numbers, kernel by kernel.</summary>
public sealed class ConvolutionGoldenTests
{
    [TestCaseSource(typeof(GoldenLayer), nameof(GoldenLayer.Cases), new object[] { "conv1x1" })]
    [TestCaseSource(typeof(GoldenLayer), nameof(GoldenLayer.Cases), new object[] { "conv3x3" })]
    public void KernelsAgreeWithTheReferenceImplementation(string backend, string name)
    {
        using var layer = GoldenLayer.Open(backend, name);
        var stride = name.Contains("_s2_", StringComparison.Ordinal) ? 2 : 1;
        var geometry = new ConvolutionGeometry(stride, Padding: name == "conv1x1" ? 0 : 1);
        var (x, dy, weight) = (layer.Input("x"), layer.Input("dy"), layer.Input("weight"));
        var (y, dx, dweight) = (layer.Output(), layer.Like("x"), layer.Like("weight"));
        layer.Kernels.ConvolutionForward(x, weight, geometry, y);
        layer.Kernels.ConvolutionBackwardData(dy, weight, geometry, accumulate: false, dx);
        layer.Kernels.ConvolutionBackwardWeight(x, dy, geometry, dweight);
        layer.Check("y", y);
        layer.Check("dx", dx);
        layer.Check("dweight", dweight);
    }
}
