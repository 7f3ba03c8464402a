namespace Flixstock.Engine;

/// <summary>Makes tensors from the arguments of PyTorch's rebuild functions, all of which are checked.</summary>
internal static class TensorRebuild
{
    private const int MostAxes = 64;

    /// <summary>
    /// <c>_rebuild_tensor(storage, offset, size, stride)</c>, and <c>_v2</c> with requires_grad, hooks and metadata
    /// after them.
    /// </summary>
    public static TorchTensor Tensor(IReadOnlyList<object?> arguments)
    {
        if (arguments.Count < 4)
            throw new InputException($"a tensor is rebuilt from {arguments.Count} values, at least 4 are needed");
        if (arguments[0] is not TorchStorage storage || arguments[1] is not long offset)
            throw new InputException("a tensor is rebuilt from something that is not a storage and an offset");
        var sizes = Numbers(arguments[2], "size");
        var strides = Numbers(arguments[3], "stride");
        if (sizes.Length != strides.Length)
            throw new InputException($"a tensor has {sizes.Length} extents but {strides.Length} strides");
        RequireInside(storage, offset, sizes, strides);
        return new TorchTensor(storage, offset, Array.ConvertAll(sizes, size => (int)size), strides)
        {
            RequiresGradient = arguments.Count > 4 && arguments[4] is true,
        };
    }

    /// <summary><c>_rebuild_parameter(tensor, requires_grad, hooks)</c></summary>
    public static TorchTensor Parameter(IReadOnlyList<object?> arguments) =>
        arguments is [TorchTensor tensor, bool gradient, ..]
            ? tensor.AsParameter(gradient)
            : throw new InputException("a parameter is rebuilt from something that is not a tensor");

    /// <summary>
    /// <c>_rebuild_from_type_v2(function, type, arguments, attributes)</c>: a tensor that has attributes, or of another
    /// class.
    /// </summary>
    public static TorchTensor Typed(IReadOnlyList<object?> arguments) =>
        arguments is [PickleGlobal function, PickleGlobal type, TorchList values, ..]
        ? type.Name is not ("torch.Tensor" or "torch.nn.parameter.Parameter" or "torch.nn.parameter.Buffer")
            ? throw new InputException($"a tensor is of the class {type.Name}; {TorchFile.Remedy}")
            : function.Meaning switch
            {
                PickleMeaning.Tensor => Tensor(values.Items),
                PickleMeaning.Parameter => Parameter(values.Items),
                _ => throw new InputException(
                    $"a tensor is rebuilt by {function.Name}, which does not make tensors; nothing was executed"),
            }
        : throw new InputException("a tensor is rebuilt from something that is not a function and a class by name");

    private static long[] Numbers(object? value, string what)
    {
        if (value is not TorchList list || list.Items.Count > MostAxes)
            throw new InputException($"a tensor's {what} is not a list of at most {MostAxes} numbers");
        return [.. list.Items.Select(item => item is long and >= 0 and <= int.MaxValue
            ? (long)item
            : throw new InputException($"a tensor's {what} has the value {Describe(item)}"))];
    }

    private static string Describe(object? value) =>
        value is long or System.Numerics.BigInteger ? $"{value}" : "that is not a number";

    private static void RequireInside(TorchStorage storage, long offset, long[] sizes, long[] strides)
    {
        var count = Int128.One;
        Int128 last = offset;
        for (var axis = 0; axis < sizes.Length; axis++)
        {
            count *= sizes[axis];
            last += (sizes[axis] - 1) * (Int128)strides[axis];
            if (count > long.MaxValue / 8)
            {
                throw new InputException(
                    $"a tensor has the size [{string.Join(", ", sizes)}], more than any file can hold");
            }
        }
        var end = count == 0 ? offset : last + 1;
        if (offset < 0 || end > storage.Count)
        {
            throw new InputException($"a tensor of size [{string.Join(", ", sizes)}] at offset {offset} reaches "
                + $"outside its storage '{storage.Key}' of {storage.Count} elements");
        }
    }
}
