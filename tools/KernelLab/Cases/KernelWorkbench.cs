using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>
/// The tensors of one kernel call, the same on every backend: with a guard of marked values on both sides, and
/// destinations that start as not-a-number, so that what is left out or written outside shows. Tensors of rank 4 are
/// activations and have the bench's element type where the device computes in it; on the processor they hold the same
/// rounded values as singles.
/// </summary>
/// <param name="backend">Where the tensors are; disposed of with the bench.</param>
/// <param name="activation">Float32, Float16 or BFloat16.</param>
/// <param name="aligned">True: tensors begin at multiples of 64 elements; false: at odd places.</param>
internal sealed class KernelWorkbench(
    Backend backend, ElementType activation = ElementType.Float32, bool aligned = false) : IDisposable
{
    private const float Mark = -12345.678f, MarkTolerance = 64; // a step of bfloat there
    private readonly int _guard = aligned ? 64 : 61;
    private readonly List<(string Name, Tensor Whole, Tensor Inner)> _tensors = [];
    private readonly List<Tensor> _bytes = [];

    public Backend Backend => backend;

    /// <summary>A tensor with these values.</summary>
    /// <param name="name">Shown where a result differs.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="values">Rounded to the element type.</param>
    /// <param name="single">True where a tensor of rank 4 is no activation but always Float32.</param>
    public Tensor Of(string name, Shape shape, float[] values, bool single = false)
    {
        var type = shape.Rank == 4 && !single ? activation : ElementType.Float32;
        var guarded = new float[values.Length + 2 * _guard];
        Array.Fill(guarded, Mark);
        values.CopyTo(guarded, _guard);
        var whole = HalfPrecision.Store(backend.Device, guarded, type);
        _tensors.Add((name, whole, whole.Slice(_guard, shape)));
        return _tensors[^1].Inner;
    }

    /// <summary>A source, or a destination that is added to: normally distributed.</summary>
    public Tensor Random(string name, Shape shape, float deviation = 1, float mean = 0, bool single = false) =>
        Of(name, shape, CaseValues.Random(shape.Count, (ulong)(_tensors.Count + 1) * 7919, deviation, mean), single);

    /// <summary>A destination that the kernel must write, every element.</summary>
    public Tensor Unwritten(string name, Shape shape, bool single = false)
    {
        var values = new float[shape.Count];
        Array.Fill(values, float.NaN);
        return Of(name, shape, values, single);
    }

    /// <summary>A destination that is written, or added to.</summary>
    public Tensor Destination(Shape shape, bool accumulate, bool single = false) =>
        accumulate ? Random("destination", shape, single: single) : Unwritten("destination", shape, single);

    /// <summary>
    /// Room for what one part of a call leaves for another one: bytes, not compared.
    /// </summary>
    public Tensor Bytes(Shape shape)
    {
        var bytes = backend.Device.Allocate(shape, ElementType.UInt8);
        _bytes.Add(bytes);
        return bytes;
    }

    /// <summary>Logits in steps of 1/4, so that many tie.</summary>
    /// <param name="shape">[N, K]</param>
    public Tensor Logits(Shape shape)
    {
        var values = CaseValues.Random(shape.Count, 17, 2);
        return Of("logits", shape, Array.ConvertAll(values, value => MathF.Round(4 * value) / 4));
    }

    /// <summary>A normalization [4, C] whose rows belong together.</summary>
    public Tensor Normalization(string name, int channels, float gamma = 1)
    {
        var random = CaseValues.Random(3L * channels, (ulong)(_tensors.Count + 1) * 104729);
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

    /// <summary>Every tensor after the call; in the order in which they were made.</summary>
    /// <exception cref="KernelCaseException">A guard was touched.</exception>
    public List<(string Name, float[] Values)> Results()
    {
        var results = new List<(string, float[])>();
        foreach (var (name, whole, _) in _tensors)
        {
            var values = HalfPrecision.Load(backend.Device, whole);
            foreach (var value in values[.._guard].Concat(values[^_guard..]))
            {
                if (value != values[0] || Math.Abs(value - Mark) > MarkTolerance)
                    throw new KernelCaseException($"memory around '{name}' was written");
            }
            results.Add((name, values[_guard..^_guard]));
        }
        return results;
    }

    /// <summary>Frees the tensors, where the device is others' too.</summary>
    public void Free()
    {
        foreach (var (_, whole, _) in _tensors)
            backend.Device.Free(whole);
        _tensors.Clear();
        foreach (var bytes in _bytes)
            backend.Device.Free(bytes);
        _bytes.Clear();
    }

    public void Dispose() => backend.Dispose();
}
