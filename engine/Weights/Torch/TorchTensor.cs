namespace Flixstock.Engine;

/// <summary>The elements that one or several tensors of a PyTorch file share.</summary>
internal sealed class TorchStorage(string key, StateType type, long count)
{
    public string Key { get; } = key;

    public StateType Type { get; } = type;

    /// <summary>Number of elements.</summary>
    public long Count { get; } = count;

    /// <summary>The elements, which legacy files hold after the pickle; empty until then.</summary>
    public ReadOnlyMemory<byte> Data { get; set; }
}

/// <summary>A tensor of a PyTorch file: a view of a storage.</summary>
/// <remarks>Threads: any number.</remarks>
internal sealed class TorchTensor
{
    private readonly TorchStorage _storage;
    private readonly long _offset;
    private readonly int[] _shape;
    private readonly long[] _strides;

    internal TorchTensor(TorchStorage storage, long offset, int[] shape, long[] strides)
    {
        (_storage, _offset, _shape, _strides) = (storage, offset, shape, strides);
    }

    /// <summary>Element type.</summary>
    public StateType Type => _storage.Type;

    /// <summary>Extents; empty for a scalar.</summary>
    public IReadOnlyList<int> Shape => _shape;

    /// <summary>True if it was a <c>nn.Parameter</c>.</summary>
    public bool IsParameter { get; private init; }

    /// <summary>True if the file asks for gradients of it.</summary>
    public bool RequiresGradient { get; internal init; }

    /// <summary>Number of elements.</summary>
    public long Count => _shape.Aggregate(1L, (product, extent) => product * extent);

    internal TorchTensor AsParameter(bool requiresGradient) =>
        new(_storage, _offset, _shape, _strides) { IsParameter = true, RequiresGradient = requiresGradient };

    /// <summary>The tensor row-major: the file's own bytes if they are row-major already, otherwise a copy.</summary>
    internal StateTensor ToStateTensor(string name, ReadBudget budget)
    {
        var size = Type.Size();
        var bytes = checked(Count * size);
        if (IsContiguous())
        {
            return new StateTensor(
                name, Type, _shape, _storage.Data.Slice((int)(Count == 0 ? 0 : _offset * size), (int)bytes));
        }
        budget.Charge(bytes);
        var copy = new byte[bytes];
        Gather(copy, size);
        return new StateTensor(name, Type, _shape, copy);
    }

    private bool IsContiguous()
    {
        if (Count == 0)
            return true;
        long expected = 1;
        for (var axis = _shape.Length - 1; axis >= 0; axis--)
        {
            if (_shape[axis] != 1 && _strides[axis] != expected)
                return false;
            expected *= _shape[axis];
        }
        return true;
    }

    private void Gather(byte[] destination, int size)
    {
        var source = _storage.Data.Span;
        var at = new int[_shape.Length];
        var (element, last) = (_offset, _shape.Length - 1);
        for (var written = 0; written < destination.Length; written += size)
        {
            source.Slice((int)(element * size), size).CopyTo(destination.AsSpan(written));
            for (var axis = last; axis >= 0; axis--)
            {
                element += _strides[axis];
                if (++at[axis] < _shape[axis])
                    break;
                element -= _strides[axis] * _shape[axis];
                at[axis] = 0;
            }
        }
    }
}
