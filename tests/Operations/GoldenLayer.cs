using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>
/// A layer's tensors on a device, as the reference implementation made them (golden/model/layers.safetensors). The
/// tests of each operation run the cases whose names begin with a word of theirs.
/// </summary>
internal sealed class GoldenLayer(Backend backend, string name) : IDisposable
{
    private static readonly Lazy<JsonElement> Noise =
        new(() => Golden.Json("model/noise.json").GetProperty("tensors"));

    private static StateDict Layers => Golden.KeptTensors("model/layers.safetensors");

    /// <summary>Names of all cases.</summary>
    public static IEnumerable<string> Names => Layers.Names
        .Where(tensor => tensor.EndsWith(".x", StringComparison.Ordinal)).Select(tensor => tensor[..^2]);

    public string Name => name;

    public IKernels Kernels => backend.Kernels;

    /// <summary>Cases whose names begin with a word, on every backend: backend, name.</summary>
    public static IEnumerable<TestCaseData> Cases(string word) => Golden.Cases(
        () => from name in Names
              where name.Split('_')[0] == word
              from backend in TestTensors.Backends
              select new TestCaseData(backend, name),
        TestTensors.Backends.Select(backend => new object?[] { backend, word }));

    public static GoldenLayer Open(string backend, string name) => new(TestTensors.Open(backend), name);

    /// <summary>Runs a pooling of either direction.</summary>
    public static void Pool(
        string backend,
        string name,
        Func<IKernels, Action<ReadOnlyTensor, Tensor>> forward,
        Func<IKernels, Action<ReadOnlyTensor, bool, Tensor>> backward)
    {
        using var layer = Open(backend, name);
        var (y, dx) = (layer.Output(), layer.Like("x"));
        forward(layer.Kernels)(layer.Input("x"), y);
        backward(layer.Kernels)(layer.Input("dy"), false, dx);
        layer.Check("y", y);
        layer.Check("dx", dx);
    }

    public Tensor Input(string tensor) => TestTensors.ToNhwc(Layers[$"{name}.{tensor}"], backend.Device);

    public Tensor Matrix(string tensor)
    {
        var weight = Input(tensor);
        return weight.Reshape(new Shape(weight.Shape[0], weight.Shape.Channels));
    }

    public Tensor New(Shape shape) => backend.Device.Allocate(shape);

    public Tensor Like(string tensor) => New(Input(tensor).Shape);

    public Tensor Output() => Like("y");

    // Ten times the distance between the reference's own float32 and float64 runs, and a float's rounding of the
    // largest value.
    public void Check(string tensor, Tensor actual)
    {
        var expected = Layers[$"{name}.{tensor}"].ToFloats();
        var noise = Noise.Value.GetProperty($"layers/{name}/{tensor}")[0].GetDouble();
        var tolerance = (10 * noise) + (1e-6 * TestTensors.Largest(expected));
        TestTensors.AssertClose(TestTensors.ToNchw(actual, backend.Device), expected, tolerance, $"{name}.{tensor}");
    }

    public void Dispose() => backend.Dispose();
}
