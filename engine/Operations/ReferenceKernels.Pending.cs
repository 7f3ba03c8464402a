namespace Flixstock.Engine;

#pragma warning disable
public sealed partial class ReferenceKernels
{
    // AdamStep
    public void AdamStep(ReadOnlyTensor gradients, ReadOnlyTensor schedule, ReadOnlyTensor skip, AdamOptions options, Tensor step, Tensor parameters, Tensor firstMoment, Tensor secondMoment, Tensor average) => throw new NotImplementedException();
    // AsymmetricLoss
    public void AsymmetricLoss(ReadOnlyTensor logits, ReadOnlyTensor labels, AsymmetricLossOptions options, Tensor loss, Tensor gradient) => throw new NotImplementedException();
    // Elementwise
    public void Fill(float value, Tensor destination) => throw new NotImplementedException();
    public void Add(ReadOnlyTensor source, Tensor destination) => throw new NotImplementedException();
    public void Copy(ReadOnlyTensor source, Tensor destination) => throw new NotImplementedException();
    // FiniteCheck
    public void FiniteCheck(ReadOnlyTensor input, Tensor flag) => throw new NotImplementedException();
    // Prior
    public void PriorAccumulate(ReadOnlyTensor logits, Tensor sums) => throw new NotImplementedException();
    // SelectiveLoss
    public void SelectiveLoss(ReadOnlyTensor logits, ReadOnlyTensor labels, ReadOnlyTensor prior, SelectiveLossOptions options, Tensor loss, Tensor gradient, Tensor weights) => throw new NotImplementedException();
}
