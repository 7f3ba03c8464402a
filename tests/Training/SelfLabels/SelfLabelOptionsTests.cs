using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>Options that cannot be are refused in one line that names them.</summary>
public sealed class SelfLabelOptionsTests
{
    private static readonly TrainerOptions Cap = new() { Cap = new CapOptions() };

    private static IEnumerable<TestCaseData> Refusals()
    {
        static TestCaseData Case(TrainerOptions options, string message) =>
            new TestCaseData(options, message).SetArgDisplayNames(message);
        static TrainerOptions Loss(string name) => new() { CustomLoss = PartialLossDescription.Of(name) };
        yield return Case(Cap with { Cap = new CapOptions(1.5) }, "--cap-positives 1.5: give a number from 0 to 1");
        yield return Case(
            Cap with { Cap = new CapOptions(Negatives: double.NaN) }, "--cap-negatives NaN: give a number from 0 to 1");
        yield return Case(
            Cap with { Cap = new CapOptions(0, 0) }, "--cap-positives 0: with --cap-negatives 0 no label is given");
        yield return Case(Cap with { Cap = new CapOptions(Warmup: 0) }, "--cap-warmup 0: give at least 1");
        yield return Case(Cap with { Epochs = 5 }, "--cap-warmup 5: give less than --epochs 5");
        yield return Case(Cap with { Head = HeadKind.Grouped }, "--self-labels cap: --head grouped");
        yield return Case(
            Cap with { CustomLoss = Loss("em-apl").CustomLoss }, "--self-labels cap: the loss 'em-apl' gives labels");
        yield return Case(
            Cap with { PseudoLabels = new PseudoLabelFile("scores.csv", "") },
            "--pseudo-labels scores.csv: the training");
        yield return Case(
            Loss("large-loss-cp") with { PseudoLabels = new PseudoLabelFile("scores.csv", "") }, "--pseudo-labels");
        yield return Case(
            Loss("em-apl") with { Epochs = 5 }, "--loss-constants warmup=5: give less than --epochs 5");
    }

    [TestCaseSource(nameof(Refusals))]
    public void WhatCannotBeIsNamed(TrainerOptions options, string message)
    {
        var failure = Assert.Throws<InputException>(options.Validate)!;
        Assert.That(Advice.Of(failure), Does.StartWith(message).And.Not.Contain("\n"));
    }

    [Test]
    public void WithPositivesAloneThereIsNoShare()
    {
        var samples = new List<Sample> { new("a.png", "a.png", [1, -1]), new("b.png", "b.png", [-1, 1]) };
        var data = new ImageDataset(AttributeTable.OfClasses(["hat", "shoe"]), samples);
        var failure = Assert.Throws<InputException>(() => ClassShares.Of(data, prior: null))!;
        Assert.That(
            Advice.Of(failure), Does.StartWith("--self-labels cap: every annotated label is positive").And
                .EndsWith("give --prior-path"));
        Assert.That(ClassShares.Of(data, [0.5f, 0.25f]), Is.EqualTo(new[] { 0.5, 0.25 }));
    }

    [Test]
    public void TheyAreWrittenDownAndReadAgain()
    {
        var options = Cap with { Cap = new CapOptions(0.5, 0.75, 3) };
        Assert.That(TrainerOptions.FromJson(options.ToJson()).Cap, Is.EqualTo(options.Cap));
        Assert.That(options.DifferencesTo(Cap).Single(), Does.StartWith("cap "));
        Assert.That(new TrainerOptions().ToJson(), Does.Not.Contain("\"cap\""));
    }
}
