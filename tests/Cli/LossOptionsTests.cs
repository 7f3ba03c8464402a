using Flixstock.Cli;
using Flixstock.Engine;
using static Flixstock.Tests.Cli.NamedDatasets;

namespace Flixstock.Tests.Cli;

/// <summary>--loss, --loss-constants and --loss-preset: what becomes of them, and what is refused.</summary>
public sealed class LossOptionsTests
{
    [TestCase("--loss hill", """{"name":"hill","lambda":1.5,"margin":1,"gamma":2}""", null)]
    [TestCase("--loss hill --loss-constants margin=0.5,gamma=1",
        """{"name":"hill","lambda":1.5,"margin":0.5,"gamma":1}""", null)]
    [TestCase("--loss-preset em-voc", """{"name":"em","alpha":0.2}""", "em-voc")]
    [TestCase("--loss em --loss-preset em-voc --loss-constants alpha=0.3", """{"name":"em","alpha":0.3}""", "em-voc")]
    [TestCase("--loss selective", null, null)]
    [TestCase("--loss selective --loss-preset bce", null, "bce")]
    public void TheyAreTheTrainingsLoss(string line, string? loss, string? preset)
    {
        var options = Read(line);
        Assert.That(options.CustomLoss is { } custom ? LossCatalog.ToJson(custom) : null, Is.EqualTo(loss));
        Assert.That(options.LossPreset, Is.EqualTo(preset));
    }

    [Test]
    public void AConfigurationsLossIsChangedByOptions()
    {
        using var folder = new TemporaryFolder();
        var file = folder["run.json"];
        File.WriteAllText(file, $$"""{"options":{{Read("--loss-preset em-voc").ToJson()}}}""");
        string Loss(string more) => Read($"--config {file} {more}".TrimEnd()) is { CustomLoss: { } custom } options
            ? $"{LossCatalog.ToJson(custom)} {options.LossPreset}"
            : "selective";
        Assert.That(Loss(""), Is.EqualTo("""{"name":"em","alpha":0.2} em-voc"""));
        Assert.That(Loss("--loss em"), Is.EqualTo("""{"name":"em","alpha":0.2} em-voc"""));
        Assert.That(Loss("--loss-constants alpha=0.4"), Is.EqualTo("""{"name":"em","alpha":0.4} em-voc"""));
        Assert.That(Loss("--loss wan"), Is.EqualTo("""{"name":"wan"} """));
        Assert.That(Loss("--loss selective"), Is.EqualTo("selective"));
        Assert.That(Loss("--loss-preset bce"), Is.EqualTo("selective"));
    }

    // Where nothing else is said a label that gets no pseudo-label has no term.
    [TestCase("--self-labels cap", PartialLossMode.Ignore)]
    [TestCase("--self-labels cap --partial-loss-mode selective", PartialLossMode.Selective)]
    [TestCase("--self-labels cap --loss-preset csl-coco-rps", PartialLossMode.Selective)]
    [TestCase("--self-labels none", PartialLossMode.Selective)]
    public void LabelsOfATrainingsOwnLeaveTheRestOut(string line, PartialLossMode mode) =>
        Assert.That(Read(line).Loss.Mode, Is.EqualTo(mode));

    [Test]
    public void AConfigurationsPseudoLabelsAreChangedByOptions()
    {
        using var folder = new TemporaryFolder();
        var begun = Read("--self-labels cap --cap-positives 0.5 --partial-loss-mode selective");
        var file = folder["run.json"];
        File.WriteAllText(file, $$"""{"options":{{begun.ToJson()}}}""");
        var changed = Read($"--config {file} --self-labels cap --cap-warmup 2");
        Assert.That(changed.Cap, Is.EqualTo(new CapOptions(0.5, 1, 2)));
        Assert.That(changed.Loss.Mode, Is.EqualTo(PartialLossMode.Selective));
        Assert.That(Read($"--config {file} --self-labels none").Cap, Is.Null);
    }

    [TestCase("--loss hil", "choose one of selective, hill, splc")]
    [TestCase("--loss hill --loss-preset em-voc", "--loss hill and --loss-preset em-voc")]
    [TestCase("--loss-constants margin=1", "--loss-constants: the loss selective has none")]
    [TestCase("--loss hill --loss-constants tau=1", "--loss-constants tau: hill has lambda, margin, gamma")]
    [TestCase("--loss hill --loss-constants margin=20", "--loss-constants margin=20: give a number from 0 to 10")]
    [TestCase("--loss hill --loss-constants margin", "--loss-constants margin: write name=value")]
    [TestCase("--loss hill --loss-constants margin=1,", "write name=value")]
    [TestCase("--loss hill --prior-path p.csv", "--prior-path p.csv: the loss 'hill' has no prior")]
    [TestCase("--loss hill --head grouped", "the loss 'hill' belongs to the head sigmoid")]
    [TestCase("--loss selective --head grouped", "--loss: --head grouped has its own loss")]
    [TestCase("--loss hill --gamma-neg 2", "--gamma-neg: only the selective loss takes it, not the loss hill")]
    [TestCase("--loss-preset gr --partial-loss-mode ignore", "--partial-loss-mode: only the selective loss")]
    [TestCase("--label-smoothing 0.1", "--label-smoothing 0.1: --head sigmoid weighs uncertain labels")]
    [TestCase("--label-smoothing 1 --head grouped", "--label-smoothing")]
    [TestCase("--label-smoothing -0.1 --head grouped", "--label-smoothing")]
    [TestCase("--label-smoothing much --head grouped", "--label-smoothing")]
    [TestCase("--cap-positives 0.5", "--cap-positives: it is for --self-labels cap")]
    [TestCase("--self-labels none --cap-warmup 3", "--cap-warmup: it is for --self-labels cap")]
    [TestCase("--self-labels cap --cap-negatives 1.5", "--cap-negatives")]
    [TestCase("--self-labels cap --cap-warmup 15", "--cap-warmup 15: give less than --epochs 15")]
    [TestCase("--self-labels cap --head grouped", "--self-labels cap: --head grouped")]
    [TestCase("--self-labels cap --loss large-loss-cp", "the loss 'large-loss-cp' gives labels itself")]
    [TestCase(
        "--self-labels cap --count-ignored --simulate-partial-type rps --simulate-partial-param 0.5",
        "--count-ignored: only --partial-loss-mode selective")]
    [TestCase("--loss em-apl --loss-constants warmup=15", "--loss-constants warmup=15: give less than --epochs 15")]
    [TestCase("--loss large-loss-cp --two-stage", "--two-stage: only the selective loss takes it")]
    [TestCase("--loss em-apl --head grouped", "the loss 'em-apl' belongs to the head sigmoid")]
    [TestCase("--loss hill --two-stage", "--two-stage: only the selective loss takes it")]
    public void WhatContradictsALossIsOneLine(string line, string named)
    {
        var refused = Refused(["train", "--data", "x", "--out", "y", .. line.Split(' ')]);
        Assert.That(refused.TrimEnd(), Does.Contain(named).And.Not.Contain("\n"));
    }

    private static TrainerOptions Read(string line)
    {
        var command = new System.CommandLine.Command("train");
        var options = new TrainingOptions();
        options.AddTo(command);
        return options.Read(command.Parse(line));
    }
}
