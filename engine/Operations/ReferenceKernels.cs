namespace Flixstock.Engine;

/// <summary>
/// Every operation as plain loops with double accumulators: written to be read and believed, never optimised. All other kernels are tested against it.
/// Its parts lie in the operations' folders.
/// </summary>
public sealed partial class ReferenceKernels : IKernels
{
}
