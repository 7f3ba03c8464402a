namespace Flixstock.Engine;

/// <summary>
/// Dropout (Srivastava et al., 2014): in a training a share of the values becomes 0 and the others grow to make up for
/// it; otherwise values stay as they are. No parameters. What is dropped follows from the network's seed, the layer's
/// name and the step, so that a run that was resumed drops the same.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
/// <param name="name">The name in messages, and of its random numbers.</param>
/// <param name="rate">Share of the values that become 0; at least 0, below 1.</param>
public sealed class Dropout(string name, float rate) : Layer(name)
{
    /// <summary>Share of the values that become 0.</summary>
    public float Rate { get; } = rate is >= 0 and < 1
        ? rate
        : throw new ArgumentOutOfRangeException(nameof(rate), rate, "a share from 0 to below 1");

    /// <summary>Seed of its random numbers; <see cref="Network.Initialize"/> derives it from the network's.</summary>
    public ulong Seed { get; set; }

    /// <inheritdoc />
    public override Shape OutputShape(Shape input) => input;

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        var output = pass.Take(input.Shape);
        Apply(pass, input, accumulate: false, output);
        return pass.Done(this, output);
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        if (inputGradient.Exists)
            Apply(pass, outputGradient, accumulate, inputGradient);
    }

    private void Apply(Pass pass, Tensor source, bool accumulate, Tensor destination)
    {
        if (pass.Training)
            pass.Kernels.Dropout(source, Rate, Seed, pass.Position, accumulate, destination);
        else if (accumulate)
            pass.Kernels.Add(source, destination);
        else
            pass.Kernels.Copy(source, destination);
    }
}
