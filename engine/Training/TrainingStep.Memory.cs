namespace Flixstock.Engine;

// Steps without results, to count memory or to measure time.
internal sealed partial class TrainingStep
{
    /// <summary>Queues a step of each batch size without an input, for kernels that only count memory.</summary>
    internal void Rehearse()
    {
        var passes = PassesOf(_input);
        for (var count = passes.Length - 1; count > 0; count--)
        {
            if (passes[count] is not { } pass)
                continue;
            _input.Resize(count);
            Step(pass, part: null, _input.Before);
        }
    }

    /// <summary>Gives the steps of <see cref="Repeat"/> their batch.</summary>
    internal void Fill(Batch batch) => _input.Fill(batch, .., epoch: 1, number: 1);

    /// <summary>
    /// Queues a step with the batch of <see cref="Fill"/>, and waits for nothing. It can be captured.
    /// </summary>
    internal void Repeat() =>
        Step(PassesOf(_input)[_input.Pixels.Shape.Batch], part: null, _input.Before);
}
