using Flixstock.Engine;
using Flixstock.Tests.Devices;
using Flixstock.Tests.Training;

namespace Flixstock.Tests.Operations;

/// <summary>A reducer of batch statistics in a whole training step.</summary>
[NonParallelizable]
public sealed class SplitStatisticsTrainingTests
{
    [Test]
    public void AStepWithAReducerIsPlannedWithItsMemory()
    {
        using var backend = Backend.Cpu(1);
        var model = TinyTraining.Options.Model(21);
        using var loss = new SelectiveLoss(backend);
        var plain = TinyTraining.Options.Steps(new OneCycleSchedule(1e-3, 10), 4);
        var merged = plain with { Statistics = new SilentReducer(1000, 2) };
        using var network = model.Create(backend);
        using var step = new TrainingStep(network, loss, merged);
        var (without, with) = (StepMemory.Of(backend, model, loss, plain), StepMemory.Of(backend, model, loss, merged));
        Assert.That(with.ActivationBytes, Is.EqualTo(step.Arena.Bytes).And.GreaterThan(without.ActivationBytes));
    }

    [Test]
    public void StepsOfAProcessAloneAreThoseWithoutReducer()
    {
        var (plain, merged) = (Steps(Backend.Cpu(1), null), Steps(Backend.Cpu(1), new LoneReducer()));
        TestTensors.AssertClose(merged, plain, 1e-4 * TestTensors.Largest(plain), "losses");
    }

    [Test]
    public void TheCallsAreCapturedAndReplayed()
    {
        var reducer = new LoneReducer();
        using var gpu = new EmulatedGpu();
        Assert.That(gpu.Backend.Graphs);
        using var run = new EmulatedSteps(gpu.Backend, statistics: reducer);
        run.Take(1);
        var once = reducer.Gathered;
        Assert.That(once, Is.Positive.And.EqualTo(reducer.Added));
        // A partial batch is among them; then every size and input is captured.
        run.Take(8);
        var gathered = reducer.Gathered;
        float[] losses = [.. run.Outcome().Losses];
        run.Take(3);
        Assert.That((reducer.Gathered, reducer.Added), Is.EqualTo((gathered, gathered)), "a replay asks nobody");
        Assert.That(gathered % once, Is.Zero);
        using var other = new EmulatedGpu();
        using var plain = new EmulatedSteps(other.Backend);
        plain.Take(9);
        float[] expected = [.. plain.Outcome().Losses];
        TestTensors.AssertClose(losses, expected, 1e-4 * TestTensors.Largest(expected), "losses");
    }

    private static float[] Steps(Backend backend, IStatisticsReducer? reducer)
    {
        using (backend)
        {
            using var run = new EmulatedSteps(backend, statistics: reducer);
            run.Take(4);
            return [.. run.Outcome().Losses];
        }
    }
}
