using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>The reference implementation's numbers, kernel by kernel.</summary>
public sealed class SqueezeExciteGoldenTests
{
    [TestCaseSource(typeof(GoldenLayer), nameof(GoldenLayer.Cases), new object[] { "se" })]
    public void KernelsAgreeWithTheReferenceImplementation(string backend, string name)
    {
        using var layer = GoldenLayer.Open(backend, name);
        var (kernels, x, dy) = (layer.Kernels, layer.Input("x"), layer.Input("dy"));
        var (weight1, weight2) = (layer.Matrix("fc1.weight"), layer.Matrix("fc2.weight"));
        var (wide, narrow) = (new Shape(x.Shape.Batch, x.Shape.Channels), new Shape(x.Shape.Batch, weight1.Shape[0]));
        var (pooled, hidden, excitation, y) = (layer.New(wide), layer.New(narrow), layer.New(wide), layer.Like("x"));
        kernels.GlobalAveragePoolForward(x, pooled);
        kernels.LinearForward(pooled, weight1, layer.Input("fc1.bias"), ActivationKind.Relu, hidden);
        kernels.LinearForward(hidden, weight2, layer.Input("fc2.bias"), ActivationKind.Sigmoid, excitation);
        kernels.ExciteForward(x, excitation, y);
        layer.Check("y", y);

        var (excitationGradient, hiddenGradient) = (layer.New(wide), layer.New(narrow));
        var pooledGradient = layer.New(wide);
        var (dweight1, dbias1) = (layer.New(weight1.Shape), layer.Like("fc1.bias"));
        var (dweight2, dbias2) = (layer.New(weight2.Shape), layer.Like("fc2.bias"));
        kernels.ExciteBackwardReduce(x, dy, excitationGradient);
        kernels.ActivationBackward(excitation, ActivationKind.Sigmoid, excitationGradient);
        kernels.LinearBackwardWeight(hidden, excitationGradient, dweight2, dbias2);
        kernels.LinearBackwardData(excitationGradient, weight2, accumulate: false, hiddenGradient);
        kernels.ActivationBackward(hidden, ActivationKind.Relu, hiddenGradient);
        kernels.LinearBackwardWeight(pooled, hiddenGradient, dweight1, dbias1);
        kernels.LinearBackwardData(hiddenGradient, weight1, accumulate: false, pooledGradient);
        kernels.ExciteBackwardApply(excitation, pooledGradient, dy);
        layer.Check("dx", dy);
        layer.Check("dfc1.weight", dweight1);
        layer.Check("dfc1.bias", dbias1);
        layer.Check("dfc2.weight", dweight2);
        layer.Check("dfc2.bias", dbias2);
    }
}
