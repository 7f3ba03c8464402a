using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>
/// The tensors of one kernel call, the same on every backend: unaligned, with a guard of marked floats on both sides, and destinations that start as
/// not-a-number, so that what is left out or written outside shows.
/// </summary>
internal sealed class KernelWorkbench(Backend backend) : IDisposable
{
    private const int Guard = 61;
    private const float Mark = -12345.678f;
    private readonly List<(string Name, Tensor Whole, Tensor Inner)> _tensors = [];

    public Backend Backend => backend;

    /// <summary>A tensor with these values.</summary>
    public Tensor Of(string name, Shape shape, float[] values)
    {
        var guarded = new float[values.Length + 2 * Guard];
        Array.Fill(guarded, Mark);
        values.CopyTo(guarded, Guard);
        var whole = backend.Device.FromHost<float>(guarded, new Shape(guarded.Length));
        _tensors.Add((name, whole, whole.Slice(Guard, shape)));
        return _tensors[^1].Inner;
    }

    /// <summary>A source, or a destination that is added to: normally distributed.</summary>
    public Tensor Random(string name, Shape shape, float deviation = 1, float mean = 0) =>
        Of(name, shape, TestTensors.Random(shape.Count, (ulong)(_tensors.Count + 1) * 7919, deviation, mean));

    /// <summary>A destination that the kernel must write, every element.</summary>
    public Tensor Unwritten(string name, Shape shape)
    {
        var values = new float[shape.Count];
        Array.Fill(values, float.NaN);
        return Of(name, shape, values);
    }

    /// <summary>A normalization [4, C] whose rows belong together.</summary>
    public Tensor Normalization(string name, int channels, float gamma = 1)
    {
        var random = TestTensors.Random(3L * channels, (ulong)(_tensors.Count + 1) * 104729);
        var rows = new float[4 * channels];
        for (var c = 0; c < channels; c++)
        {
            var inverseDeviation = 1 / (0.5f + Math.Abs(random[c]));
            rows[c] = random[channels + c];
            rows[channels + c] = inverseDeviation;
            rows[2 * channels + c] = gamma * inverseDeviation;
            rows[3 * channels + c] = 0.3f * random[2 * channels + c] - rows[c] * gamma * inverseDeviation;
        }
        return Of(name, new Shape(4, channels), rows);
    }

    /// <summary>Every tensor after the call; fails where a guard was touched.</summary>
    public List<(string Name, float[] Values)> Results()
    {
        var results = new List<(string, float[])>();
        foreach (var (name, whole, inner) in _tensors)
        {
            var values = backend.Device.ToHost<float>(whole);
            Assert.That(values[..Guard].Concat(values[^Guard..]), Is.All.EqualTo(Mark), $"memory around '{name}' was written");
            results.Add((name, backend.Device.ToHost<float>(inner)));
        }
        return results;
    }

    public void Dispose() => backend.Dispose();
}
