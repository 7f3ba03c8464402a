namespace Flixstock.Engine;

/// <summary>What a call costs at least, from the shapes of its arguments.</summary>
internal static class OperationCost
{
    // Destinations that are read as well: written over what they held, or added to.
    private static readonly Dictionary<string, string[]> ReadDestinations = new(StringComparer.Ordinal)
    {
        [nameof(IKernels.Add)] = ["destination"],
        [nameof(IKernels.ActivationBackward)] = ["gradient"],
        [nameof(IKernels.ScaleLoss)] = ["gradient"],
        [nameof(IKernels.AdamStep)] = ["parameters", "firstMoment", "secondMoment", "average"],
        [nameof(IKernels.AbnBackward)] = ["gradient"],
        [nameof(IKernels.IdentityAbnBackward)] = ["gradient"],
        [nameof(IKernels.AbnResidualReluBackward)] = ["gradient"],
        [nameof(IKernels.AbnExciteResidualReluBackwardReduce)] = ["gradient"],
        [nameof(IKernels.ExciteBackwardApply)] = ["gradient"],
        [nameof(IKernels.PriorAccumulate)] = ["sums"],
    };

    // What a second pass reads again, because sums over all pixels must be known first: a batch's activations do not stay in any cache.
    private static readonly Dictionary<string, string[]> SecondPass = new(StringComparer.Ordinal)
    {
        [nameof(IKernels.AbnBackward)] = ["output", "gradient"],
        [nameof(IKernels.IdentityAbnBackward)] = ["input", "gradient"],
        [nameof(IKernels.AbnResidualReluBackward)] = ["input", "gradient"],
    };

    private static readonly Dictionary<string, string[]> ParameterNames = typeof(IKernels).GetMethods()
        .ToDictionary(method => method.Name, method => method.GetParameters().Select(parameter => parameter.Name!).ToArray(), StringComparer.Ordinal);

    /// <summary>
    /// Bytes that must be read and written: every tensor once, destinations in place or added to twice, what a second pass over the pixels needs once more. Memory that
    /// stays in registers or caches between two kernels of one operation is not counted, scratch memory neither.
    /// </summary>
    public static long Bytes(string name, object?[] arguments)
    {
        var parameters = ParameterNames[name];
        var (inPlace, again) = (ReadDestinations.GetValueOrDefault(name, []), SecondPass.GetValueOrDefault(name, []));
        var accumulates = Array.IndexOf(parameters, "accumulate") is var at && at >= 0 && arguments[at] is true;
        long bytes = 0;
        for (var i = 0; i < arguments.Length; i++)
        {
            var isRead = arguments[i] is Tensor && (accumulates || inPlace.Contains(parameters[i]));
            bytes += Bytes(arguments[i]) * (1 + (isRead ? 1 : 0) + (again.Contains(parameters[i]) ? 1 : 0));
        }
        return bytes;
    }

    /// <summary>Twice the products of a convolution or linear layer; 0 for everything else.</summary>
    public static long Operations(string name, object?[] arguments)
    {
        Shape Of(int index) => ShapeOf(arguments[index]);
        var (output, weight) = name switch
        {
            nameof(IKernels.ConvolutionForward) => (Of(3), Of(1)),
            nameof(IKernels.ConvolutionFolded) => (Of(6), Of(1)),
            nameof(IKernels.ConvolutionBackwardData) => (Of(0), Of(1)),
            nameof(IKernels.ConvolutionBackwardWeight) => (Of(1), Of(3)),
            nameof(IKernels.LinearForward) => (Of(4), Of(1)),
            nameof(IKernels.LinearBackwardData) => (Of(0), Of(1)),
            nameof(IKernels.LinearBackwardWeight) => (Of(1), Of(2)),
            _ => (default, default),
        };
        // Every output pixel takes all of the weight once.
        return output.Rank == 0 ? 0 : 2 * output.Pixels * weight.Count;
    }

    /// <summary>The tensors' shapes in the order of the arguments: what tells calls of one operation apart.</summary>
    public static string Shapes(object?[] arguments) =>
        string.Join(' ', arguments.Select(ShapeOf).Where(shape => shape.Rank > 0).Select(shape => shape.ToString().Replace(" ", "", StringComparison.Ordinal)));

    private static Shape ShapeOf(object? argument) => argument switch
    {
        Tensor tensor => tensor.Shape,
        ReadOnlyTensor tensor => tensor.Shape,
        _ => default,
    };

    private static long Bytes(object? argument) => argument switch
    {
        Tensor tensor => tensor.Bytes,
        ReadOnlyTensor tensor => tensor.Bytes,
        // Of the two gradients only one is read at each place.
        LowPrecisionStep low => low.Parameters.Bytes,
        _ => 0,
    };
}
