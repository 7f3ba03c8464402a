namespace Flixstock.Engine;

internal sealed partial class TrainingStep
{
    /// <summary>Queues a step of each batch size without an input: where kernels only count memory.</summary>
    internal void Rehearse()
    {
        for (var count = _passes.Length - 1; count > 0; count--)
        {
            if (_passes[count] is not { } pass)
                continue;
            _input.Resize(count);
            Step(pass);
        }
    }
}
