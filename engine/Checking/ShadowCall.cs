using System.Reflection;

namespace Flixstock.Engine;

/// <summary>
/// A kernel call's arguments once more on another device: every tensor copied, tensors in one memory in one memory
/// again. 16-bit activations become singles there, which hold the same values; those of an argument that groups tensors
/// (<see cref="LowPrecisionStep"/>) stay as they are.
/// </summary>
internal sealed class ShadowCall : IDisposable
{
    private readonly Device _device, _other;
    private readonly Dictionary<(nint Address, ElementType Type), Tensor> _copies = [];
    private readonly List<(string Name, Tensor Own, Tensor Copy)> _destinations = [];

    /// <summary>Copies the arguments.</summary>
    /// <param name="device">The device that holds the arguments.</param>
    /// <param name="other">The device to copy to, whose memory is the host's.</param>
    /// <param name="method">The method that takes the arguments.</param>
    /// <param name="arguments">The arguments in the method's order.</param>
    public ShadowCall(Device device, Device other, MethodInfo method, object?[] arguments)
    {
        (_device, _other) = (device, other);
        var parameters = method.GetParameters();
        var hasDestination = parameters.Any(parameter => parameter.ParameterType == typeof(Tensor));
        Arguments = hasDestination
            ? [.. arguments.Select((argument, i) => Copied(parameters[i].Name!, argument, keep: false))]
            : arguments;
    }

    /// <summary>The copied arguments.</summary>
    public object?[] Arguments { get; }

    /// <summary>The tensors that the call writes, by the parameter's name, on both devices.</summary>
    public IReadOnlyList<(string Name, Tensor Own, Tensor Copy)> Destinations => _destinations;

    /// <summary>True if the call has 16-bit tensors that the other device's kernels must take as such.</summary>
    public bool KeepsSixteenBits { get; private set; }

    /// <summary>The elements of a tensor of the call.</summary>
    public double[] Read(Tensor own)
    {
        var copy = _other.Allocate(own.Shape, own.Type);
        try
        {
            _device.CopyToHost(own, copy.Bits());
            return ReadMeasure(copy);
        }
        finally
        {
            _other.Free(copy);
        }
    }

    /// <summary>The elements of a copy.</summary>
    public static double[] ReadMeasure(Tensor copy) => copy.Type switch
    {
        ElementType.Int8 => Array.ConvertAll(copy.Elements<sbyte>().ToArray(), value => (double)value),
        ElementType.UInt8 => Array.ConvertAll(copy.Elements<byte>().ToArray(), value => (double)value),
        ElementType.Int32 => Array.ConvertAll(copy.Elements<int>().ToArray(), value => (double)value),
        _ => Array.ConvertAll(((ReadOnlyTensor)copy).ToSingles(), value => (double)value),
    };

    public void Dispose()
    {
        foreach (var copy in _copies.Values)
            _other.Free(copy);
        _copies.Clear();
    }

    private object? Copied(string name, object? argument, bool keep)
    {
        switch (argument)
        {
            case Tensor { Exists: true } tensor:
                var copy = CopyOf(tensor, keep);
                _destinations.Add((name, tensor, copy));
                return copy;
            case ReadOnlyTensor { Exists: true } source:
                return (ReadOnlyTensor)CopyOf(new Tensor(source.Address, source.Shape, source.Type), keep);
            case LowPrecisionStep low:
                return Group(name, low);
            default:
                return argument;
        }
    }

    private LowPrecisionStep Group(string name, LowPrecisionStep low)
    {
        KeepsSixteenBits = low.Gradients.Exists || low.LossScale.Exists || low.Parameters.Exists;
        ReadOnlyTensor Source(ReadOnlyTensor tensor) => (ReadOnlyTensor)Copied(name, tensor, keep: true)!;
        return new LowPrecisionStep(Source(low.Gradients), Source(low.Map), Source(low.LossScale), (Tensor)Copied(
            $"{name}.{nameof(low.Parameters)}", low.Parameters, keep: true)!, low.LowCount);
    }

    private Tensor CopyOf(Tensor tensor, bool keep)
    {
        if (_copies.TryGetValue((tensor.Address, tensor.Type), out var known) && known.Count >= tensor.Count)
            return known with { Shape = tensor.Shape };
        if (known.Exists)
        {
            throw new NotSupportedException($"tensors of {known.Shape} and {tensor.Shape} begin at one address, the "
                + $"smaller one first: such a call cannot be checked");
        }
        var copy = _other.Allocate(tensor.Shape, tensor.Type);
        _device.CopyToHost(tensor, copy.Bits());
        if (!keep && tensor.Type is (ElementType.Float16 or ElementType.BFloat16))
            copy = Widened(copy);
        return _copies[(tensor.Address, tensor.Type)] = copy;
    }

    private Tensor Widened(Tensor narrow)
    {
        var wide = _other.Allocate(narrow.Shape);
        ((ReadOnlyTensor)narrow).ToSingles().CopyTo(wide.Floats());
        _other.Free(narrow);
        return wide;
    }
}
