namespace Flixstock.Engine;

public sealed partial class CudaKernels
{
    private readonly KernelEntries _asymmetricLoss = new("asymmetric_loss", "asymmetric_loss");
    private readonly KernelEntries _asymmetricLossFinish = new("asymmetric_loss", "asymmetric_loss_finish");

    public void AsymmetricLoss(ReadOnlyTensor logits, ReadOnlyTensor labels, AsymmetricLossOptions options, Tensor loss, Tensor gradient)
    {
        var count = Packs(logits.Count, fast: false, "a batch of logits");
        var shape = SweepShape(count, 1);
        var parts = Scratch(ScratchSlot.Parts, shape.GridX * sizeof(float));
        var arguments = new KernelArguments();
        arguments.Add(logits);
        arguments.Add(labels);
        arguments.Add(options.GammaNegative);
        arguments.Add(options.GammaPositive);
        arguments.Add(options.Clip);
        arguments.Add(options.Epsilon);
        arguments.Add(options.FocusIsConstant);
        arguments.Add(gradient);
        arguments.Add(parts);
        arguments.Add(count);
        Launch(_asymmetricLoss, shape, ref arguments);
        FinishLoss(_asymmetricLossFinish, parts, (int)shape.GridX, loss);
    }
}
