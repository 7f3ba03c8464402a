namespace Flixstock.Engine;

/// <summary>Which memory a step of a network takes and when it gives it back, found by a dry step: nothing is computed, nothing allocated.</summary>
public static class StepPlan
{
    /// <summary>A training step: forward, a gradient for the logits, backward. Arguments for <see cref="PlannedArena"/>.</summary>
    /// <remarks>The step to be planned must take the same tensors in the same order, as <see cref="Train"/> does.</remarks>
    public static IReadOnlyList<TensorLifetime> Training(TResNet network, int batch, int height, int width) =>
        Dry(network, training: true, new Shape(batch, height, width, 3));

    /// <summary>A forward pass with running statistics.</summary>
    public static IReadOnlyList<TensorLifetime> Evaluation(TResNet network, int batch, int height, int width) =>
        Dry(network, training: false, new Shape(batch, height, width, 3));

    /// <summary>
    /// One training step up to the gradients: forward, <paramref name="loss"/> writes the logits' gradient, backward; then the arena is reset.
    /// What memory it takes depends on the input's shape only.
    /// </summary>
    /// <param name="network">Its gradients are written.</param>
    /// <param name="pass">Kernels, arena, mode.</param>
    /// <param name="input">[N, H, W, 3]</param>
    /// <param name="loss">Gets logits and gradient, both [N, classes]; must not take memory from the arena.</param>
    public static void Train(TResNet network, Pass pass, Tensor input, Action<Tensor, Tensor> loss)
    {
        pass.Ranges?.Push(StepPhase.Forward);
        var logits = network.Forward(pass, input);
        pass.Ranges?.Pop();
        var gradient = pass.Take(logits.Shape);
        pass.Ranges?.Push(StepPhase.Loss);
        loss(logits, gradient);
        pass.Ranges?.Pop();
        pass.Ranges?.Push(StepPhase.Backward);
        network.Backward(pass, gradient, Tensor.None);
        pass.Ranges?.Pop();
        pass.Release(gradient);
        pass.Release(logits);
        pass.Arena.Reset();
    }

    private static IReadOnlyList<TensorLifetime> Dry(TResNet network, bool training, Shape input)
    {
        var arena = new RecordingArena();
        var pass = new Pass(NullKernels.Create(), arena, training) { ActivationType = network.Backend.ActivationType };
        var tracked = network.BatchesTracked;
        var pixels = new Tensor(0, input, ElementType.UInt8);
        if (training)
            Train(network, pass, pixels, static (_, _) => { });
        else
            network.Forward(pass, pixels);
        network.RestoreBatchesTracked(tracked);
        return arena.Lifetimes;
    }
}
