namespace Flixstock.Engine;

public sealed partial class CudaKernels
{
    private readonly KernelEntries _abnResidualRelu = new("residual_abn", "abn_residual_relu");
    private readonly KernelEntries _abnExciteResidualRelu = new("residual_abn", "abn_excite_residual_relu");
    private readonly KernelEntries _exciteResidualRelu = new("residual_abn", "excite_residual_relu");
    private readonly KernelEntries _reluBackwardParts = new("residual_abn", "relu_abn_backward_parts");
    private readonly KernelEntries _exciteBackwardParts = new("residual_abn", "excite_backward_parts");
    private readonly KernelEntries _exciteBackwardFinish = new("residual_abn", "excite_backward_finish");
    private readonly KernelEntries _exciteBackwardTotals = new("residual_abn", "excite_backward_totals");
    private readonly KernelEntries _exciteBackwardApply = new("residual_abn", "excite_backward_apply");

    public void AbnResidualRelu(ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor residual, ReadOnlyTensor residualNormalization, Tensor output)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, normalization.Address, residual.Address, residualNormalization.Address, output.Address);
        var packs = Packs(input.Count, fast, "an activation");
        var arguments = new KernelArguments();
        arguments.Add(input);
        arguments.Add(normalization);
        arguments.Add(residual);
        arguments.Add(residualNormalization);
        arguments.Add(output);
        arguments.Add(packs);
        arguments.Add(channels);
        Launch(_abnResidualRelu, input.Type, fast, SweepShape(packs, Groups(channels, fast)), ref arguments);
    }

    public void AbnResidualReluBackward(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight, bool batchStatistics,
        Tensor gradient, Tensor inputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        var reduction = ReluBackwardParts(_reluBackwardParts, 2, perPicture: false, input, output, normalization, gradient, out var parts);
        var totals = FinishAbnBackward(reduction, parts, weight, weightGradient, biasGradient);
        IdentityAbnApply(input, gradient, normalization, totals, batchStatistics, inputGradient);
    }

    public void AbnExciteResidualRelu(
        ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor excitation, ReadOnlyTensor residual, ReadOnlyTensor residualNormalization,
        Tensor output)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(
            channels, input.Address, normalization.Address, excitation.Address, residual.Address, residualNormalization.Address, output.Address);
        var packs = PacksPerPicture(input, fast);
        var arguments = new KernelArguments();
        arguments.Add(input);
        arguments.Add(normalization);
        arguments.Add(excitation);
        arguments.Add(residual);
        arguments.Add(residualNormalization);
        arguments.Add(output);
        arguments.Add(packs);
        arguments.Add(channels);
        Launch(_abnExciteResidualRelu, input.Type, fast, SweepShape(packs, Groups(channels, fast), input.Shape.Batch), ref arguments);
    }

    public void AbnExciteResidualReluBackwardReduce(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, Tensor gradient, Tensor sums, Tensor excitationGradient)
    {
        var channels = input.Shape.Channels;
        var reduction = ReluBackwardParts(_exciteBackwardParts, 3, perPicture: true, input, output, normalization, gradient, out var parts);
        var arguments = new KernelArguments();
        arguments.Add(parts);
        arguments.Add(reduction.Segments);
        arguments.Add(channels);
        arguments.Add(sums);
        arguments.Add(excitationGradient);
        Launch(_exciteBackwardFinish, FinishShape(channels, reduction.Pictures), ref arguments);
    }

    public void AbnExciteResidualReluBackwardApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor excitation,
        ReadOnlyTensor pooledGradient, ReadOnlyTensor pictureMean, ReadOnlyTensor sums, bool batchStatistics,
        Tensor inputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        var channels = input.Shape.Channels;
        var totals = Scratch(ScratchSlot.Totals, 2L * channels * sizeof(float));
        var sum = new KernelArguments();
        sum.Add(sums);
        sum.Add(excitation);
        sum.Add(pooledGradient);
        sum.Add(pictureMean);
        sum.Add(normalization);
        sum.Add(weight);
        sum.Add(input.Shape.Batch);
        sum.Add(channels);
        sum.Add(totals);
        sum.Add(weightGradient);
        sum.Add(biasGradient);
        Launch(_exciteBackwardTotals, FinishShape(channels), ref sum);
        var fast = IsFast(
            channels, input.Address, gradient.Address, normalization.Address, excitation.Address, pooledGradient.Address, inputGradient.Address);
        var packs = PacksPerPicture(input, fast);
        var apply = new KernelArguments();
        apply.Add(input);
        apply.Add(gradient);
        apply.Add(normalization);
        apply.Add(excitation);
        apply.Add(pooledGradient);
        apply.Add(totals);
        apply.Add(InverseCount(input.Shape, batchStatistics));
        apply.Add((float)(1.0 / input.Shape.PixelsPerPicture));
        apply.Add(inputGradient);
        apply.Add(packs);
        apply.Add(channels);
        Launch(_exciteBackwardApply, input.Type, fast, SweepShape(packs, Groups(channels, fast), input.Shape.Batch), ref apply);
    }

    public void ExciteResidualRelu(ReadOnlyTensor input, ReadOnlyTensor excitation, ReadOnlyTensor residual, Tensor output)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, excitation.Address, residual.Address, output.Address);
        var packs = PacksPerPicture(input, fast);
        var arguments = new KernelArguments();
        arguments.Add(input);
        arguments.Add(excitation);
        arguments.Add(residual);
        arguments.Add(output);
        arguments.Add(packs);
        arguments.Add(channels);
        Launch(_exciteResidualRelu, input.Type, fast, SweepShape(packs, Groups(channels, fast), input.Shape.Batch), ref arguments);
    }

    private Reduction ReluBackwardParts(
        KernelEntries entries, int quantities, bool perPicture, ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization,
        Tensor gradient, out nint parts)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, output.Address, normalization.Address, gradient.Address);
        var reduction = ReductionOf(input.Shape, fast, perPicture);
        parts = Parts(reduction, quantities, channels);
        var arguments = new KernelArguments();
        arguments.Add(input);
        arguments.Add(output);
        arguments.Add(normalization);
        arguments.Add(gradient);
        arguments.Add(reduction.Pixels);
        arguments.Add(channels);
        arguments.Add(parts);
        Launch(entries, input.Type, fast, reduction.Shape, ref arguments);
        return reduction;
    }
}
