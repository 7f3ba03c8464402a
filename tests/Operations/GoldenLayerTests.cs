using System.Globalization;
using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>Single layers against the reference implementation's numbers (golden/model/layers.safetensors, every case), kernel by kernel.</summary>
public sealed class GoldenLayerTests
{
    private static readonly StateDict Layers = Golden.Tensors("model/layers.safetensors");
    private static readonly JsonElement Noise = Golden.Json("model/noise.json").GetProperty("tensors");

    private static IEnumerable<TestCaseData> Cases() =>
        from name in Layers.Names.Where(name => name.EndsWith(".x", StringComparison.Ordinal)).Select(name => name[..^2])
        from backend in TestTensors.Backends
        select new TestCaseData(backend, name);

    [Test]
    public void AllCasesAreThere() => Assert.That(Cases().Count(), Is.EqualTo(45 * TestTensors.Backends.Length));

    [TestCaseSource(nameof(Cases))]
    public void KernelsAgreeWithTheReferenceImplementation(string backend, string name)
    {
        using var layer = new GoldenLayer(TestTensors.Open(backend), name);
        Run(layer, name);
    }

    private static void Run(GoldenLayer layer, string name)
    {
        switch (name.Split('_')[0])
        {
            case "abn":
                Abn(layer, name);
                break;
            case "space":
                var depth = layer.Output();
                layer.Kernels.SpaceToDepthForward(layer.Input("x"), 4, depth);
                layer.Check("y", depth);
                var depthGradient = layer.Like("x");
                layer.Kernels.SpaceToDepthBackward(layer.Input("dy"), 4, accumulate: false, depthGradient);
                layer.Check("dx", depthGradient);
                break;
            case "blur":
                Pool(layer, layer.Kernels.BlurPoolForward, layer.Kernels.BlurPoolBackward);
                break;
            case "avgpool":
                Pool(layer, layer.Kernels.AveragePoolForward, layer.Kernels.AveragePoolBackward);
                break;
            case "global":
                Pool(layer, layer.Kernels.GlobalAveragePoolForward, layer.Kernels.GlobalAveragePoolBackward);
                break;
            case "se":
                SqueezeExcite(layer);
                break;
            case "linear":
                Linear(layer);
                break;
            default:
                Convolution(layer, new ConvolutionGeometry(name.Contains("_s2_", StringComparison.Ordinal) ? 2 : 1, name == "conv1x1" ? 0 : 1));
                break;
        }
    }

    private static void Pool(GoldenLayer layer, Action<ReadOnlyTensor, Tensor> forward, Action<ReadOnlyTensor, bool, Tensor> backward)
    {
        var (y, dx) = (layer.Output(), layer.Like("x"));
        forward(layer.Input("x"), y);
        backward(layer.Input("dy"), false, dx);
        layer.Check("y", y);
        layer.Check("dx", dx);
    }

    private static void Abn(GoldenLayer layer, string name)
    {
        const float Epsilon = 1e-5f, Momentum = 0.1f;
        var (training, identity) = (name.EndsWith("train", StringComparison.Ordinal), name.Contains("identity", StringComparison.Ordinal));
        var slope = identity ? 1 : float.Parse(name.Split('_')[3], CultureInfo.InvariantCulture);
        var (x, dy, weight, bias) = (layer.Input("x"), layer.Input("dy"), layer.Input("weight"), layer.Input("bias"));
        var (mean, variance) = (layer.Input("running_mean"), layer.Input("running_var"));
        var normalization = layer.New(new Shape(4, x.Shape.Channels));
        var (dweight, dbias) = (layer.Like("weight"), layer.Like("bias"));
        var y = identity ? layer.Like("x") : x;
        if (training)
            layer.Kernels.AbnStatistics(x, weight, bias, Epsilon, Momentum, normalization, mean, variance, Tensor.None);
        else
            layer.Kernels.AbnRunningStatistics(mean, variance, weight, bias, Epsilon, normalization);
        layer.Kernels.AbnApply(x, normalization, slope, y);
        layer.Check("y", y);
        if (identity)
            layer.Kernels.IdentityAbnBackward(x, normalization, weight, training, dy, dweight, dbias);
        else
            layer.Kernels.AbnBackward(y, normalization, weight, bias, Epsilon, slope, training, dy, dweight, dbias);
        layer.Check("dx", dy);
        layer.Check("dweight", dweight);
        layer.Check("dbias", dbias);
        layer.Check("running_mean_after", mean);
        layer.Check("running_var_after", variance);
    }

    private static void SqueezeExcite(GoldenLayer layer)
    {
        var (kernels, x, dy) = (layer.Kernels, layer.Input("x"), layer.Input("dy"));
        var (weight1, weight2) = (layer.Matrix("fc1.weight"), layer.Matrix("fc2.weight"));
        var (wide, narrow) = (new Shape(x.Shape.Batch, x.Shape.Channels), new Shape(x.Shape.Batch, weight1.Shape[0]));
        var (pooled, hidden, excitation, y) = (layer.New(wide), layer.New(narrow), layer.New(wide), layer.Like("x"));
        kernels.GlobalAveragePoolForward(x, pooled);
        kernels.LinearForward(pooled, weight1, layer.Input("fc1.bias"), ActivationKind.Relu, hidden);
        kernels.LinearForward(hidden, weight2, layer.Input("fc2.bias"), ActivationKind.Sigmoid, excitation);
        kernels.ExciteForward(x, excitation, y);
        layer.Check("y", y);

        var (excitationGradient, hiddenGradient, pooledGradient) = (layer.New(wide), layer.New(narrow), layer.New(wide));
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

    private static void Linear(GoldenLayer layer)
    {
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

    private static void Convolution(GoldenLayer layer, ConvolutionGeometry geometry)
    {
        var (x, dy, weight) = (layer.Input("x"), layer.Input("dy"), layer.Input("weight"));
        var (y, dx, dweight) = (layer.Output(), layer.Like("x"), layer.Like("weight"));
        layer.Kernels.ConvolutionForward(x, weight, geometry, y);
        layer.Kernels.ConvolutionBackwardData(dy, weight, geometry, accumulate: false, dx);
        layer.Kernels.ConvolutionBackwardWeight(x, dy, geometry, dweight);
        layer.Check("y", y);
        layer.Check("dx", dx);
        layer.Check("dweight", dweight);
    }

    /// <summary>One case's tensors on a device.</summary>
    private sealed class GoldenLayer(Backend backend, string name) : IDisposable
    {
        public IKernels Kernels => backend.Kernels;

        public Tensor Input(string tensor) => TestTensors.ToNhwc(Layers[$"{name}.{tensor}"], backend.Device);

        public Tensor Matrix(string tensor)
        {
            var weight = Input(tensor);
            return weight.Reshape(new Shape(weight.Shape[0], weight.Shape.Channels));
        }

        public Tensor New(Shape shape) => backend.Device.Allocate(shape);

        public Tensor Like(string tensor) => New(Input(tensor).Shape);

        public Tensor Output() => Like("y");

        // Ten times the distance between the reference's own float32 and float64 runs, and a float's rounding of the largest value.
        public void Check(string tensor, Tensor actual)
        {
            var expected = Layers[$"{name}.{tensor}"].ToFloats();
            var noise = Noise.GetProperty($"layers/{name}/{tensor}")[0].GetDouble();
            TestTensors.AssertClose(TestTensors.ToNchw(actual, backend.Device), expected, 10 * noise + 1e-6 * TestTensors.Largest(expected), $"{name}.{tensor}");
        }

        public void Dispose() => backend.Dispose();
    }
}
