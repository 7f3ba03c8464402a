namespace Flixstock.Engine;

/// <summary>
/// One step: batch to the device, forward, loss and gradient, backward, Adam and average, prior. Memory is planned for
/// both batch sizes that occur (full and last of an epoch, mixed pictures included) before the first step; a warm step
/// allocates nothing. If the device copies while it computes, two batches take turns, the host never waits for the step
/// it has just queued, and the loss is known one step late; if it captures work, every batch size and input has its
/// graph from its second step on. One caller at a time; the device may be shared with other threads' networks.
/// </summary>
internal sealed partial class TrainingStep : IDisposable
{
    // From 2^24 down to 1 a loss scale halves 24 times; a gradient that still overflows then always will.
    private const int MostSkipsInARow = 32;

    private readonly Backend _backend;
    private readonly Network _network;
    private readonly Loss _objective;
    private readonly Tensor _loss, _weights, _scores;
    private readonly Tensor _lossBefore; // only if a loss is known a step late and skipped steps are usual
    private readonly bool _skipsNonFinite;
    private readonly Action<Tensor, Tensor> _lossAction;
    private readonly Pass[][] _passes; // by input and number of pictures; only the sizes that occur
    private readonly bool[] _warm; // by place of a part and number of pictures
    private readonly int[] _unmixed; // by number of pictures: the first ones, those that are not mixed
    private readonly List<PlannedArena> _arenas = [];
    private readonly StepInput[] _inputs;
    private readonly CapturedWork?[][] _captured; // by input, place of a part and number of pictures
    private readonly LossScaler? _lossScaler;
    private readonly IGradientReducer? _reducer;
    private StepInput _input; // of the step being queued
    private StepInput? _pending; // of the step whose result is not known yet
    private int _next, _skipsInARow;

    /// <summary>Plans and allocates.</summary>
    /// <param name="network">The network, trained in place.</param>
    /// <param name="loss">On the network's backend; stays the caller's.</param>
    /// <param name="options">Batch and picture size, optimizer.</param>
    /// <exception cref="DeviceMemoryException">The device has no room for such a step.</exception>
    public TrainingStep(Network network, Loss loss, TrainingStepOptions options)
    {
        (_network, _objective, _backend) = (network, loss, network.Backend);
        using var scope = _backend.Device.EnterExclusive();
        StepMemory.Require(network, loss, options);
        var (device, size, classes, batch) =
            (_backend.Device, options.ImageSize, network.Description.Classes, options.FullStep);
        _warm = new bool[Places * (batch + 1)];
        _unmixed = new int[batch + 1];
        _loss = device.Allocate(new Shape(1));
        device.Clear(_loss);
        _weights = options.KeepsWeights ? device.Allocate(new Shape(batch, classes)) : Tensor.None;
        _batch = batch;
        _parts = (options.FullUpdate + batch - 1) / batch;
        if (_parts > 1)
            (_sum, _lossSum) = (device.Allocate(network.Buffer.Gradients.Shape), device.Allocate(new Shape(1)));
        _scores = options.KeepsScores ? device.Allocate(new Shape(batch, classes)) : Tensor.None;
        Finished = options.KeepsScores ? new StepScores(batch, classes) : null;
        PriorSums = device.Allocate(new Shape(classes));
        device.Clear(PriorSums);
        _lossScaler = _backend.Precision != Precision.Fp16 ? null
            : options.LossScale is { } scale ? new LossScaler(_backend, scale) : new LossScaler(_backend);
        _inputs = Inputs(device, new Shape(batch, size, size, 3), new Shape(batch, classes));
        _captured = [.. _inputs.Select(_ => new CapturedWork?[Places * (batch + 1)])];
        _passes = [.. _inputs.Select(_ => new Pass[batch + 1])];
        _input = _inputs[0];
        _skipsNonFinite = options.SkipsNonFinite;
        _reducer = options.Reducer;
        if (_lossScaler is not null && _input.IsAsynchronous)
            _lossBefore = device.Allocate(new Shape(1));
        network.BodyIsFrozen = options.Adam.BodyFactor == 0;
        Adam = new Adam(
            _backend, network.Buffer, options.Adam, options.Schedule, _lossScaler, network.BodyParameters)
        {
            // A late failure must find the weights as they were; with a loss scale a skipped step is no failure.
            StaysSkipped = _input.IsAsynchronous && _lossScaler is null,
        };
        Average = new WeightAverage(options.Adam.Average, network.BatchesTracked);
        _lossAction = ComputeLoss;
        foreach (var own in options.BatchSizes)
        {
            var count = options.WithMixed(own);
            _unmixed[count] = own;
            var planned = PlannedPass(count, size, options.Statistics);
            foreach (var (input, passes) in _inputs.Zip(_passes))
                passes[count] = planned with { Position = input.Position };
        }
    }

    /// <summary>The optimizer and the average of what it changes.</summary>
    public Adam Adam { get; }

    /// <summary>The average of the counters.</summary>
    public WeightAverage Average { get; }

    /// <summary>[classes] sum of the probabilities of all training pictures so far, without mixed ones.</summary>
    public Tensor PriorSums { get; }

    /// <summary>The arena of full batches: other work between steps may use its memory.</summary>
    public PlannedArena Arena => _arenas[0];

    /// <summary>
    /// The scores of the step whose loss <see cref="Run"/> or <see cref="Finish"/> has returned last; null: they are
    /// not kept.
    /// </summary>
    public StepScores? Finished { get; }

    /// <summary>
    /// The step that <see cref="Run"/> or <see cref="Finish"/> has just found not to be finite; null: none.
    /// </summary>
    public NonFiniteStep? Failure { get; private set; }

    /// <summary>
    /// False if weights may be neither those before a step nor those after it: a failure in the optimizer, or on a
    /// device that computes asynchronously.
    /// </summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>True if a step's loss is not known yet.</summary>
    public bool IsPending => _pending is not null;

    /// <summary>Queues one step.</summary>
    /// <returns>
    /// The loss of the latest step that is known to be done: this one, or on an asynchronous device the one before;
    /// null after the first step of one, and if that step is a <see cref="Failure"/>, which has left no trace, nor has
    /// a step that was queued after it.
    /// </returns>
    /// <exception cref="OperationCanceledException">
    /// Cut short between two layers; the step has left no trace.
    /// </exception>
    /// <param name="batch">Pictures and labels; copied before this returns.</param>
    /// <param name="step">Number of the step in the training, from 1.</param>
    /// <param name="epoch">Number of the epoch, from 1.</param>
    public float? Run(Batch batch, int step, int epoch = 1)
    {
        using var scope = _backend.Device.EnterExclusive();
        Adam.RequireRoom();
        if (batch.Count > _batch)
            return RunInParts(batch, step, epoch);
        TakeInput(batch, step);
        var input = _input;
        input.Fill(batch, .., epoch, Number(step, part: 0));
        input.Before.Count();
        TryQueue(input, part: null, input.Before);
        _weightsOfParts.Clear();
        Await(input);
        var finished = Finish();
        if (Failure is not null)
            return null;
        _pending = input;
        return input.IsAsynchronous && !_skipsNonFinite ? finished : Finish();
    }

    /// <summary>Waits for the step whose loss is not known yet.</summary>
    /// <returns>Its loss; null if there is none, or it is a <see cref="Failure"/>.</returns>
    public float? Finish()
    {
        Failure = null;
        Finished?.Clear();
        if (_pending is not { } input)
            return null;
        using var scope = _backend.Device.EnterExclusive();
        _pending = null;
        IsWhole = false; // what an asynchronous device has failed at comes to light here
        var (skipped, loss) = input.Answer(Adam.Skip, _loss);
        IsWhole = true;
        _skipsInARow = skipped ? _skipsInARow + 1 : 0;
        if (skipped && (_lossScaler is null || !float.IsFinite(loss) || _skipsInARow > MostSkipsInARow))
        {
            Failure = Undo(input, _updateBefore ?? input.Before);
            return null;
        }

        if (!skipped)
        {
            Average.Update(input.Tracked);
            Finished?.Read(input, ScoresOf(input));
        }
        return loss;
    }

    /// <summary>True after too many steps in a row that were not finite: skipping another one would not help.</summary>
    public bool SkipsForGood => _skipsInARow > MostSkipsInARow;

    /// <summary>Frees what it allocated.</summary>
    public void Dispose()
    {
        using var scope = _backend.Device.EnterExclusive();
        _backend.Device.Synchronize();
        foreach (var captured in _captured.SelectMany(graphs => graphs))
            captured?.Dispose();
        Adam.Dispose();
        _lossScaler?.Dispose();
        for (var i = _arenas.Count - 1; i >= 0; i--)
            _arenas[i].Dispose();
        foreach (var input in _inputs)
            input.Dispose();
        foreach (var tensor in new[] { _loss, _lossBefore, PriorSums, _weights, _scores, _sum, _lossSum })
        {
            if (tensor.Exists)
                _backend.Device.Free(tensor);
        }
    }

    // Takes the input that comes next for a step, or for one of its parts.
    private void TakeInput(Batch batch, int step)
    {
        _input = _inputs[_next];
        _next = (_next + 1) % _inputs.Length;
        _input.Step = step;
        _input.Note(batch);
    }

    private void TryQueue(StepInput input, GradientPart? part, StepSnapshot before)
    {
        try
        {
            Queue(PassesOf(input)[input.Pixels.Shape.Batch], part, before);
        }
        catch
        {
            IsWhole &= _backend.Device.IsHost;
            if (IsWhole)
                before.Restore();
            throw;
        }
    }

    private void Await(StepInput input)
    {
        input.Ask(Adam.Skip, _loss, ScoresOf(input));
        _network.CopyBatchesTracked(input.Tracked);
    }

    // A batch size's first step shows the device what to expect: kernels are loaded, algorithms chosen, scratch memory
    // grows.
    private void Queue(Pass pass, GradientPart? part, StepSnapshot before)
    {
        var count = _input.Pixels.Shape.Batch;
        var graphs = _captured[Array.IndexOf(_inputs, _input)];
        var place = (count * Places) + (part is { } one ? (int)one + 1 : 0);
        if (!_backend.Graphs || !_warm[place])
        {
            Step(pass, part, before);
            _warm[place] = true;
            return;
        }
        (graphs[place] ??= Capture(pass, part, before)).Replay();
        _network.CountBatch();
    }

    private CapturedWork Capture(Pass pass, GradientPart? part, StepSnapshot before)
    {
        var tracked = _network.BatchesTracked;
        var captured = _backend.Device.Capture(() => Step(pass, part, before));
        _network.RestoreBatchesTracked(tracked);
        return captured;
    }

    private void Step(Pass pass, GradientPart? part, StepSnapshot before)
    {
        if (part is null or GradientPart.First)
        {
            before.Queue();
            if (_lossBefore.Exists)
                _backend.Device.Copy(_loss, _lossBefore);
        }

        _network.ComputeGradients(pass, _input.Pixels, _lossAction);
        if (part is { } place)
            AddPart(place);
        if (part is not (null or GradientPart.Last))
            return;
        _reducer?.Reduce(_network.Buffer);
        _backend.Ranges?.Push(StepPhase.Optimizer);
        IsWhole = false;
        Adam.Queue(_loss, _lossBefore);
        IsWhole = true;
        _backend.Ranges?.Pop();
    }

    private void ComputeLoss(Tensor logits, Tensor gradient)
    {
        var weights = _weights.Exists ? _weights.Slice(0, logits.Shape) : Tensor.None;
        _objective.Compute(
            new LossInput(logits, _input.Labels, _input.Position), new LossOutput(_loss, gradient, weights));
        _lossScaler?.Apply(gradient);
        if (_scores.Exists)
            _backend.Device.Copy(logits, _scores.Slice(0, logits.Shape));
        if (_objective.Head != HeadKind.Sigmoid) // other probabilities are no sigmoids
            return;
        // Mixed pictures have more classes than the data set's.
        var own = new Shape(_unmixed[logits.Shape.Batch], logits.Shape.Channels);
        _backend.Kernels.PriorAccumulate(logits.Slice(0, own), PriorSums);
    }

    private StepInput[] Inputs(Device device, Shape pixels, Shape labels)
    {
        Tensor[] kept = [PriorSums, .. _objective.Statistics.Select(statistic => statistic.Values)];
        StepSnapshot Before() =>
            new(_network, _lossScaler is { } scaler ? [.. kept, scaler.Scale, scaler.GoodSteps] : kept);
        StepInput One() => new(
            device, pixels, labels, _objective, _network.DrawsAtRandom, _scores.Exists ? _scores.Bytes : 0)
        {
            Tracked = _network.BatchesTracked,
            Before = Before(),
        };
        var first = One();
        return first.IsAsynchronous ? [first, One()] : [first];
    }

    private Tensor ScoresOf(StepInput input) => _scores.Exists
        ? _scores.Slice(0, new Shape(input.Pixels.Shape.Batch, _scores.Shape.Channels))
        : Tensor.None;

    private Pass[] PassesOf(StepInput input) => _passes[Array.IndexOf(_inputs, input)];

    private Pass PlannedPass(int count, int size, IStatisticsReducer? statistics)
    {
        // Where gradients go to other processes as they appear, each must be there.
        var overlaps = _reducer is null && _backend.Overlaps;
        var plan = _network.PlanTraining(count, size, size, statistics, overlaps);
        _arenas.Add(new PlannedArena(_backend.Device, plan, _arenas.FirstOrDefault()));
        return _backend.NewPass(_arenas[^1], training: true) with
        {
            StatisticsReducer = statistics,
            Overlaps = overlaps,
        };
    }

    // What was queued after it has changed no weight either, and goes with it.
    private NonFiniteStep Undo(StepInput input, StepSnapshot before)
    {
        _backend.Device.Synchronize();
        before.Restore();
        Adam.ClearSkip();
        _backend.Device.Clear(_loss);
        _backend.Device.Synchronize();
        return new NonFiniteStep(input.Step, [.. input.Samples], FirstNonFiniteLayer(input));
    }
}
