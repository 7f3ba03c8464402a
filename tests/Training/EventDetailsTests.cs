using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>Histograms and pictures in the event file: what they hold, and each once after a kill.</summary>
public sealed class EventDetailsTests
{
    private const string EventsName = "events.out.tfevents.flixstock";

    private static readonly TrainerOptions Detailed =
        TinyTraining.Options with { LogHistograms = true, LogPictures = true };

    [Test]
    public void AHistogramCountsEveryFiniteValueOnce()
    {
        float[] values = [-1, -1, 0.5f, 2, float.NaN, float.PositiveInfinity, 0];
        var histogram = WeightHistogram.Of(values)!;
        Assert.Multiple(() =>
        {
            Assert.That((histogram.Min, histogram.Max, histogram.Num), Is.EqualTo((-1.0, 2.0, 5.0)));
            Assert.That((histogram.Sum, histogram.SumSquares), Is.EqualTo((0.5, 6.25)));
            Assert.That(histogram.BucketLimit, Has.Count.EqualTo(WeightHistogram.Buckets).And.Ordered);
            Assert.That(histogram.BucketLimit[^1], Is.EqualTo(2));
            Assert.That(histogram.BucketLimit[0], Is.EqualTo(-0.9).Within(1e-12));
        });
        var buckets = new double[WeightHistogram.Buckets];
        (buckets[0], buckets[10], buckets[15], buckets[29]) = (2, 1, 1, 1); // a bucket is 0.1 wide
        Assert.That(histogram.Bucket, Is.EqualTo(buckets));
    }

    [Test]
    public void OneValueIsOneBucketAndNoneIsNoHistogram()
    {
        var histogram = WeightHistogram.Of([3, 3, 3])!;
        Assert.That(histogram.BucketLimit, Is.EqualTo(new[] { 3.0 }));
        Assert.That(histogram.Bucket, Is.EqualTo(new[] { 3.0 }));
        Assert.That(WeightHistogram.Of([float.NaN]), Is.Null);
        Assert.That(WeightHistogram.Of([]), Is.Null);
    }

    [Test]
    public void EveryEpochHasTheWeightsAndTheSamePictures()
    {
        using var folder = new TemporaryFolder();
        Train(folder, "run", Detailed);
        var values = Values(folder["run"]);
        using var last = Checkpoint.Load(folder["run/last.safetensors"]);
        var tensors = last.State.Where(tensor => tensor.Type == StateType.F32).ToList();
        Assert.That(tensors, Has.Count.GreaterThan(20));
        foreach (var tensor in tensors)
        {
            var own = values.Where(value => value.Value.Tag == $"weights/{tensor.Name}").ToList();
            Assert.That(own.Select(value => value.Step), Is.EqualTo(new[] { 3, 6, 9 }), tensor.Name);
            Assert.That(own[^1].Value.Histo, Is.EqualTo(WeightHistogram.Of(tensor.ToFloats())), tensor.Name);
        }

        var pictures = values.Where(value => value.Value.Image is not null).ToList();
        var names = pictures.Select(value => value.Value.Tag).Distinct().ToList();
        Assert.That(names, Has.Count.EqualTo(EventPictures.Most).And.Contain("validation/0.png"));
        Assert.That(pictures, Has.Count.EqualTo(3 * names.Count));
        foreach (var (_, value) in pictures)
        {
            var picture = PictureDecoder.Decode(value.Image.EncodedImageString.ToByteArray(), value.Tag);
            Assert.That((picture.Width, picture.Height), Is.EqualTo((value.Image.Width, value.Image.Height)));
        }
        Assert.That(
            pictures.Where(value => value.Value.Tag == names[0]).Select(value => value.Value.Image).Distinct().Count(),
            Is.GreaterThan(1), "the answers change while it learns");
    }

    [Test]
    public void WithoutBeingAskedForThereAreScalarsOnly()
    {
        using var folder = new TemporaryFolder();
        Train(folder, "run", TinyTraining.Options);
        Assert.That(
            Values(folder["run"]).Select(value => value.Value.ValueCase).Distinct(),
            Is.EqualTo(new[] { Summary.Types.Value.ValueOneofCase.SimpleValue }));
        Assert.That(File.ReadAllText(folder["run/run.json"]), Does.Not.Contain("log"));
    }

    // Stopped in an epoch, after its last step and while the file was ahead of the state or cut off.
    [TestCase(4, "")]
    [TestCase(6, "")]
    [TestCase(5, "ahead")]
    [TestCase(5, "cut")]
    public void AKilledRunHasTheSameEventsAsAWholeOne(int stopAfter, string how)
    {
        using var folder = new TemporaryFolder();
        Train(folder, "whole", Detailed);
        Assert.That(
            () => Train(folder, "killed", Detailed, stopAfter: stopAfter),
            Throws.InstanceOf<OperationCanceledException>());
        var file = folder[$"killed/{EventsName}"];
        if (how == "ahead")
            File.Copy(folder[$"whole/{EventsName}"], file, overwrite: true);
        else if (how == "cut")
            File.WriteAllBytes(file, [.. File.ReadAllBytes(file), .. File.ReadAllBytes(file)[..40]]);
        Train(folder, "killed", Detailed, resume: true);
        Assert.That(Values(folder["killed"]), Is.EqualTo(Values(folder["whole"])).AsCollection);
    }

    [Test]
    public void ARunThatIsResumedMayBeginOrEndToWriteThem()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            () => Train(folder, "run", TinyTraining.Options, stopAfter: 4),
            Throws.InstanceOf<OperationCanceledException>());
        Train(folder, "run", TinyTraining.Options with { LogHistograms = true }, resume: true);
        var steps = Values(folder["run"]).Where(value => value.Value.Histo is not null).Select(value => value.Step);
        Assert.That(steps.Distinct(), Is.EqualTo(new[] { 6, 9 }));
    }

    [TestCase(20, 1)]
    [TestCase(21, 2)]
    [TestCase(int.MaxValue, 107_374_183)]
    public void OfManyEpochsEveryNthHasThem(int epochs, int stride) =>
        Assert.That(StepThinning.StrideOf(epochs, EventDetails.MostPictures), Is.EqualTo(stride));

    [Test]
    public void PicturesAreChosenAcrossTheDataSetAndAnnotatedOnesFirst()
    {
        var table = AttributeTable.OfClasses(["a", "b"]);
        ImageDataset Of(int count, Func<int, sbyte> label) => new(table, [.. Enumerable.Range(0, count).Select(
            i => new Sample($"{i / 2 * 2}.png", "none", new[] { label(i), (sbyte)-1 }))]);
        IReadOnlyList<int> Chosen(ImageDataset data) =>
            new EventPictures(data, HeadKind.Sigmoid, exifRotate: false).Chosen;
        Assert.That(Chosen(Of(64, _ => 1)), Is.EqualTo(new[] { 0, 8, 16, 24, 32, 40, 48, 56 }));
        Assert.That(
            Chosen(Of(64, i => i < 16 ? (sbyte)1 : (sbyte)-1)), Is.EqualTo(new[] { 0, 2, 4, 6, 8, 10, 12, 14 }));
        Assert.That(Chosen(Of(4, _ => 0)), Is.EqualTo(new[] { 0, 2 }), "names are tags, and there are two");
    }

    private static void Train(
        TemporaryFolder folder, string name, TrainerOptions options, bool resume = false, int? stopAfter = null)
    {
        using var backend = Backend.Cpu(1);
        var data = TinyTraining.Pictures(folder.Path);
        var run = resume ? TrainingRun.Open(folder[name]) : TrainingRun.Create(folder[name]);
        using var trainer = new Trainer(backend, data, data, options, run, resume);
        using var stop = new CancellationTokenSource();
        trainer.Observe(new Stopping(stop, stopAfter));
        trainer.Train(cancellation: stop.Token);
    }

    private static List<(long Step, Summary.Types.Value Value)> Values(string run) =>
    [
        .. EventRecords.Read(File.ReadAllBytes(Path.Combine(run, EventsName)))
            .Where(record => record.Entry.WhatCase == Event.WhatOneofCase.Summary)
            .SelectMany(record => record.Entry.Summary.Value.Select(value => (record.Entry.Step, value)))
            .Where(value => value.value.Tag is not (
                "epoch/images_per_second" or "epoch/data_wait" or "epoch/seconds")),
    ];

    private sealed class Stopping(CancellationTokenSource stop, int? after) : ITrainingObserver
    {
        public void Step(in StepReport step)
        {
            if (step.Step == after)
                stop.Cancel();
        }
    }
}
