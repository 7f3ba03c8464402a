using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Tests.Optimization;

/// <summary>
/// The weight average's warm-up: the decay of every update, in the kernels and in the counters, across skipped steps
/// and saved states.
/// </summary>
public class AverageScheduleTests
{
    private static readonly AdamSettings Warm = new(AverageDecay: 0.25, AverageWarmup: true);

    [TestCase(0, 0.1)]
    [TestCase(1, 2.0 / 11)]
    [TestCase(90, 0.91)]
    [TestCase(29_989, 29_990.0 / 29_999)]
    [TestCase(29_990, 0.9997)]
    [TestCase(5_000_000_000, 0.9997)]
    public void TheDecayGrowsWithTheUpdatesUntilItIsReached(long update, double expected)
    {
        Assert.That(new AverageSchedule(0.9997, Warmup: true).At(update), Is.EqualTo(expected).Within(1e-15));
        Assert.That(new AverageSchedule(0.9997, Warmup: false).At(update), Is.EqualTo(0.9997));
    }

    [TestCaseSource(typeof(TestTensors), nameof(TestTensors.Backends))]
    public void TheAverageFollowsItAndASkippedStepIsNoUpdate(string kind)
    {
        using var backend = TestTensors.Open(kind);
        using var buffer = NewBuffer(backend);
        using var adam = new Adam(backend, buffer, Warm, new OneCycleSchedule(0.1, 20));
        var tracked = new WeightAverage(Warm.Average, [0]);
        var (expected, count) =
            (Array.ConvertAll(backend.Device.ToHost<float>(buffer.Values), value => (double)value), 0.0);
        for (var (step, update) = (0, 0); step < 8; step++)
        {
            var skipped = step is 2 or 3;
            SetGradients(backend, buffer, skipped ? float.NaN : step - 3);
            adam.Step();
            Assert.That(adam.LastStepSkipped, Is.EqualTo(skipped));
            if (skipped)
                continue;
            tracked.Update([1000 * (step + 1)]);
            var decay = Warm.Average.At(update++);
            Assert.That(
                decay, Is.EqualTo(update > 2 ? 0.25 : update / (9.0 + update)), "d = min(0.25, (1 + t) / (10 + t))");
            count = Math.Floor((decay * count) + ((1 - decay) * 1000 * (step + 1)));
            var values = backend.Device.ToHost<float>(buffer.Values);
            for (var i = 0; i < values.Length; i++)
                expected[i] = (decay * expected[i]) + ((1 - decay) * values[i]);
            TestTensors.AssertClose(
                backend.Device.ToHost<float>(adam.Average), Array.ConvertAll(expected, value => (float)value), 1e-6,
                $"step {step}");
            Assert.That(tracked.BatchesTracked[0], Is.EqualTo(count).Within(1));
        }
    }

    [Test]
    public void ASavedAverageGoesOnWithTheUpdateItWasAt()
    {
        using var backend = Backend.Cpu(1);
        using var whole = NewBuffer(backend);
        using var resumed = NewBuffer(backend);
        using var adam = new Adam(backend, whole, Warm with { AverageDecay = 0.9 }, new OneCycleSchedule(0.1, 20));
        using var other = new Adam(backend, resumed, Warm with { AverageDecay = 0.9 }, new OneCycleSchedule(0.1, 20));
        var (counter, otherCounter) = (new WeightAverage(Warm.Average, [0]), new WeightAverage(Warm.Average, [0]));
        for (var step = 0; step < 6; step++)
        {
            if (step == 3)
            {
                other.LoadState(adam.SaveState());
                backend.Device.Copy(whole.Values, resumed.Values);
                otherCounter.Load(counter.BatchesTracked, other.StepsTaken);
            }
            Step(backend, whole, adam, counter, step);
            if (step >= 3)
                Step(backend, resumed, other, otherCounter, step);
        }
        Assert.That(
            backend.Device.ToHost<float>(other.Average), Same.As(backend.Device.ToHost<float>(adam.Average)));
        Assert.That(otherCounter.BatchesTracked, Is.EqualTo(counter.BatchesTracked));
    }

    [Test]
    public void OptionsFromBeforeThereWasAWarmUpHaveNone()
    {
        Assert.That(
            new TrainerOptions(), Is.EqualTo(new TrainerOptions { AverageDecay = 0.9997, AverageWarmup = true }));
        var old = new TrainerOptions().ToJson().Replace("\"averageWarmup\":true,", "", StringComparison.Ordinal);
        Assert.That(old, Does.Not.Contain("averageWarmup"));
        Assert.That(TrainerOptions.FromJson(old), Is.EqualTo(new TrainerOptions { AverageWarmup = false }));
        Assert.That(TrainerOptions.FromJson(new TrainerOptions().ToJson()).AverageWarmup);
        Assert.That(
            TrainerOptions.FromJson(new TrainerOptions { AverageWarmup = false }.ToJson()).AverageWarmup, Is.False);
        Assert.That(
            new TrainerOptions().DifferencesTo(TrainerOptions.FromJson(old)),
            Is.EqualTo(new[] { "averageWarmup true instead of false" }));
    }

    [TestCase("1")]
    [TestCase("0")]
    public void ADecayThatIsNoneIsRefused(string decay) => Assert.That(
        () => new TrainerOptions { AverageDecay = double.Parse(decay, CultureInfo.InvariantCulture) }.Validate(),
        Throws.TypeOf<InputException>().With.Message
            .EqualTo($"AverageDecay {decay}: give a number above 0 and below 1"));

    private static void Step(Backend backend, ParameterBuffer buffer, Adam adam, WeightAverage counter, int step)
    {
        SetGradients(backend, buffer, step);
        adam.Step();
        counter.Update([1000 * (step + 1)]);
    }

    private static ParameterBuffer NewBuffer(Backend backend)
    {
        var buffer = new ParameterBuffer(
            backend.Device,
            [new Parameter("w", new Shape(70), ParameterKind.Weight), new Parameter(
                "s", new Shape(3), ParameterKind.RunningStatistic)]);
        foreach (var parameter in buffer.Parameters)
            backend.Device.CopyFromHost<float>(TestTensors.Random(parameter.Shape.Count, 5), parameter.Value);
        return buffer;
    }

    private static void SetGradients(Backend backend, ParameterBuffer buffer, float value) =>
        backend.Device.CopyFromHost<float>(
            Enumerable.Repeat(value, (int)buffer.Parameters[0].Shape.Count).ToArray(), buffer.Parameters[0].Gradient);
}
