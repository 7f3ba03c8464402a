namespace Flixstock.Engine;

public sealed partial class CudaKernels
{
    private readonly KernelEntries _abnStatisticsParts = new("inplace_abn", "abn_statistics_parts");
    private readonly KernelEntries _abnStatisticsFinish = new("inplace_abn", "abn_statistics_finish");
    private readonly KernelEntries _abnPictureMeans = new("inplace_abn", "abn_picture_means");
    private readonly KernelEntries _abnRunningStatistics = new("inplace_abn", "abn_running_statistics");
    private readonly KernelEntries _abnApply = new("inplace_abn", "abn_apply");
    private readonly KernelEntries _abnBackwardParts = new("inplace_abn", "abn_backward_parts");
    private readonly KernelEntries _abnBackwardFinish = new("inplace_abn", "abn_backward_finish");
    private readonly KernelEntries _abnBackwardApply = new("inplace_abn", "abn_backward_apply");
    private readonly KernelEntries _identityBackwardParts = new("inplace_abn", "identity_abn_backward_parts");
    private readonly KernelEntries _identityBackwardApply = new("inplace_abn", "identity_abn_backward_apply");

    public void AbnStatistics(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance, Tensor pictureMean)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address);
        var reduction = ReductionOf(input.Shape, fast, pictureMean.Exists);
        // And one row from which the means are measured.
        var parts = Scratch(ScratchSlot.Parts, (2L * reduction.Parts + 1) * channels * sizeof(float));
        var sums = new KernelArguments();
        sums.Add(input);
        sums.Add(reduction.Pixels);
        sums.Add(channels);
        sums.Add(parts);
        Launch(_abnStatisticsParts, input.Type, fast, reduction.Shape, ref sums);
        var finish = new KernelArguments();
        finish.Add(parts);
        finish.Add(reduction.Pictures);
        finish.Add(reduction.Pixels);
        finish.Add(reduction.Segments);
        finish.Add(channels);
        finish.Add(weight);
        finish.Add(bias);
        finish.Add(epsilon);
        finish.Add(momentum);
        finish.Add(normalization);
        finish.Add(runningMean);
        finish.Add(runningVariance);
        Launch(_abnStatisticsFinish, FinishShape(channels), ref finish);
        if (pictureMean.Exists)
            PictureMeans(reduction, parts, channels, pictureMean);
    }

    private void PictureMeans(in Reduction reduction, nint parts, int channels, Tensor pictureMean)
    {
        var arguments = new KernelArguments();
        arguments.Add(parts);
        arguments.Add(reduction.Pixels);
        arguments.Add(reduction.Segments);
        arguments.Add(channels);
        arguments.Add(pictureMean);
        Launch(_abnPictureMeans, FinishShape(channels, reduction.Pictures), ref arguments);
    }

    public void AbnRunningStatistics(
        ReadOnlyTensor runningMean, ReadOnlyTensor runningVariance, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, Tensor normalization)
    {
        var channels = weight.Shape.Channels;
        var arguments = new KernelArguments();
        arguments.Add(runningMean);
        arguments.Add(runningVariance);
        arguments.Add(weight);
        arguments.Add(bias);
        arguments.Add(epsilon);
        arguments.Add(normalization);
        arguments.Add(channels);
        Launch(_abnRunningStatistics, LaunchShape.Linear(Divide(channels, SweepThreads), SweepThreads), ref arguments);
    }

    public void AbnApply(ReadOnlyTensor input, ReadOnlyTensor normalization, float slope, Tensor output)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, normalization.Address, output.Address);
        var packs = Packs(input.Count, fast, "an activation");
        var arguments = new KernelArguments();
        arguments.Add(input);
        arguments.Add(normalization);
        arguments.Add(slope);
        arguments.Add(output);
        arguments.Add(packs);
        arguments.Add(channels);
        Launch(_abnApply, input.Type, fast, SweepShape(packs, Groups(channels, fast)), ref arguments);
    }

    public void AbnBackward(
        ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float slope, bool batchStatistics,
        Tensor gradient, Tensor weightGradient, Tensor biasGradient)
    {
        var channels = output.Shape.Channels;
        var fast = IsFast(channels, output.Address, normalization.Address, weight.Address, bias.Address, gradient.Address);
        var reduction = ReductionOf(output.Shape, fast, perPicture: false);
        var parts = Parts(reduction, 2, channels);
        var sums = new KernelArguments();
        sums.Add(output);
        sums.Add(gradient);
        sums.Add(weight);
        sums.Add(bias);
        sums.Add(epsilon);
        sums.Add(slope);
        sums.Add(reduction.Pixels);
        sums.Add(channels);
        sums.Add(parts);
        Launch(_abnBackwardParts, output.Type, fast, reduction.Shape, ref sums);
        var totals = FinishAbnBackward(reduction, parts, weight, weightGradient, biasGradient);
        var packs = Packs(output.Count, fast, "an activation");
        var apply = new KernelArguments();
        apply.Add(output);
        apply.Add(normalization);
        apply.Add(weight);
        apply.Add(bias);
        apply.Add(epsilon);
        apply.Add(slope);
        apply.Add(totals);
        apply.Add(InverseCount(output.Shape, batchStatistics));
        apply.Add(gradient);
        apply.Add(packs);
        apply.Add(channels);
        Launch(_abnBackwardApply, output.Type, fast, SweepShape(packs, Groups(channels, fast)), ref apply);
    }

    public void IdentityAbnBackward(
        ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor weight, bool batchStatistics,
        Tensor gradient, Tensor weightGradient, Tensor biasGradient)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, normalization.Address, gradient.Address);
        var reduction = ReductionOf(input.Shape, fast, perPicture: false);
        var parts = Parts(reduction, 2, channels);
        var sums = new KernelArguments();
        sums.Add(input);
        sums.Add(gradient);
        sums.Add(normalization);
        sums.Add(reduction.Pixels);
        sums.Add(channels);
        sums.Add(parts);
        Launch(_identityBackwardParts, input.Type, fast, reduction.Shape, ref sums);
        var totals = FinishAbnBackward(reduction, parts, weight, weightGradient, biasGradient);
        IdentityAbnApply(input, gradient, normalization, totals, batchStatistics, gradient);
    }

    // The totals' address, [2, C].
    private nint FinishAbnBackward(in Reduction reduction, nint parts, ReadOnlyTensor weight, Tensor weightGradient, Tensor biasGradient)
    {
        var channels = weight.Shape.Channels;
        var totals = Scratch(ScratchSlot.Totals, 2L * channels * sizeof(float));
        var arguments = new KernelArguments();
        arguments.Add(parts);
        arguments.Add(reduction.Parts);
        arguments.Add(channels);
        arguments.Add(weight);
        arguments.Add(totals);
        arguments.Add(weightGradient);
        arguments.Add(biasGradient);
        Launch(_abnBackwardFinish, FinishShape(channels), ref arguments);
        return totals;
    }

    private void IdentityAbnApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, nint totals, bool batchStatistics, Tensor inputGradient)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, gradient.Address, normalization.Address, inputGradient.Address);
        var packs = Packs(input.Count, fast, "an activation");
        var arguments = new KernelArguments();
        arguments.Add(input);
        arguments.Add(gradient);
        arguments.Add(normalization);
        arguments.Add(totals);
        arguments.Add(InverseCount(input.Shape, batchStatistics));
        arguments.Add(inputGradient);
        arguments.Add(packs);
        arguments.Add(channels);
        Launch(_identityBackwardApply, input.Type, fast, SweepShape(packs, Groups(channels, fast)), ref arguments);
    }

    // With running statistics the normalization does not depend on x: the sums' share is nothing.
    private static float InverseCount(Shape shape, bool batchStatistics) => batchStatistics ? (float)(1.0 / shape.Pixels) : 0;
}
