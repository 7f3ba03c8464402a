namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _abnStatistics = new("statistics_abn", "abn_statistics");
    private readonly KernelEntries _abnRunningStatistics = new("statistics_abn", "abn_running_statistics");
    private readonly KernelEntries _abnApply = new("inplace_abn", "abn_apply");
    private readonly KernelEntries _abnBackwardSums = new("inplace_abn", "abn_backward_sums");
    private readonly KernelEntries _abnBackwardApply = new("inplace_abn", "abn_backward_apply");
    private readonly KernelEntries _identityBackwardSums = new("inplace_abn", "identity_abn_backward_sums");
    private readonly KernelEntries _identityBackwardApply = new("inplace_abn", "identity_abn_backward_apply");

    public void AbnStatistics(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance, Tensor pictureMean)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address);
        var reduction = ReductionOf(input.Shape, fast, pictureMean.Exists);
        Launch(
            _abnStatistics, input.Type, fast, reduction.Shape,
            input, reduction.Pixels, channels, MomentParts(reduction, channels), Counters(reduction), weight, bias,
            epsilon, momentum, normalization, runningMean, runningVariance, pictureMean);
    }

    // A tile's counts of pixels lie behind the parts.
    private nint MomentParts(in Reduction reduction, int channels) =>
        Scratch(ScratchSlot.Parts, (long)reduction.Parts * (2 * channels + reduction.Tiles) * sizeof(float));

    public void AbnRunningStatistics(
        ReadOnlyTensor runningMean, ReadOnlyTensor runningVariance, ReadOnlyTensor weight, ReadOnlyTensor bias,
        float epsilon, Tensor normalization)
    {
        var channels = weight.Shape.Channels;
        Launch(
            _abnRunningStatistics, ChannelShape(channels),
            runningMean, runningVariance, weight, bias, epsilon, normalization, channels);
    }

    public void AbnApply(ReadOnlyTensor input, ReadOnlyTensor normalization, float slope, Tensor output)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, normalization.Address, output.Address);
        var packs = Packs(input.Count, fast, "an activation");
        Launch(
            _abnApply, input.Type, fast, SweepShape(packs, Groups(channels, fast)),
            input, normalization, slope, output, packs, channels);
    }

    public void AbnBackward(
        ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon,
        float slope, bool batchStatistics, Tensor gradient, Tensor weightGradient, Tensor biasGradient)
    {
        var channels = output.Shape.Channels;
        var fast = IsFast(
            channels, output.Address, normalization.Address, weight.Address, bias.Address, gradient.Address);
        var totals = AbnTotals(channels);
        AbnBackwardTotals(fast, output, gradient, weight, bias, epsilon, slope, totals, weightGradient, biasGradient);
        var packs = Packs(output.Count, fast, "an activation");
        Launch(
            _abnBackwardApply, output.Type, fast, SweepShape(packs, Groups(channels, fast)),
            output, normalization, weight, bias, epsilon, slope, totals, InverseCount(output.Shape, batchStatistics),
            gradient, packs, channels);
    }

    private void AbnBackwardTotals(
        bool fast, ReadOnlyTensor output, ReadOnlyTensor gradient, ReadOnlyTensor weight, ReadOnlyTensor bias,
        float epsilon, float slope, nint totals, Tensor weightGradient, Tensor biasGradient)
    {
        var channels = output.Shape.Channels;
        var reduction = ReductionOf(output.Shape, fast, perPicture: false);
        Launch(
            _abnBackwardSums, output.Type, fast, reduction.Shape,
            output, gradient, weight, bias, epsilon, slope, reduction.Pixels, channels, Parts(reduction, 2, channels),
            Counters(reduction), totals, weightGradient, biasGradient);
    }

    public void IdentityAbnBackward(
        ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor weight, bool batchStatistics,
        Tensor gradient, Tensor weightGradient, Tensor biasGradient)
    {
        var totals = AbnTotals(input.Shape.Channels);
        IdentityAbnBackwardTotals(input, gradient, normalization, weight, totals, weightGradient, biasGradient);
        IdentityAbnApply(input, gradient, normalization, totals, InverseCount(input.Shape, batchStatistics), gradient);
    }

    private void IdentityAbnBackwardTotals(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor weight, nint totals,
        Tensor weightGradient, Tensor biasGradient)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, normalization.Address, gradient.Address);
        var reduction = ReductionOf(input.Shape, fast, perPicture: false);
        Launch(
            _identityBackwardSums, input.Type, fast, reduction.Shape,
            input, gradient, normalization, reduction.Pixels, channels, Parts(reduction, 2, channels),
            Counters(reduction), weight, totals, weightGradient, biasGradient);
    }

    // [2, C], between the launches of an operation.
    private nint AbnTotals(int channels) => Scratch(ScratchSlot.Totals, 2L * channels * sizeof(float));

    private void IdentityAbnApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, nint totals, float inverseCount,
        Tensor inputGradient)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, gradient.Address, normalization.Address, totals,
            inputGradient.Address);
        var packs = Packs(input.Count, fast, "an activation");
        Launch(
            _identityBackwardApply, input.Type, fast, SweepShape(packs, Groups(channels, fast)),
            input, gradient, normalization, totals, inverseCount, inputGradient, packs, channels);
    }

    // With running statistics the normalization does not depend on x: the sums' share is nothing.
    private static float InverseCount(Shape shape, bool batchStatistics) =>
        batchStatistics ? (float)(1.0 / shape.Pixels) : 0;
}
