namespace Flixstock.Engine;

// The same launchers without launches: they ask for scratch memory as they would, which is how a step's memory is known
// before the step.
internal sealed partial class CudaKernels
{
    private readonly PlanningDevice? _planning;

    private CudaKernels(CudaDevice device, PlanningDevice planning)
        : this(device)
    {
        _planning = planning;
        Scratch(ScratchSlot.DnnWorkspace, DnnWorkspaceBytes(device));
        Scratch(ScratchSlot.DnnAside, DnnWorkspaceBytes(device));
        Scratch(ScratchSlot.BlasAside, AsideWorkspaceBytes(device));
    }

    /// <summary>Kernels that compute nothing and count the scratch memory that they would take.</summary>
    /// <param name="device">Whose kernels: its size decides how sums are cut.</param>
    /// <param name="planning">The device that counts.</param>
    internal static CudaKernels Planning(CudaDevice device, PlanningDevice planning) => new(device, planning);

    // A search for an algorithm must not overwrite a gradient that is to be added to.
    private void PlanSearch(Tensor inputGradient)
    {
        if (_planning is not null)
            Scratch(ScratchSlot.DnnSearch, inputGradient.Bytes);
    }
}
