namespace Flixstock.Engine;

/// <summary>
/// Three steps of a folded network that are squeeze-excite's gate: means over the pixels, a linear layer with ReLU, one
/// with a sigmoid. They are one operation where the device has a kernel for it, and the same values everywhere.
/// </summary>
internal static class GateSteps
{
    /// <summary>Number of steps.</summary>
    public const int Count = 3;

    /// <summary>True if a gate begins with this step, and nothing else reads what is between its steps.</summary>
    public static bool Begin(IReadOnlyList<FoldedStep> steps, int step) =>
        step + Count <= steps.Count && steps[step] is GlobalAveragePoolStep
        && steps[step + 1] is LinearStep { Activation: ActivationKind.Relu } reduce && OnlyReader(steps, step + 1)
        && steps[step + 2] is LinearStep { Activation: ActivationKind.Sigmoid } expand && OnlyReader(steps, step + 2)
        // A classifier of two layers has other outputs than the picture has channels.
        && expand.Weight.Shape[0] == reduce.Weight.Shape[1];

    /// <summary>Computes the values of a gate.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="steps">The network's steps.</param>
    /// <param name="step">Number of the gate's first step.</param>
    /// <param name="input">What the first step reads, [N, H, W, C].</param>
    /// <param name="values">The network's values by number; step i writes value i + 1.</param>
    public static void Execute(
        IKernels kernels, IReadOnlyList<FoldedStep> steps, int step, ReadOnlyTensor input, IReadOnlyList<Tensor> values)
    {
        var (reduce, expand) = ((LinearStep)steps[step + 1], (LinearStep)steps[step + 2]);
        kernels.PooledGateForward(
            input, reduce.Weight, reduce.Bias, expand.Weight, expand.Bias, values[step + 1], values[step + 2],
            values[step + 3]);
    }

    // Its input is the value of the step before, which no other step reads.
    private static bool OnlyReader(IReadOnlyList<FoldedStep> steps, int step)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i].Inputs.Contains(step) != (i == step))
                return false;
        }
        return true;
    }
}
