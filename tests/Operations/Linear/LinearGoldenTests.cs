using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>The reference implementation's numbers, kernel by kernel.</summary>
public sealed class LinearGoldenTests
{
    [TestCaseSource(typeof(GoldenLayer), nameof(GoldenLayer.Cases), new object[] { "linear" })]
    public void KernelsAgreeWithTheReferenceImplementation(string backend, string name)
    {
        using var layer = GoldenLayer.Open(backend, name);
        var (x, dy, weight) = (layer.Input("x"), layer.Input("dy"), layer.Input("weight"));
        var (y, dx, dweight, dbias) = (layer.Output(), layer.Like("x"), layer.Like("weight"), layer.Like("bias"));
        layer.Kernels.LinearForward(x, weight, layer.Input("bias"), ActivationKind.None, y);
        layer.Kernels.LinearBackwardData(dy, weight, accumulate: false, dx);
        layer.Kernels.LinearBackwardWeight(x, dy, dweight, dbias);
        layer.Check("y", y);
        layer.Check("dx", dx);
        layer.Check("dweight", dweight);
        layer.Check("dbias", dbias);
    }
}
