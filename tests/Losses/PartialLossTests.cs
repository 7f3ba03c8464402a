using Flixstock.Engine;
using Flixstock.Tests.Training;

namespace Flixstock.Tests.Losses;

/// <summary>The losses for unknown labels as a training has them: written down, checked, continued.</summary>
[NonParallelizable]
public sealed class PartialLossTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("flixstock-losses").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    // Those that read the epoch, and a constant that makes a difference in the later epochs alone.
    [TestCase("splc", "from", 4)]
    [TestCase("gr", "w1", 0)]
    [TestCase("large-loss-r", "rate", 0)]
    [TestCase("large-loss-ct", "rate", 0)]
    public void ARunThatWasStoppedHasTheBytesOfOneThatWasNot(string name, string constant, float value)
    {
        var loss = PartialLossDescription.Of(name);
        if (name == "splc")
            loss = loss.With("tau", 0.1f);
        var options = TinyTraining.Options with { CustomLoss = loss };
        Train("whole", options);
        Train("stopped", options with { StopEpoch = 1 });
        Train("stopped", options, resume: true);
        foreach (var file in new[] { "last.safetensors", "average.safetensors", "best.safetensors" })
            Assert.That(Bytes("stopped", file), Same.As(Bytes("whole", file)), file);
        Train("other", options with { CustomLoss = loss.With(constant, value) });
        Assert.That(Bytes("other", "last.safetensors"), Same.Not(Bytes("whole", "last.safetensors")));
    }

    [TestCaseSource(typeof(PartialLossDescription), nameof(PartialLossDescription.Names))]
    public void EveryConstantIsWrittenDownAndReadAgain(string name)
    {
        var loss = PartialLossDescription.Of(name);
        foreach (var constant in PartialLossConstant.Of(loss.Options.Kind))
        {
            Assert.That(constant.Takes(constant.Get(loss.Options)), $"{constant.Name}: its default is in its range");
            loss = loss.With(constant.Name, constant.Most);
        }

        var read = LossCatalog.FromJson(LossCatalog.ToJson(loss));
        Assert.That(read, Is.EqualTo(loss));
        Assert.That(read.ToJson(), Is.EqualTo(loss.ToJson()));
        Assert.That(LossCatalog.FromJson($$"""{"name":"{{name}}"}"""), Is.EqualTo(PartialLossDescription.Of(name)));
    }

    [TestCase("""{"name":"hil"}""", "it knows")]
    [TestCase("""{"name":"hill","tau":0.6}""", "tau: hill has lambda, margin, gamma")]
    [TestCase("""{"name":"hill","margin":"much"}""", "margin: much is no number")]
    [TestCase("""{"name":"hill","margin":11}""", "margin=11: give a number from 0 to 10")]
    [TestCase("""{"name":"splc","from":1.5}""", "from=1.5: give a whole number")]
    [TestCase("""{"name":"gr","sigma1":0}""", "sigma1=0")]
    [TestCase("""{"name":"wan","alpha":1}""", "wan has no constants")]
    public void WhatIsWrongWithConstantsIsNamed(string json, string named) =>
        Assert.That(() => LossCatalog.FromJson(json), Throws.TypeOf<InputException>().With.Message.Contains(named));

    [Test]
    public void ConstantsThatAProgramSetsAreChecked()
    {
        var loss = new PartialLossDescription(new PartialLossOptions(PartialLossKind.Em) { Alpha = float.NaN });
        Assert.That(
            (TinyTraining.Options with { CustomLoss = loss }).Validate,
            Throws.TypeOf<InputException>().With.Message.Contains("alpha=NaN"));
    }

    [Test]
    public void OnlyLargeLossesCouplePictures()
    {
        using var backend = Backend.Cpu(1);
        foreach (var kind in Enum.GetValues<PartialLossKind>())
        {
            using var loss = new PartialLoss(backend, new PartialLossOptions(kind));
            Assert.That(loss.CouplesPictures, Is.EqualTo($"{kind}".StartsWith("LargeLoss", StringComparison.Ordinal)));
        }
    }

    [Test]
    public void AnotherLossIsADifferenceInEitherDirection()
    {
        var hill = TinyTraining.Options with { CustomLoss = PartialLossDescription.Of("hill") };
        Assert.That(
            hill.DifferencesTo(TinyTraining.Options).Single(), Does.StartWith("customLoss").And.Contain("its default"));
        Assert.That(
            TinyTraining.Options.DifferencesTo(hill).Single(), Does.StartWith("customLoss").And.Contain("hill"));
        Assert.That(hill.DifferencesTo(hill), Is.Empty);
    }

    [Test]
    public void WhereEveryLabelIsKnownALossForUnknownOnesIsPointedOut()
    {
        var options = TinyTraining.Options with { CustomLoss = PartialLossDescription.Of("hill") };
        var known = new KnownLabels(10, Positives: 20, Negatives: 190, RankedClasses: 21, Unknown: 0);
        Assert.That(known.TrainingNote(options)?.ToString(), Does.Contain("the loss hill"));
        Assert.That((known with { Unknown = 1 }).TrainingNote(options), Is.Null);
        Assert.That(known.TrainingNote(TinyTraining.Options), Is.Null);
        Assert.That(KnownLabels.Of(TinyTraining.Pictures(_folder)).Unknown, Is.EqualTo(40), "10 of 4 pictures");
    }

    private void Train(string name, TrainerOptions options, bool resume = false)
    {
        using var backend = Backend.Cpu(1);
        var data = TinyTraining.Pictures(_folder);
        var folder = Path.Combine(_folder, name);
        using var trainer = new Trainer(
            backend, data, data, options, resume ? TrainingRun.Open(folder) : TrainingRun.Create(folder), resume);
        trainer.Train();
    }

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(Path.Combine(_folder, run, file));
}
