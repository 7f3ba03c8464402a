namespace Flixstock.Tests.Operations;

/// <summary>The reference implementation's numbers, kernel by kernel.</summary>
public sealed class SpaceToDepthGoldenTests
{
    private const int Block = 4;

    [TestCaseSource(typeof(GoldenLayer), nameof(GoldenLayer.Cases), new object[] { "space" })]
    public void KernelsAgreeWithTheReferenceImplementation(string backend, string name)
    {
        using var layer = GoldenLayer.Open(backend, name);
        var (y, dx) = (layer.Output(), layer.Like("x"));
        layer.Kernels.SpaceToDepthForward(layer.Input("x"), Block, y);
        layer.Check("y", y);
        layer.Kernels.SpaceToDepthBackward(layer.Input("dy"), Block, accumulate: false, dx);
        layer.Check("dx", dx);
    }
}
