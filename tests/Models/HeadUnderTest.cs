using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>A network's head alone, with weights of a golden file, compared with the numbers there.</summary>
internal sealed class HeadUnderTest : IDisposable
{
    private const double OfLogits = 1e-5, OfGradients = 2e-5; // of the largest value
    private readonly Backend _backend;
    private readonly NetworkHead _head;
    private readonly ParameterBuffer _buffer;

    /// <summary>Binds the parameters.</summary>
    /// <param name="backend">The device; stays the caller's.</param>
    /// <param name="head">The head.</param>
    /// <param name="weight">The value of a parameter of a name.</param>
    public HeadUnderTest(Backend backend, NetworkHead head, Func<string, StateTensor> weight)
    {
        (_backend, _head) = (backend, head);
        _buffer = new ParameterBuffer(backend.Device, [.. head.Layers.SelectMany(layer => layer.AllParameters)]);
        foreach (var parameter in _buffer.Parameters)
        {
            var values = new float[parameter.Shape.Count];
            PublishedLayout.FromPublished(weight(parameter.Name), parameter, values);
            backend.Device.CopyFromHost<float>(values, parameter.Value);
        }
    }

    public IEnumerable<string> Names => _buffer.Parameters.Select(parameter => parameter.Name);

    /// <summary>Scores and all gradients.</summary>
    /// <param name="golden">The file.</param>
    /// <param name="input">The features' name; <c>logits</c> and <c>logits_gradient</c> have its beginning.</param>
    /// <param name="inputGradient">Name of the features' gradient.</param>
    /// <param name="gradient">Name of a parameter's gradient.</param>
    public void Check(StateDict golden, string input, string inputGradient, Func<string, string> gradient)
    {
        var prefix = input[..input.IndexOf('.')];
        using var arena = new DynamicArena(_backend.Device);
        var pass = new Pass(_backend.Kernels, arena, Training: false);
        var shape = golden[input].Shape; // [N, C, H, W]
        var features = _backend.Device.FromHost<float>(
            InPixels(golden[input]), new Shape(shape[0], shape[2], shape[3], shape[1]));
        var logits = _head.Forward(pass, features);
        Compare(logits, golden[prefix + ".logits"].ToFloats(), OfLogits, "logits");
        var ofLogits = _backend.Device.FromHost<float>(
            golden[prefix + ".logits_gradient"].ToFloats(), logits.Shape);
        Compare(_head.Backward(pass, ofLogits), InPixels(golden[inputGradient]), OfGradients, "features");
        foreach (var parameter in _buffer.Parameters.Where(one => one.Kind != ParameterKind.RunningStatistic))
        {
            Compare(
                parameter.Gradient, golden[gradient(parameter.Name)].ToFloats(), OfGradients, parameter.Name);
        }
    }

    public void Dispose() => _buffer.Dispose();

    private void Compare(Tensor actual, float[] expected, double tolerance, string what) =>
        TestTensors.AssertClose(
            _backend.Device.ToHost<float>(actual), expected, tolerance * TestTensors.Largest(expected), what);

    // [N, C, H, W] to [N, H, W, C].
    private static float[] InPixels(StateTensor tensor)
    {
        var (shape, values) = (tensor.Shape, tensor.ToFloats());
        var (channels, pixels) = (shape[1], shape[2] * shape[3]);
        var result = new float[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (n, c, pixel) = (i / (channels * pixels), i / pixels % channels, i % pixels);
            result[(((n * pixels) + pixel) * channels) + c] = values[i];
        }
        return result;
    }
}
