namespace Flixstock.Engine;

/// <summary>
/// One step: batch to the device, forward, loss and gradient, backward, Adam and average, prior. Memory is planned for both batch sizes that occur (full and
/// last of an epoch) before the first step; a warm step allocates nothing.
/// </summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly Backend _backend;
    private readonly TResNet _network;
    private readonly SelectiveLossOptions _lossOptions;
    private readonly Tensor _prior, _pixels, _labels, _loss;
    private readonly Action<Tensor, Tensor> _lossAction;
    private readonly Pass[] _passes; // by number of pictures; only the sizes that occur
    private readonly List<PlannedArena> _arenas = [];
    private readonly long[] _tracked;
    private Tensor _batchLabels;

    /// <summary>Plans and allocates.</summary>
    /// <param name="network">Trained in place.</param>
    /// <param name="options">Batch and picture size, loss, optimizer.</param>
    /// <param name="schedule">Learning rates.</param>
    /// <param name="pictures">Pictures of an epoch: decides the size of the last batch.</param>
    /// <param name="prior">[classes] for the selective loss, or null.</param>
    public TrainingStep(TResNet network, TrainerOptions options, OneCycleSchedule schedule, int pictures, float[]? prior)
    {
        (_network, _backend, _lossOptions) = (network, network.Backend, options.Loss);
        var (device, size, classes) = (_backend.Device, options.ImageSize, network.Options.Classes);
        var batch = Math.Min(options.BatchSize, pictures);
        _passes = new Pass[batch + 1];
        foreach (var count in new[] { batch, pictures % batch }.Where(count => count > 0).Distinct())
            _passes[count] = PlannedPass(count, size);
        _pixels = device.Allocate(new Shape(batch, size, size, 3), ElementType.UInt8);
        _labels = device.Allocate(new Shape(batch, classes), ElementType.Int8);
        _loss = device.Allocate(new Shape(1));
        PriorSums = device.Allocate(new Shape(classes));
        device.Clear(PriorSums);
        _prior = prior is null ? Tensor.None : device.FromHost<float>(prior, new Shape(classes));
        Adam = new Adam(_backend, network.Buffer, new AdamSettings(WeightDecay: options.WeightDecay, AverageDecay: options.AverageDecay), schedule);
        _tracked = network.BatchesTracked;
        Average = new WeightAverage(options.AverageDecay, _tracked);
        _lossAction = ComputeLoss;
    }

    /// <summary>The optimizer and the average of what it changes.</summary>
    public Adam Adam { get; }

    /// <summary>The average of the counters.</summary>
    public WeightAverage Average { get; }

    /// <summary>[classes] sum of the probabilities of all training pictures so far.</summary>
    public Tensor PriorSums { get; }

    /// <summary>The arena of full batches: other work between steps may use its memory.</summary>
    public PlannedArena Arena => _arenas[0];

    /// <summary>Does one step.</summary>
    /// <returns>The loss.</returns>
    /// <exception cref="EngineException">The loss or a gradient is not finite; no weight was changed.</exception>
    public float Run(Batch batch, int step)
    {
        var (device, size) = (_backend.Device, batch.ImageSize);
        var pass = _passes[batch.Count];
        var input = _pixels.Slice(0, new Shape(batch.Count, size, size, 3));
        _batchLabels = _labels.Slice(0, new Shape(batch.Count, batch.Classes));
        device.CopyFromHost<byte>(batch.Pixels.AsSpan(0, (int)input.Count), input);
        device.CopyFromHost<sbyte>(batch.Labels.AsSpan(0, (int)_batchLabels.Count), _batchLabels);
        StepPlan.Train(_network, pass, input, _lossAction);
        Adam.Step(_loss);
        if (Adam.LastStepSkipped)
            throw NotFinite(pass, input, step);
        _network.CopyBatchesTracked(_tracked);
        Average.Update(_tracked);
        Span<float> loss = stackalloc float[1];
        device.CopyToHost(_loss, loss);
        return loss[0];
    }

    /// <summary>Frees what it allocated.</summary>
    public void Dispose()
    {
        Adam.Dispose();
        for (var i = _arenas.Count - 1; i >= 0; i--)
            _arenas[i].Dispose();
        foreach (var tensor in new[] { _pixels, _labels, _loss, PriorSums, _prior })
        {
            if (tensor.Exists)
                _backend.Device.Free(tensor);
        }
    }

    private void ComputeLoss(Tensor logits, Tensor gradient)
    {
        _backend.Kernels.SelectiveLoss(logits, _batchLabels, _prior, _lossOptions, _loss, gradient, Tensor.None);
        _backend.Kernels.PriorAccumulate(logits, PriorSums);
    }

    private Pass PlannedPass(int count, int size)
    {
        var lifetimes = StepPlan.Training(_network, count, size, size);
        _arenas.Add(new PlannedArena(_backend.Device, lifetimes, _arenas.FirstOrDefault()));
        return _backend.NewPass(_arenas[^1], training: true);
    }

    private EngineException NotFinite(Pass pass, Tensor input, int step)
    {
        var layer = _network.FirstNonFiniteLayer(pass, input);
        var where = layer is null ? "every layer's output is finite, the loss or a gradient is not" : $"the first layer whose output is not finite is '{layer}'";
        return new EngineException(
            $"step {step}: the loss is not finite ({where}); the weights of this step were not changed: lower the learning rate and start again, or from an earlier checkpoint");
    }
}
