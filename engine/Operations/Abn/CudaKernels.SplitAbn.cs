namespace Flixstock.Engine;

// The launches of AbnStatistics and the backward passes, cut in two; the sums lie in a tensor, not in scratch memory.
internal sealed partial class CudaKernels
{
    private readonly KernelEntries _abnMoments = new("statistics_abn", "abn_moments");
    private readonly KernelEntries _abnMomentsNormalization = new("statistics_abn", "abn_moments_normalization");
    private readonly KernelEntries _abnDivideByCount = new("statistics_abn", "abn_divide_by_count");

    public void AbnMoments(ReadOnlyTensor input, ReadOnlyTensor origin, Tensor moments, Tensor pictureMean)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address);
        var reduction = ReductionOf(input.Shape, fast, pictureMean.Exists);
        Launch(
            _abnMoments, input.Type, fast, reduction.Shape,
            input, reduction.Pixels, channels, MomentParts(reduction, channels), Counters(reduction), origin, moments,
            pictureMean);
    }

    public void AbnMomentsNormalization(
        ReadOnlyTensor moments, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance)
    {
        var channels = weight.Shape.Channels;
        Launch(
            _abnMomentsNormalization, ChannelShape(channels),
            moments, moments.Shape[0], channels, weight, bias, epsilon, momentum, normalization, runningMean,
            runningVariance);
    }

    public void AbnBackwardReduce(
        ReadOnlyTensor output, ReadOnlyTensor gradient, ReadOnlyTensor weight, ReadOnlyTensor bias,
        float epsilon, float slope, ReadOnlyTensor moments, Tensor sums, Tensor weightGradient, Tensor biasGradient)
    {
        var fast = IsFast(output.Shape.Channels, output.Address, weight.Address, bias.Address, gradient.Address);
        AbnBackwardTotals(fast, output, gradient, weight, bias, epsilon, slope, sums.Address, weightGradient,
            biasGradient);
        DivideByCount(moments, sums);
    }

    public void AbnBackwardApply(
        ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor bias,
        float epsilon, float slope, ReadOnlyTensor sums, Tensor gradient)
    {
        var channels = output.Shape.Channels;
        var fast = IsFast(
            channels, output.Address, normalization.Address, weight.Address, bias.Address, sums.Address,
            gradient.Address);
        var packs = Packs(output.Count, fast, "an activation");
        Launch(
            _abnBackwardApply, output.Type, fast, SweepShape(packs, Groups(channels, fast)),
            output, normalization, weight, bias, epsilon, slope, sums, 1f, gradient, packs, channels);
    }

    public void IdentityAbnBackwardReduce(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        ReadOnlyTensor moments, Tensor sums, Tensor weightGradient, Tensor biasGradient)
    {
        IdentityAbnBackwardTotals(input, gradient, normalization, weight, sums.Address, weightGradient, biasGradient);
        DivideByCount(moments, sums);
    }

    public void AbnResidualReluBackwardReduce(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        ReadOnlyTensor moments, Tensor gradient, Tensor sums, Tensor weightGradient, Tensor biasGradient)
    {
        ReluBackwardTotals(input, output, normalization, weight, gradient, sums.Address, weightGradient, biasGradient);
        DivideByCount(moments, sums);
    }

    public void IdentityAbnBackwardApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor sums,
        Tensor inputGradient) =>
        IdentityAbnApply(input, gradient, normalization, sums.Address, inverseCount: 1, inputGradient);

    public void AbnExciteBackwardSums(
        ReadOnlyTensor pictureSums, ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient,
        ReadOnlyTensor pictureMean, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor moments,
        Tensor sums, Tensor weightGradient, Tensor biasGradient)
    {
        ExciteTotals(
            pictureSums, excitation, pooledGradient, pictureMean, normalization, weight, sums.Address, weightGradient,
            biasGradient);
        DivideByCount(moments, sums);
    }

    public void AbnExciteBackwardApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor excitation,
        ReadOnlyTensor pooledGradient, ReadOnlyTensor sums, Tensor inputGradient) =>
        ExciteApply(input, gradient, normalization, excitation, pooledGradient, sums.Address, inverseCount: 1,
            inputGradient);

    private void DivideByCount(ReadOnlyTensor moments, Tensor sums)
    {
        var channels = sums.Shape.Channels;
        Launch(_abnDivideByCount, ChannelShape(channels), moments, moments.Shape[0], channels, sums);
    }

    private static LaunchShape ChannelShape(int channels) =>
        LaunchShape.Linear(Divide(channels, SweepThreads), SweepThreads);
}
