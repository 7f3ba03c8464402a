using Flixstock.Engine;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Training;

/// <summary>Trainings that give labels to themselves: stopped anywhere, on any device, in two stages.</summary>
[NonParallelizable]
public sealed class SelfLabelTrainingTests
{
    // Of ten pictures and 21 labels 0.2 of a batch's labels is more than the pictures have unknown ones in the end.
    private static readonly TrainerOptions Tiny = TinyTraining.Options with
    {
        Epochs = 4,
        Width = 0.0625,
        Simulation = new PartialSimulation(SimulationKind.Rps, 0.5, 4),
    };

    private static readonly Dictionary<string, TrainerOptions> Methods = new(StringComparer.Ordinal)
    {
        ["cap"] = Tiny with { Cap = new CapOptions(Warmup: 1), Loss = Ignore },
        ["cap with soft targets"] = Tiny with
        {
            Cap = new CapOptions(0.9, 0.5, 2),
            CustomLoss = new SoftTargetLoss.Description(),
        },
        ["cap with augmentation and a sampler"] = Tiny with
        {
            Cap = new CapOptions(Warmup: 1),
            CustomLoss = PartialLossDescription.Of("hill"),
            Augmentation = AugmentationKind.Garments,
            Balance = SampleBalance.Sampler,
        },
        ["em-apl"] = Tiny with { CustomLoss = PartialLossDescription.Of("em-apl").With("warmup", 1) },
        ["large-loss-cp"] = Tiny with { CustomLoss = PartialLossDescription.Of("large-loss-cp").With("rate", 5) },
        ["large-loss-cp with a sampler"] = Tiny with
        {
            CustomLoss = PartialLossDescription.Of("large-loss-cp").With("rate", 5),
            Balance = SampleBalance.Sampler,
        },
    };

    private string _folder = "";
    private ImageDataset _data = null!;

    private static SelectiveLossOptions Ignore =>
        SelectiveLossOptions.Default with { Mode = PartialLossMode.Ignore, GammaNegative = 0 };

    [OneTimeSetUp]
    public void MakePictures()
    {
        _folder = Directory.CreateTempSubdirectory("flixstock-self-labels").FullName;
        _data = TinyTraining.Pictures(_folder);
    }

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    // Ten pictures in batches of four: three steps an epoch. What is stopped goes on with another number of threads.
    [Test]
    public void ARunThatWasStoppedHasTheBytesOfOneThatWasNot(
        [ValueSource(nameof(Names))] string method, [Values(2, 3, 7, 8)] int stopAfter)
    {
        var options = Methods[method];
        if (!Directory.Exists(In(method)))
            TinyTraining.Train(In(method), _data, options);
        var stopped = $"{method}, stopped";
        TinyTraining.Train(In(stopped), _data, options, stopAfter: stopAfter);
        TinyTraining.Train(In(stopped), _data, options, resume: true);
        string[] files = ["last.safetensors", "average.safetensors", "best.safetensors", "pseudo_labels.csv"];
        foreach (var file in files)
            Assert.That(Bytes(stopped, file), Same.As(Bytes(method, file)), file);
    }

    [Test]
    public void ARunThatEndsEarlyContinuesWithTheSameLabels([ValueSource(nameof(Names))] string method)
    {
        TinyTraining.Train(In("all"), _data, Methods[method]);
        TinyTraining.Train(In("early"), _data, Methods[method] with { StopEpoch = 2 });
        TinyTraining.Train(In("early"), _data, Methods[method], resume: true);
        Assert.That(Bytes("early", "last.safetensors"), Same.As(Bytes("all", "last.safetensors")));
    }

    [Test]
    public void TheLabelsCount([ValueSource(nameof(Names))] string method)
    {
        var options = Methods[method];
        var without = options with
        {
            Cap = null,
            CustomLoss = options.CustomLoss is PartialLossDescription { Name: "em-apl" }
                ? PartialLossDescription.Of("em")
                : options.CustomLoss is PartialLossDescription { Name: "large-loss-cp" }
                    ? PartialLossDescription.Of("large-loss-ct").With("rate", 5)
                    : options.CustomLoss,
        };
        TinyTraining.Train(In("with"), _data, options);
        TinyTraining.Train(In("without"), _data, without);
        Assert.That(Bytes("without", "last.safetensors"), Same.Not(Bytes("with", "last.safetensors")));
        Assert.That(File.Exists(Path.Combine(In("without"), "pseudo_labels.csv")), Is.False);
    }

    // The scores of a step come one step late from a device that computes while it copies.
    [Test]
    public void AnAsynchronousDeviceGivesTheSameBytes(
        [Values("cap", "em-apl", "large-loss-cp", "large-loss-cp with a sampler")] string method, [Values] bool graphs)
    {
        TinyTraining.Train(In("host"), _data, Methods[method]);
        var device = new DeviceDouble(1, asynchronous: true);
        using (var backend = new Backend(device, device.Kernels) { Graphs = graphs })
        using (var trainer = new Trainer(
            backend, _data, _data, Methods[method], TrainingRun.Create(In("double"), overwrite: true)))
        {
            trainer.Train();
        }
        foreach (var file in new[] { "last.safetensors", "pseudo_labels.csv" })
            Assert.That(Bytes("double", file), Same.As(Bytes("host", file)), file);
    }

    [Test]
    public void WhatIsRightIsCountedWhereTheTruthIsKnown()
    {
        TinyTraining.Train(In("counted"), _data, Methods["cap"]);
        var epochs = SelfLabelEpoch.Read(Path.Combine(In("counted"), "pseudo_labels.csv"));
        Assert.That(epochs.Select(epoch => epoch.Epoch), Is.EqualTo(new[] { 1, 2, 3, 4 }));
        foreach (var epoch in epochs)
        {
            Assert.That(epoch.Positive, Is.InRange(1, epoch.Negative));
            Assert.That(epoch.Positive + epoch.Negative, Is.LessThanOrEqualTo(epoch.Unknown));
            Assert.That(epoch.PositiveKnown, Is.InRange(epoch.PositiveRight, epoch.Positive));
            Assert.That(epoch.NegativeKnown, Is.InRange(epoch.NegativeRight, epoch.Negative));
            // One label in six of the hidden ones is positive.
            Assert.That(epoch.NegativeRight, Is.GreaterThan(epoch.NegativeKnown / 2));
        }
        Assert.That(epochs.Any(epoch => epoch.PositiveKnown > 0));
        TinyTraining.Train(In("unknown"), _data, Methods["cap"] with { Simulation = null });
        Assert.That(
            SelfLabelEpoch.Read(Path.Combine(In("unknown"), "pseudo_labels.csv")),
            Has.All.Matches<SelfLabelEpoch>(epoch => epoch!.PositiveKnown + epoch.NegativeKnown == 0));
    }

    [Test]
    public void LargeLossesStayCorrectedAndBecomeMore()
    {
        TinyTraining.Train(In("kept"), _data, Methods["large-loss-cp"]);
        var epochs = SelfLabelEpoch.Read(Path.Combine(In("kept"), "pseudo_labels.csv"));
        // Of 4, 4 and 2 pictures of 21 labels 5 %: 5, 5 and 3 in each epoch but the first.
        Assert.That(epochs.Select(epoch => epoch.Positive), Is.EqualTo(new[] { 0, 13, 26, 39 }));
        Assert.That(epochs.Select(epoch => epoch.Negative), Is.All.Zero);
    }

    [Test]
    public void AsymmetricLabelsGrowToNineTenths()
    {
        TinyTraining.Train(In("apl"), _data, Methods["em-apl"]);
        var epochs = SelfLabelEpoch.Read(Path.Combine(In("apl"), "pseudo_labels.csv"));
        var unknown = Hidden().SelectMany(sample => sample.Labels.ToArray().Select((label, k) => (label, k)))
            .Where(one => one.label < 0).GroupBy(one => one.k);
        var each = unknown.Sum(own => (int)(0.9 * own.Count() / 3));
        Assert.That(
            epochs.Select(epoch => epoch.Negative), Is.EqualTo(new[] { each, 2 * each, 3 * each, 3 * each }));
    }

    [Test]
    public void TheSecondOfTwoStagesGivesLabelsByThePriorOfTheFirst()
    {
        var options = Methods["cap"] with { Loss = SelectiveLossOptions.Default };
        using var backend = Backend.Cpu(1);
        var result = new TwoStageTraining(
            backend, TwoStagePlan.Begin(In("stages"), options), _data, _data).Begin();
        Assert.That(result.Ignore.Run.ReadOptions().Cap, Is.Null);
        Assert.That(File.Exists(result.Ignore.Run.PseudoLabelsFile), Is.False);
        Assert.That(result.Selective.Run.ReadOptions().Cap, Is.EqualTo(options.Cap));
        var prior = PriorFile.Read(result.Ignore.Run.PriorFile, _data.Attributes).Prior;
        var hidden = Hidden();
        var expected = Enumerable.Range(0, prior.Length).Sum(
            k => (int)((double)prior[k] * hidden.Count(sample => sample.Labels[k] < 0)));
        Assert.That(SelfLabelEpoch.Read(result.Selective.Run.PseudoLabelsFile)[0].Positive, Is.EqualTo(expected));
    }

    [Test]
    public void PicturesThatCannotBeReadAreNoPartOfIt()
    {
        var bad = new Dictionary<int, BadPicture> { [3] = new BadPicture("train", "3.png", "empty") };
        var options = Methods["cap"] with { BatchSize = 3 };
        TinyTraining.Train(In("less"), _data.Without(bad), options);
        var rest = _data.WithSamples([.. _data.Samples.Where((_, i) => i != 3)]);
        TinyTraining.Train(In("rest"), rest, options);
        Assert.That(Bytes("less", "last.safetensors"), Same.As(Bytes("rest", "last.safetensors")));
    }

    private static IEnumerable<string> Names() => Methods.Keys;

    private IReadOnlyList<Sample> Hidden() => Tiny.Simulation!.Apply(_data).Dataset.Samples;

    private string In(string run) => Path.Combine(_folder, run);

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(Path.Combine(In(run), file));
}
