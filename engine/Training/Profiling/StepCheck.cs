namespace Flixstock.Engine;

/// <summary>
/// Runs a step with every kernel call done twice, by the backend under test and by a measure: see
/// <see cref="CheckedKernels"/>.
/// </summary>
internal static class StepCheck
{
    /// <summary>
    /// Compares every destination of every operation of some steps of a network with random weights on a batch of
    /// noise.
    /// </summary>
    /// <param name="tested">The backend whose kernels are checked.</param>
    /// <param name="measure">On the host: the processor for a GPU, the reference kernels for the processor.</param>
    /// <param name="options">The network to run.</param>
    /// <param name="batch">Number of pictures.</param>
    /// <param name="imageSize">Height and width in pixels.</param>
    /// <param name="training">Training steps, or forward passes with folded norms.</param>
    /// <param name="tolerance">Tolerance, as in <see cref="CheckedKernels.Create(Backend, Backend, double?)"/>.</param>
    /// <param name="steps">Number of steps; the second one begins with weights that the optimizer has changed.</param>
    /// <param name="ranges">Told layers and phases, or null.</param>
    /// <returns>One entry per operation, in the order of first calls.</returns>
    public static IReadOnlyList<OperationCheck> Compare(
        Backend tested, Backend measure, INetworkDescription options, int batch, int imageSize, bool training,
        double? tolerance = null, int steps = 2, IRangeObserver? ranges = null)
    {
        var kernels = CheckedKernels.Create(tested, measure, tolerance);
        using var step = new WatchedStep(
            tested.Watched(kernels, ranges, oneByOne: true), options, batch, imageSize, training);
        for (var i = 0; i < steps; i++)
            step.Run();
        return CheckedKernels.Checks(kernels);
    }
}
