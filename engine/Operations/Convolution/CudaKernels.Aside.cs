namespace Flixstock.Engine;

// Weight gradients need nothing of the backward pass that follows them, and nothing there needs them: on a stream of
// their own their products fill the multiprocessors while a norm's passes wait for memory.
internal sealed partial class CudaKernels
{
    // Their algorithms are chosen, which happens on the other stream.
    private readonly HashSet<DnnProblem> _chosen = [];

    public void ConvolutionBackwardWeightAside(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient)
    {
        var problem = WeightProblem(input, outputGradient, geometry, weightGradient);
        // A gradient of another type is converted by a kernel of the other stream.
        var canBe = _planning is null && _blas is not null && _dnn is not null && weightGradient.Type == input.Type;
        if (!canBe || !_chosen.Contains(problem))
        {
            ConvolutionBackwardWeight(input, outputGradient, geometry, weightGradient);
            if (canBe && (problem.IsPointByPoint || _dnn!.Has(problem)))
                Choose(problem);
            return;
        }
        var stream = _device.Fork();
        UseStream(stream, aside: true);
        try
        {
            ConvolutionBackwardWeight(input, outputGradient, geometry, weightGradient);
        }
        finally
        {
            UseStream(_device.Stream, aside: false);
        }
        _device.ForkEnds();
    }

    // No capture may be the first to need the workspaces.
    private void Choose(in DnnProblem problem)
    {
        Scratch(ScratchSlot.BlasAside, AsideWorkspaceBytes(_device));
        Scratch(ScratchSlot.DnnAside, DnnWorkspaceBytes(_device));
        _chosen.Add(problem);
    }

    public void JoinAside()
    {
        if (_planning is null)
            _device.Join();
    }

    // Each stream has workspaces of its own.
    private void UseStream(nint stream, bool aside)
    {
        _isAside = aside;
        var (slot, bytes) = aside
            ? (ScratchSlot.BlasAside, AsideWorkspaceBytes(_device))
            : (ScratchSlot.BlasWorkspace, BlasWorkspaceBytes);
        _blas!.UseStream(stream, Scratch(slot, bytes), bytes);
        _dnn!.UseStream(stream);
    }
}
