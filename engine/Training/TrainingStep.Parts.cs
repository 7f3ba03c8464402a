namespace Flixstock.Engine;

// An update in parts: gradients of small batches are summed before the optimizer sees them. What a step changes is kept
// before its first part, and its result is waited for, so that the parts' places are free again.
internal sealed partial class TrainingStep
{
    // A part alone, and each of GradientPart.
    private const int Places = 4;

    private readonly int _batch; // pictures of a full part
    private readonly int _parts; // of the largest update
    private readonly Tensor _sum, _lossSum; // none where every update is one part
    private readonly List<float> _weightsOfParts = [];
    private StepSnapshot? _updateBefore; // of the update in parts that is being queued
    private Batch? _update;

    /// <summary>
    /// [pictures, classes] what the step just queued multiplied its labels' terms with; waits for it. Only with
    /// <see cref="TrainerOptions.CountIgnored"/>.
    /// </summary>
    public float[] LossWeights(int pictures) => _weightsOfParts.Count > 0
        ? [.. _weightsOfParts]
        : _backend.Device.ToHost<float>(_weights.Slice(0, new Shape(pictures, _network.Description.Classes)));

    private float? RunInParts(Batch batch, int step, int epoch)
    {
        Finish();
        if (Failure is not null)
            return null;
        _weightsOfParts.Clear();
        _updateBefore = null;
        _update = batch;
        try
        {
            var parts = (batch.Count + _batch - 1) / _batch;
            for (var i = 0; i < parts; i++)
                RunPart(batch, step, epoch, i, parts);
            var last = _input;
            Await(last);
            _pending = last;
            return Finish();
        }
        finally
        {
            (_update, _updateBefore) = (null, null);
        }
    }

    private void RunPart(Batch batch, int step, int epoch, int index, int parts)
    {
        TakeInput(batch, step);
        var input = _input;
        input.Fill(batch, PartOf(batch, index), epoch, Number(step, index));
        if (_updateBefore is null)
            (_updateBefore = input.Before).Count();
        var part = index == 0 ? GradientPart.First : index < parts - 1 ? GradientPart.Middle : GradientPart.Last;
        TryQueue(input, part, _updateBefore);
        if (_weights.Exists)
        {
            var shape = new Shape(input.Pixels.Shape.Batch, _network.Description.Classes);
            _weightsOfParts.AddRange(_backend.Device.ToHost<float>(_weights.Slice(0, shape)));
        }

        if (part != GradientPart.Last)
            input.Leave();
    }

    // What draws at random draws anew for each part.
    private int Number(int step, int part) => ((step - 1) * _parts) + part + 1;

    private Range PartOf(Batch batch, int index) => (index * _batch)..Math.Min((index + 1) * _batch, batch.Count);

    private void AddPart(GradientPart part)
    {
        var buffer = _network.Buffer;
        _backend.Kernels.GradientSum(buffer.Gradients, buffer.LowGradients, buffer.LowMap, part, _sum);
        _backend.Kernels.GradientSum(_loss, Tensor.None, ReadOnlyTensor.None, part, _lossSum);
    }

    // The pictures of an update in parts are looked through once more.
    private string? FirstNonFiniteLayer(StepInput input)
    {
        string? Layer() => _network.FirstNonFiniteLayer(PassesOf(input)[input.Pixels.Shape.Batch], input.Pixels);
        if (_update is not { } batch)
            return Layer();
        string? found = null;
        for (var i = 0; found is null && i * _batch < batch.Count; i++)
        {
            input.Fill(batch, PartOf(batch, i), epoch: 1, number: 1);
            found = Layer();
            input.Leave();
        }

        return found;
    }
}
