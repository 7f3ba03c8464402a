using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>
/// A profile by a clock that the test sets: parts add up, layers are named, and the trace is what its viewers want.
/// </summary>
public sealed class StepProfileTests
{
    private static readonly TResNetOptions Tiny =
        new() { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.125, Classes = 3 };
    private static readonly StepProfileOptions Options =
        new() { Batch = 2, ImageSize = 32, Warmup = 1, Repeats = 4, Timeline = true };

    private StepProfileReport _report = null!, _forward = null!;

    [OneTimeSetUp]
    public void Measure()
    {
        using var backend = Backend.Cpu(1);
        _report = StepProfile.Measure(backend, Tiny, Options, new CountingTimer());
        _forward = StepProfile.Measure(
            backend, Tiny, Options with { Training = false, ByShapes = true, Timeline = false }, new CountingTimer());
    }

    [Test]
    public void TheRowsAndWhatIsBetweenThemAddUpToTheMedianStep()
    {
        foreach (var report in new[] { _report, _forward })
        {
            Assert.That(
                report.Operations.Sum(time => time.Milliseconds) + report.OtherMilliseconds,
                Is.EqualTo(report.StepMilliseconds).Within(1e-9));
            Assert.That(
                report.Layers.Sum(layer => layer.Milliseconds),
                Is.EqualTo(report.Operations.Sum(time => time.Milliseconds)).Within(1e-9));
            Assert.That(report.OtherMilliseconds, Is.Positive);
        }
    }

    [Test]
    public void TheMedianIsAStepThatWasMeasuredAndTheSpreadIsOfAll()
    {
        var steps = _report.Events.Where(part => part.Kind == "step").Select(part => (part.To - part.From) / 1e6)
            .Order().ToArray();
        Assert.That(steps, Has.Length.EqualTo(Options.Repeats).And.Unique, "the clock gives every step another time");
        Assert.That(_report.Step, Is.EqualTo(new TimeSpread(steps[0], steps[1], steps[3])).Using<TimeSpread>((a, b) =>
            Math.Abs(a.Least - b.Least) + Math.Abs(a.Median - b.Median) + Math.Abs(a.Most - b.Most) < 1e-4));
        foreach (var operation in _report.Operations)
        {
            Assert.That(
                operation.Milliseconds, Is.InRange(operation.Spread!.Least, operation.Spread.Most), operation.Name);
        }
    }

    [Test]
    public void WithoutATimelineLayersAreKnownAndNothingElseIsMarked()
    {
        Assert.That(_forward.Events, Is.Empty);
        var clock = new CountingTimer();
        using var recording = new StepRecording(clock, next: null);
        recording.Push(StepRecording.StepName);
        recording.Push("head.fc");
        recording.Call(nameof(IKernels.Copy), [], () => { });
        recording.Pop();
        recording.Pop();
        Assert.That(
            (recording.Calls.Single().Layer, clock.Mark()), Is.EqualTo(("head.fc", 4)),
            "marks of the step and of the operation");
    }

    [Test]
    public void EveryOperationKnowsItsLayers()
    {
        foreach (var operation in _report.Operations)
        {
            Assert.That(operation.Layers.Sum(layer => layer.Calls), Is.EqualTo(operation.Calls), operation.Name);
            Assert.That(
                operation.Layers,
                Has.All.Matches<LayerTime>(layer => layer!.Layer.Length > 0 || layer.Phase.Length > 0), operation.Name);
        }
        var convolutions = _report.Operations.Single(operation => operation.Name == nameof(IKernels.ConvolutionForward))
            .Layers.Select(layer => layer.Layer);
        Assert.That(convolutions, Does.Contain("body.layer1.0.conv1.0").And.Contain("body.conv1.0"));
        Assert.That(
            _report.Operations.Single(operation => operation.Name == nameof(IKernels.AdamStep)).Layers.Single().Phase,
            Is.EqualTo("optimizer"));
        Assert.That(
            _forward.Operations.SelectMany(operation => operation.Layers),
            Has.All.Matches<LayerTime>(layer => layer!.Layer.Length > 0));
    }

    [Test]
    public void TheTraceHasWhatItsViewersAskForAndEveryEventLiesInsideItsParent()
    {
        using var json = JsonDocument.Parse(StepTrace.ToJson(_report.Events, "CPU \"x\"", "training step"));
        var events = json.RootElement.GetProperty("traceEvents").EnumerateArray().ToList();
        Assert.That(
            events.Where(part => part.GetProperty("ph").GetString() == "M")
                .Select(part => part.GetProperty("name").GetString()),
            Is.EqualTo(new[] { "process_name", "thread_name" }));
        Assert.That(events[0].GetProperty("args").GetProperty("name").GetString(), Is.EqualTo("CPU \"x\""));
        var open = new Stack<(decimal To, string Kind)>();
        foreach (var part in events.Skip(2))
        {
            Assert.That(part.GetProperty("ph").GetString(), Is.EqualTo("X"));
            Assert.That((part.GetProperty("pid").GetInt32(), part.GetProperty("tid").GetInt32()), Is.EqualTo((1, 1)));
            Assert.That(part.GetProperty("name").GetString(), Is.Not.Empty);
            var (from, length) = (part.GetProperty("ts").GetDecimal(), part.GetProperty("dur").GetDecimal());
            Assert.That((from, length), Is.GreaterThanOrEqualTo((0m, 0m)));
            while (open.TryPeek(out var before) && before.To <= from)
                open.Pop();
            var kind = part.GetProperty("cat").GetString()!;
            if (open.TryPeek(out var parent))
            {
                Assert.That(from + length, Is.LessThanOrEqualTo(parent.To), "events of a thread may not overlap");
                Assert.That(parent.Kind, Is.Not.EqualTo("operation"));
            }
            Assert.That(open.Count == 0, Is.EqualTo(kind == "step"));
            open.Push((from + length, kind));
        }
        var names = events.Select(part => part.GetProperty("name").GetString()).ToList();
        Assert.That(names, Is.SupersetOf(new[]
        {
            "step 1", "step 4", "forward", "loss", "backward", "optimizer", "body.layer1.0.conv1.0", "AdamStep",
        }));
    }

    // Every mark later than the last by another time: the steps differ, and so do their parts.
    private sealed class CountingTimer : DeviceTimer
    {
        private readonly List<double> _marks = [];
        private readonly SeededRandom _random = new(7);
        private double _now;

        public override int Mark()
        {
            _marks.Add(_now += 0.001 + _random.Next(1000) / 1000.0);
            return _marks.Count - 1;
        }

        public override double Milliseconds(int from, int to) => _marks[to] - _marks[from];

        public override void Restart() => _marks.Clear();
    }
}
