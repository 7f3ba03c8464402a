using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>The reference implementation's numbers, kernel by kernel.</summary>
public sealed class AbnGoldenTests
{
    private const float Epsilon = 1e-5f, Momentum = 0.1f;

    [TestCaseSource(typeof(GoldenLayer), nameof(GoldenLayer.Cases), new object[] { "abn" })]
    public void KernelsAgreeWithTheReferenceImplementation(string backend, string name)
    {
        using var layer = GoldenLayer.Open(backend, name);
        var training = name.EndsWith("train", StringComparison.Ordinal);
        var identity = name.Contains("identity", StringComparison.Ordinal);
        var slope = identity ? 1 : float.Parse(name.Split('_')[3], CultureInfo.InvariantCulture);
        var (x, dy, weight, bias) = (layer.Input("x"), layer.Input("dy"), layer.Input("weight"), layer.Input("bias"));
        var (mean, variance) = (layer.Input("running_mean"), layer.Input("running_var"));
        var normalization = layer.New(new Shape(4, x.Shape.Channels));
        var (dweight, dbias) = (layer.Like("weight"), layer.Like("bias"));
        var y = identity ? layer.Like("x") : x;
        var kernels = layer.Kernels;
        if (training)
            kernels.AbnStatistics(x, weight, bias, Epsilon, Momentum, normalization, mean, variance, Tensor.None);
        else
            kernels.AbnRunningStatistics(mean, variance, weight, bias, Epsilon, normalization);
        kernels.AbnApply(x, normalization, slope, y);
        layer.Check("y", y);
        if (identity)
            kernels.IdentityAbnBackward(x, normalization, weight, training, dy, dweight, dbias);
        else
            kernels.AbnBackward(y, normalization, weight, bias, Epsilon, slope, training, dy, dweight, dbias);
        layer.Check("dx", dy);
        layer.Check("dweight", dweight);
        layer.Check("dbias", dbias);
        layer.Check("running_mean_after", mean);
        layer.Check("running_var_after", variance);
    }
}
