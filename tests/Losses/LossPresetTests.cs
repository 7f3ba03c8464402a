using Flixstock.Engine;

namespace Flixstock.Tests.Losses;

/// <summary>What a training writes down of its loss, it reads again.</summary>
public sealed class LossPresetTests
{
    [TestCaseSource(typeof(LossPresets), nameof(LossPresets.Names))]
    public void ARunKeepsTheLossOfAPreset(string name)
    {
        var preset = LossPresets.Find(name);
        var options = new TrainerOptions { LossPreset = name };
        options = preset.Options is { } constants
            ? options with { Loss = constants }
            : options with { CustomLoss = preset.Loss };
        options.Validate();
        var read = TrainerOptions.FromJson(options.ToJson());
        Assert.That(LossPresets.Describe(read.Objective), Is.EqualTo(LossPresets.Describe(preset.Loss)));
    }
}
