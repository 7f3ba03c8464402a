namespace Flixstock.Engine;

/// <summary>The gradient of scores by the last feature map: a backward pass through the head's folded steps.</summary>
/// <remarks>Threads: one at a time, inside the device's scope.</remarks>
/// <param name="network">A network that explains.</param>
/// <param name="arena">Source of the gradients.</param>
internal sealed class HeadGradient(FoldedNetwork network, TensorArena arena)
{
    /// <summary>Refuses a network in whose head there is a step without a backward pass.</summary>
    /// <exception cref="InputException">Names the step.</exception>
    public static void Require(FoldedNetwork network)
    {
        var missing = network.Steps.Skip(network.Features).FirstOrDefault(
            step => !step.HasBackward || step.Inputs.Count != 1);
        if (missing is not null)
        {
            throw new InputException($"{network.Description.Name}: what this network says cannot be explained: step "
                + $"'{missing.Name}' of its head has no backward pass");
        }
    }

    /// <summary>The features' gradient after a run.</summary>
    /// <param name="plan">The run; its values from the features on are still there.</param>
    /// <param name="scores">[N, classes] gradient of the scores.</param>
    /// <returns>[N, h, w, C] in the type of the features, from the arena; the caller releases it.</returns>
    public Tensor Of(FoldedPlan plan, ReadOnlySpan<float> scores)
    {
        var gradients = new Tensor[network.Steps.Count + 1]; // of the values
        gradients[^1] = arena.Take(plan.Kept(network.Steps.Count).Shape);
        network.Backend.Device.CopyFromHost(scores, gradients[^1]);
        for (var i = network.Steps.Count - 1; i >= network.Features; i--)
        {
            if (!gradients[i + 1].Exists)
                continue; // no step reads it
            Through(i, plan, gradients);
            arena.Release(gradients[i + 1]);
        }
        return gradients[network.Features];
    }

    // A value that two steps read gets the sum of both gradients.
    private void Through(int step, FoldedPlan plan, Tensor[] gradients)
    {
        var number = network.Steps[step].Inputs[0];
        if (number < network.Features)
            return;
        var value = plan.Kept(number);
        var added = gradients[number].Exists;
        if (!added)
            gradients[number] = arena.Take(value.Shape, value.Type);
        network.Steps[step].Backward(
            network.Backend.Kernels, value, plan.Kept(step + 1), gradients[step + 1], added, gradients[number]);
    }
}
