using Flixstock.Engine;

namespace Flixstock.Tests.Devices;

/// <summary>What a tiny network is after some training steps.</summary>
/// <param name="Losses">Of every step.</param>
/// <param name="Network">Weights and running statistics, unpadded.</param>
/// <param name="Optimizer">Moments, average, counters.</param>
/// <param name="Values">The flat parameter buffer, padding included.</param>
internal sealed record EmulatedOutcome(
    IReadOnlyList<float> Losses, StateDict Network, StateDict Optimizer, float[] Values)
{
    /// <summary>Steps that changed the weights.</summary>
    public long StepsTaken => Optimizer["step"].ToIntegers()[0];

    /// <summary>
    /// Fails unless every saved number and every loss has the same bits; the losses of a run that was resumed are the
    /// other's last.
    /// </summary>
    public void AssertSameBits(EmulatedOutcome expected)
    {
        Assert.That(Losses, Is.EqualTo(expected.Losses.TakeLast(Losses.Count)), "losses");
        foreach (var (mine, theirs) in new[] { (Network, expected.Network), (Optimizer, expected.Optimizer) })
        {
            foreach (var tensor in theirs)
                Assert.That(mine[tensor.Name].Data.Span.SequenceEqual(tensor.Data.Span), Is.True, tensor.Name);
        }
    }
}

/// <summary>Training steps of a tiny network whose 12 planes are padded to 16 on the device.</summary>
internal sealed class EmulatedSteps : IDisposable
{
    public const int Classes = 21, Side = 32, Batch = 4;
    private readonly Backend _backend;
    private readonly TrainingStep _step;
    private readonly List<float> _losses = [];
    private readonly List<(int Step, float[] Logits)> _scores = [];
    private int _taken;

    /// <summary>Plans and allocates.</summary>
    /// <param name="backend">Where.</param>
    /// <param name="learningRate">The schedule's highest.</param>
    /// <param name="batch">Pictures of a step.</param>
    /// <param name="pictures">Of an epoch: two full batches and one of two.</param>
    /// <param name="statistics">Merges batch statistics; null: none.</param>
    /// <param name="loss">Of these labels; null: the selective loss.</param>
    /// <param name="recipe">
    /// Options that say what the head is and how weights follow their gradients; null: the defaults.
    /// </param>
    public EmulatedSteps(
        Backend backend, double learningRate = 2e-4, int batch = Batch, int pictures = 10,
        IStatisticsReducer? statistics = null, PartialLossOptions? loss = null, TrainerOptions? recipe = null)
    {
        _backend = backend;
        var model = new TResNetOptions { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.1875, Classes = Classes };
        Network = new TResNet(backend, model with { Decoder = recipe?.Decoder, Boost = recipe?.Boost });
        Network.Initialize(3);
        var schedule = new OneCycleSchedule(learningRate, 60);
        var options = ((recipe ?? new TrainerOptions()) with
        {
            ImageSize = Side,
            BatchSize = batch / (recipe?.AccumulationSteps ?? 1),
        })
            .Steps(schedule, pictures);
        Loss objective = loss is null ? new SelectiveLoss(backend) : new PartialLoss(backend, loss);
        _step = new TrainingStep(Network, objective, options with { Statistics = statistics });
    }

    public TResNet Network { get; }

    /// <summary>[pictures, classes] of each step, if the recipe keeps them.</summary>
    public IReadOnlyList<(int Step, float[] Logits)> Scores => _scores;

    /// <summary>Some steps from the beginning.</summary>
    public static EmulatedOutcome Run(
        Backend backend, int steps, float? lossScale = null, PartialLossOptions? loss = null,
        TrainerOptions? recipe = null)
    {
        using var run = new EmulatedSteps(backend, loss: loss, recipe: recipe);
        if (lossScale is { } scale)
            run.SetLossScale(scale);
        run.Take(steps);
        return run.Outcome();
    }

    /// <summary>Sets the loss scale of half precision.</summary>
    public void SetLossScale(float scale)
    {
        var changed = new StateDict();
        foreach (var tensor in _step.Adam.SaveState())
            changed.Add(tensor.Name == "loss_scale" ? StateTensors.From(tensor.Name, [1], [scale]) : tensor);
        _step.Adam.LoadState(changed);
    }

    /// <summary>Goes on where another run was.</summary>
    public void Load(EmulatedOutcome saved, int taken)
    {
        Network.Load(saved.Network);
        _step.Adam.LoadState(saved.Optimizer);
        _taken = taken;
    }

    /// <summary>Takes steps; every third has a partial batch.</summary>
    public void Take(int steps)
    {
        for (var end = _taken + steps; _taken < end; _taken++)
            Note(_step.Run(Pictures(_taken), _taken + 1, epoch: _taken + 1));
        Note(_step.Finish());
    }

    public EmulatedOutcome Outcome() => new(
        _losses, Network.ToStateDict(), _step.Adam.SaveState(), _backend.Device.ToHost<float>(Network.Buffer.Values));

    public void Dispose()
    {
        _step.Dispose();
        Network.Dispose();
    }

    private void Note(float? loss)
    {
        if (loss is not { } known)
            return;
        _losses.Add(known);
        if (_step.Finished is { } scores)
            _scores.Add((scores.Step, scores.Logits.ToArray()));
    }

    private static Batch Pictures(int step)
    {
        var batch = new Batch(Batch, Side, Classes) { Count = step % 3 == 2 ? 2 : Batch };
        var random = new SeededRandom((ulong)step + 17);
        for (var i = 0; i < batch.Pixels.Length; i++)
            batch.Pixels[i] = (byte)random.Next(256);
        for (var i = 0; i < batch.Labels.Length; i++)
            batch.Labels[i] = (sbyte)(random.Next(3) - 1);
        return batch;
    }
}
