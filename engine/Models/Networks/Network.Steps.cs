namespace Flixstock.Engine;

// A step up to the gradients, and which memory it takes.
public abstract partial class Network
{
    /// <summary>
    /// Forward, <paramref name="loss"/> writes the logits' gradient, backward; then the arena is reset. What memory it
    /// takes depends on the input's shape only.
    /// </summary>
    /// <param name="pass">The kernels, the arena and the mode of this pass.</param>
    /// <param name="input">[N, H, W, 3]</param>
    /// <param name="loss">Gets logits and gradient, both [N, classes]; must not take memory from the arena.</param>
    public void ComputeGradients(Pass pass, Tensor input, Action<Tensor, Tensor> loss)
    {
        pass.Begin();
        pass.Ranges?.Push(StepPhase.Forward);
        var logits = Forward(pass, input);
        pass.Ranges?.Pop();
        var gradient = pass.Take(logits.Shape);
        pass.Ranges?.Push(StepPhase.Loss);
        loss(logits, gradient);
        pass.Ranges?.Pop();
        pass.Ranges?.Push(StepPhase.Backward);
        Backward(pass, gradient, Tensor.None);
        pass.Join();
        pass.Ranges?.Pop();
        pass.Release(gradient);
        pass.Release(logits);
        pass.Arena.Reset();
    }

    /// <summary>
    /// Which memory a training step takes and when it gives it back, found by a dry step: nothing is computed, nothing
    /// allocated. Arguments for <see cref="PlannedArena"/>.
    /// </summary>
    /// <remarks>
    /// The step to be planned must take the same tensors in the same order, as <see cref="ComputeGradients"/> does.
    /// </remarks>
    /// <param name="batch">Number of pictures.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="statistics">The step's reducer of batch statistics, which is not called; null: none.</param>
    /// <param name="overlaps">Whether the step computes weight gradients aside.</param>
    internal IReadOnlyList<TensorLifetime> PlanTraining(
        int batch, int height, int width, IStatisticsReducer? statistics = null, bool overlaps = false)
    {
        var arena = new RecordingArena();
        var pass = new Pass(NullKernels.Create(), arena, Training: true)
        {
            ActivationType = Backend.ActivationType,
            StatisticsReducer = SilentReducer.Of(statistics),
            KeepsSigns = Backend.Device.KeepsSigns,
            SumsConvolutions = Backend.SumsConvolutions,
            Overlaps = overlaps,
        };
        var tracked = BatchesTracked;
        ComputeGradients(
            pass, new Tensor(0, new Shape(batch, height, width, 3), ElementType.UInt8), static (_, _) => { });
        RestoreBatchesTracked(tracked);
        return arena.Lifetimes;
    }
}
