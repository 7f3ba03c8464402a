namespace Flixstock.Engine;

/// <summary>
/// All parameters of a model in one flat fp32 buffer, [weights | vectors | running statistics], each entry aligned to 256 bytes; the gradients
/// in a second one over the first two parts. Weight decay is a boundary, the optimizer one launch, an all-reduce one call.
/// The gaps between entries are zero and stay zero.
/// </summary>
public sealed class ParameterBuffer : IDisposable
{
    private const int AlignmentInElements = 64;

    /// <summary>Lays the parameters out, allocates both buffers, clears them and binds every parameter to its part.</summary>
    /// <param name="device">Where the memory is.</param>
    /// <param name="parameters">In state-dict order; each name once.</param>
    public ParameterBuffer(Device device, IReadOnlyList<Parameter> parameters)
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
                end += (parameters[i].Shape.Count + AlignmentInElements - 1) / AlignmentInElements * AlignmentInElements;
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
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i];
            parameter.Value = Values.Slice(offsets[i], parameter.Shape);
            if (parameter.Kind != ParameterKind.RunningStatistic)
                parameter.Gradient = Gradients.Slice(offsets[i], parameter.Shape);
        }
        Offsets = offsets;
    }

    /// <summary>Where the memory is.</summary>
    public Device Device { get; }

    /// <summary>In state-dict order.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Element offset of each parameter in <see cref="Values"/> (and in the gradients and moments).</summary>
    public IReadOnlyList<long> Offsets { get; }

    /// <summary>[weights | vectors | running statistics]</summary>
    public Tensor Values { get; }

    /// <summary>[weights | vectors]</summary>
    public Tensor Gradients { get; }

    /// <summary>Elements that weight decay applies to.</summary>
    public long DecayedCount { get; }

    /// <summary>Elements that are trained.</summary>
    public long TrainedCount { get; }

    /// <summary>Frees both buffers.</summary>
    public void Dispose()
    {
        Device.Free(Values);
        Device.Free(Gradients);
    }

    private static Shape Flat(long count) => new(checked((int)Math.Max(count, AlignmentInElements)));
}
