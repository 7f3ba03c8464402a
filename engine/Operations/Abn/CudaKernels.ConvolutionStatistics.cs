namespace Flixstock.Engine;

// A convolution with the statistics of its output: with sums from the same kernel where cuDNN has one that is faster.
internal sealed partial class CudaKernels
{
    private readonly KernelEntries _abnSumsNormalization = new("statistics_abn", "abn_sums_normalization");

    public void AbnConvolutionStatistics(
        ReadOnlyTensor input, ReadOnlyTensor filter, ConvolutionGeometry geometry, Tensor output,
        ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum, Tensor normalization,
        Tensor runningMean, Tensor runningVariance)
    {
        var call = new SummedConvolution(input, filter, geometry, output, SumsOf(output.Shape.Channels));
        if (IsSummedByLibrary(call, bias))
        {
            AbnSumsNormalization(
                call.Sums, output.Shape.Pixels, weight, bias, epsilon, momentum, normalization, runningMean,
                runningVariance);
            return;
        }
        ConvolutionForward(input, filter, geometry, output);
        AbnStatistics(
            output, weight, bias, epsilon, momentum, normalization, runningMean, runningVariance, Tensor.None);
    }

    public void AbnSumsNormalization(
        ReadOnlyTensor sums, long pixels, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance)
    {
        var channels = weight.Shape.Channels;
        Launch(
            _abnSumsNormalization, ChannelShape(channels),
            sums, (float)pixels, channels, weight, bias, epsilon, momentum, normalization, runningMean,
            runningVariance);
    }

    // Also in planning, where no library is asked: room for moments, [3, K].
    private Tensor SumsOf(int channels) =>
        new(Scratch(ScratchSlot.Totals, 3L * channels * sizeof(float)), new Shape(2, channels));

    // Only where activations have 16 bits: the rounding of x changes a variance from sums of squares as much as the
    // rounding of those sums does (docs/kernels.md), while singles would lose digits.
    private bool IsSummedByLibrary(in SummedConvolution call, ReadOnlyTensor origin)
    {
        if (_dnn is null || call.X.Type == ElementType.Float32 || call.Weight.Type != call.X.Type
            || call.Y.Type != call.X.Type)
        {
            return false;
        }
        if (_dnn.Fused(call) is { } known)
            return known;
        DecideSummed(call, origin);
        return _dnn.Fused(call) == true;
    }

    // Apart, because it is a delegate that a warm call must not make. What an engine has to beat must leave no trace in
    // the running statistics: moments cost what statistics cost.
    private void DecideSummed(SummedConvolution call, ReadOnlyTensor origin) => _dnn!.ChooseFused(call, () =>
    {
        ConvolutionForward(call.X, call.Weight, call.Geometry, call.Y);
        var moments = new Tensor(call.Sums.Address, new Shape(3, call.Y.Shape.Channels));
        AbnMoments(call.Y, origin, moments, Tensor.None);
    });
}
