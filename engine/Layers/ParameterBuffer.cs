namespace Flixstock.Engine;

/// <summary>
/// All parameters of a model in one flat fp32 buffer, [weights | vectors | running statistics], each entry aligned to
/// 256 bytes; the gradients in a second one over the first two parts. Weight decay is a boundary, the optimizer one
/// launch, an all-reduce one call. The gaps between entries are zero and stay zero.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class ParameterBuffer : IDisposable
{
    private const int AlignmentInElements = 64;
    private bool _disposed;

    /// <summary>
    /// Lays the parameters out, allocates both buffers, clears them and binds every parameter to its part.
    /// </summary>
    /// <param name="device">The device that holds the memory.</param>
    /// <param name="parameters">The parameters in state-dict order; each name once.</param>
    /// <param name="computeType">
    /// Type that convolutions compute in: their weights get a copy, and their gradients a buffer, of it.
    /// </param>
    public ParameterBuffer(
        Device device, IReadOnlyList<Parameter> parameters, ElementType computeType = ElementType.Float32)
    {
        Device = device;
        Parameters = parameters;
        var offsets = new long[parameters.Count];
        long end = 0;
        foreach (var kind in new[] { ParameterKind.Weight, ParameterKind.Vector, ParameterKind.RunningStatistic })
        {
            for (var i = 0; i < parameters.Count; i++)
            {
                if (parameters[i].Kind != kind)
                    continue;
                offsets[i] = end;
                end +=
                    (parameters[i].Shape.Count + AlignmentInElements - 1) / AlignmentInElements * AlignmentInElements;
            }
            if (kind == ParameterKind.Weight)
                DecayedCount = end;
            else if (kind == ParameterKind.Vector)
                TrainedCount = end;
        }
        Values = device.Allocate(Flat(end));
        Gradients = device.Allocate(Flat(TrainedCount));
        device.Clear(Values);
        device.Clear(Gradients);
        Offsets = offsets;
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i];
            parameter.Value = parameter.Compute = Values.Slice(offsets[i], parameter.Shape);
            if (parameter.Kind != ParameterKind.RunningStatistic)
                parameter.Gradient = Gradients.Slice(offsets[i], parameter.Shape);
        }
        if (computeType != ElementType.Float32)
            (Compute, LowGradients, LowMap, LowCount) = BindLow(computeType);
    }

    /// <summary>The device that holds the memory.</summary>
    public Device Device { get; }

    /// <summary>The parameters in state-dict order.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Element offset of each parameter in <see cref="Values"/> (and in the gradients and moments).</summary>
    public IReadOnlyList<long> Offsets { get; }

    /// <summary>[weights | vectors | running statistics]</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed of.</exception>
    public Tensor Values { get => Open(field); }

    /// <summary>[weights | vectors]</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed of.</exception>
    public Tensor Gradients { get => Open(field); }

    /// <summary>
    /// [weights | vectors | running statistics] in 16 bits, of which convolutions read their weights;
    /// <see cref="Tensor.None"/> in single precision.
    /// </summary>
    public Tensor Compute { get; }

    /// <summary>
    /// [weights | vectors] in 16 bits: gradients of convolution weights, at the same places as in
    /// <see cref="Gradients"/>; <see cref="Tensor.None"/> in single precision.
    /// </summary>
    public Tensor LowGradients { get; }

    /// <summary>
    /// [trained / 64] Int8: 1 if the gradient of these 64 elements lies in <see cref="LowGradients"/>.
    /// </summary>
    public Tensor LowMap { get; }

    /// <summary>Gradients that lie in <see cref="LowGradients"/>, with what rounds each up to 64.</summary>
    public long LowCount { get; }

    /// <summary>Elements that weight decay applies to.</summary>
    public long DecayedCount { get; }

    /// <summary>Elements that are trained.</summary>
    public long TrainedCount { get; }

    /// <summary>
    /// Rounds the current values into <see cref="Compute"/>: to be called after they were loaded or initialised. The
    /// optimizer does it itself.
    /// </summary>
    public void RefreshCompute(IKernels kernels)
    {
        if (Compute.Exists)
            kernels.Copy(Values, Compute);
    }

    /// <summary>Frees all buffers.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        foreach (var tensor in new[] { Values, Gradients, Compute, LowGradients, LowMap })
        {
            if (tensor.Exists)
                Device.Free(tensor);
        }
        _disposed = true;
    }

    private Tensor Open(Tensor tensor) =>
        _disposed ? throw new ObjectDisposedException(nameof(ParameterBuffer)) : tensor;

    private (Tensor Compute, Tensor Gradients, Tensor Map, long Count) BindLow(ElementType type)
    {
        var (compute, gradients) = (Device.Allocate(Values.Shape, type), Device.Allocate(Gradients.Shape, type));
        var map = new sbyte[Gradients.Count / AlignmentInElements];
        for (var i = 0; i < Parameters.Count; i++)
        {
            var parameter = Parameters[i];
            if (parameter.Shape.Rank != 4)
                continue;
            parameter.Compute = compute.Slice(Offsets[i], parameter.Shape);
            parameter.Gradient = gradients.Slice(Offsets[i], parameter.Shape);
            var entries = (parameter.Shape.Count + AlignmentInElements - 1) / AlignmentInElements;
            map.AsSpan((int)(Offsets[i] / AlignmentInElements), (int)entries).Fill(1);
        }
        Device.Clear(compute);
        Device.Clear(gradients);
        var count = AlignmentInElements * map.LongCount(entry => entry != 0);
        return (compute, gradients, Device.FromHost<sbyte>(map, new Shape(map.Length), ElementType.Int8), count);
    }

    private static Shape Flat(long count) => new(checked((int)Math.Max(count, AlignmentInElements)));
}
