namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _abnResidualRelu = new("residual_abn", "abn_residual_relu");
    private readonly KernelEntries _abnExciteResidualRelu = new("residual_abn", "abn_excite_residual_relu");
    private readonly KernelEntries _exciteResidualRelu = new("residual_abn", "excite_residual_relu");
    private readonly KernelEntries _reluBackwardSums = new("residual_abn", "relu_abn_backward_sums");
    private readonly KernelEntries _exciteBackwardSums = new("residual_abn", "excite_backward_sums");
    private readonly KernelEntries _reluSignsBackwardSums = new("residual_abn", "relu_signs_abn_backward_sums");
    private readonly KernelEntries _exciteSignsBackwardSums = new("residual_abn", "excite_signs_backward_sums");
    private readonly KernelEntries _exciteBackwardTotals = new("residual_abn", "excite_backward_totals");
    private readonly KernelEntries _exciteBackwardApply = new("residual_abn", "excite_backward_apply");

    public void AbnResidualRelu(
        ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor residual,
        ReadOnlyTensor residualNormalization, Tensor output, Tensor signs)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(
            channels, input.Address, normalization.Address, residual.Address, residualNormalization.Address,
            output.Address);
        RequireSigns(signs, fast);
        var packs = Packs(input.Count, fast, "an activation");
        Launch(
            _abnResidualRelu, input.Type, fast, SweepShape(packs, Groups(channels, fast)),
            input, normalization, residual, residualNormalization, output, signs, packs, channels);
    }

    public void AbnResidualReluBackward(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        bool batchStatistics, Tensor gradient, Tensor inputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        var totals = AbnTotals(input.Shape.Channels);
        ReluBackwardTotals(input, output, normalization, weight, gradient, totals, weightGradient, biasGradient);
        IdentityAbnApply(input, gradient, normalization, totals, InverseCount(input.Shape, batchStatistics),
            inputGradient);
    }

    public void AbnExciteResidualRelu(
        ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor excitation, ReadOnlyTensor residual,
        ReadOnlyTensor residualNormalization, Tensor output, Tensor signs)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(
            channels, input.Address, normalization.Address, excitation.Address, residual.Address,
            residualNormalization.Address, output.Address);
        RequireSigns(signs, fast);
        var packs = PacksPerPicture(input, fast);
        Launch(
            _abnExciteResidualRelu, input.Type, fast, SweepShape(packs, Groups(channels, fast), input.Shape.Batch),
            input, normalization, excitation, residual, residualNormalization, output, signs, packs,
            channels);
    }

    public void AbnExciteResidualReluBackwardReduce(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, Tensor gradient, Tensor sums,
        Tensor excitationGradient)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, output.Address, normalization.Address, gradient.Address);
        var reduction = ReductionOf(input.Shape, fast, perPicture: true);
        Launch(
            WithSigns(output, fast, _exciteSignsBackwardSums, _exciteBackwardSums), input.Type, fast, reduction.Shape,
            input, output, normalization, gradient, reduction.Pixels, channels, Parts(reduction, 3, channels),
            Counters(reduction), sums, excitationGradient);
    }

    public void AbnExciteResidualReluBackwardApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient, ReadOnlyTensor pictureMean, ReadOnlyTensor sums,
        bool batchStatistics,
        Tensor inputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        var totals = AbnTotals(input.Shape.Channels);
        ExciteTotals(sums, excitation, pooledGradient, pictureMean, normalization, weight, totals, weightGradient,
            biasGradient);
        ExciteApply(
            input, gradient, normalization, excitation, pooledGradient, totals,
            InverseCount(input.Shape, batchStatistics), inputGradient);
    }

    private void ExciteTotals(
        ReadOnlyTensor sums, ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient, ReadOnlyTensor pictureMean,
        ReadOnlyTensor normalization, ReadOnlyTensor weight, nint totals, Tensor weightGradient, Tensor biasGradient)
    {
        var channels = excitation.Shape.Channels;
        Launch(
            _exciteBackwardTotals, FinishShape(channels),
            sums, excitation, pooledGradient, pictureMean, normalization, weight, excitation.Shape[0], channels, totals,
            weightGradient, biasGradient);
    }

    private void ExciteApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor excitation,
        ReadOnlyTensor pooledGradient, nint totals, float inverseCount, Tensor inputGradient)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(
            channels, input.Address, gradient.Address, normalization.Address, excitation.Address,
            pooledGradient.Address, totals, inputGradient.Address);
        var packs = PacksPerPicture(input, fast);
        Launch(
            _exciteBackwardApply, input.Type, fast, SweepShape(packs, Groups(channels, fast), input.Shape.Batch),
            input, gradient, normalization, excitation, pooledGradient, totals,
            inverseCount, (float)(1.0 / input.Shape.PixelsPerPicture), inputGradient,
            packs, channels);
    }

    public void ExciteResidualRelu(
        ReadOnlyTensor input, ReadOnlyTensor excitation, ReadOnlyTensor residual, Tensor output)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, excitation.Address, residual.Address, output.Address);
        var packs = PacksPerPicture(input, fast);
        Launch(
            _exciteResidualRelu, input.Type, fast, SweepShape(packs, Groups(channels, fast), input.Shape.Batch),
            input, excitation, residual, output, packs, channels);
    }

    private void ReluBackwardTotals(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        Tensor gradient, nint totals, Tensor weightGradient, Tensor biasGradient)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, output.Address, normalization.Address, gradient.Address);
        var reduction = ReductionOf(input.Shape, fast, perPicture: false);
        Launch(
            WithSigns(output, fast, _reluSignsBackwardSums, _reluBackwardSums), input.Type, fast, reduction.Shape,
            input, output, normalization, gradient, reduction.Pixels, channels, Parts(reduction, 2, channels),
            Counters(reduction), weight, totals, weightGradient, biasGradient);
    }

    // The kernels for what the ReLU let through: its output, or its bits.
    private static KernelEntries WithSigns(
        ReadOnlyTensor output, bool fast, KernelEntries signs, KernelEntries values)
    {
        if (output.Type != ElementType.UInt8)
            return values;
        RequireSigns(output, fast);
        return signs;
    }

    private static void RequireSigns(ReadOnlyTensor signs, bool fast)
    {
        if (signs.Exists && !fast)
        {
            throw new EngineException(
                $"bits of signs need tensors at multiples of {Alignment} bytes and channels in multiples of "
                    + $"{FastChannels}");
        }
    }
}
