namespace Flixstock.Engine;

/// <summary>What a call costs at least, from the shapes of its arguments.</summary>
internal static class OperationCost
{
    /// <summary>Bytes of all tensors; one that is in place counts once for reading and once for writing only if it is passed twice.</summary>
    public static long Bytes(object?[] arguments) => arguments.Sum(argument => argument switch
    {
        Tensor tensor => tensor.Bytes,
        ReadOnlyTensor tensor => tensor.Bytes,
        _ => 0,
    });

    /// <summary>Twice the products of a convolution or linear layer; 0 for everything else.</summary>
    public static long Operations(string name, object?[] arguments)
    {
        Shape Of(int index) => arguments[index] switch
        {
            Tensor tensor => tensor.Shape,
            ReadOnlyTensor tensor => tensor.Shape,
            _ => default,
        };
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
}
