using System.CommandLine;
using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// Translates the engine's messages into the words of the command line. The engine names parameters and types; here are
/// the options
/// and the commands that go with them.
/// </summary>
internal static class Advice
{
    // Options whose names differ from the parameter's: the first of these that the command has, or else the first.
    private static readonly Dictionary<string, string[]> Words = new(StringComparer.Ordinal)
    {
        ["AccumulationSteps"] = ["--grad-accum-steps"],
        ["Augmentation"] = ["--augment"],
        ["AverageDecay"] = ["--ema-decay"],
        ["AverageWarmup"] = ["--ema-warmup"],
        ["BadPictures"] = ["--skip-bad {0}"],
        ["Cap"] = ["--self-labels"],
        ["Cap.Negatives"] = ["--cap-negatives"],
        ["Cap.Positives"] = ["--cap-positives"],
        ["Cap.Warmup"] = ["--cap-warmup"],
        ["CalibrationFit"] = ["'flixstock thresholds'"],
        ["copyPictures"] = ["--copy"],
        ["CustomLoss"] = ["--loss-constants"],
        ["DatasetChecker"] = ["'flixstock data check'"],
        ["DatasetSource"] = ["--data"],
        ["DatasetSplitter"] = ["'flixstock split --data {0}'"],
        ["DatasetSummary"] = ["'flixstock data show'"],
        ["Decoder"] = ["--head"],
        ["Decoder.Dropout"] = ["--decoder-dropout"],
        ["Decoder.Queries"] = ["--decoder-queries"],
        ["Decoder.Width"] = ["--decoder-width"],
        ["ExperimentFile"] = ["'flixstock experiment --help'"],
        ["Explains"] = ["--explain"],
        ["Flips"] = ["--flip"],
        ["Fold"] = ["--fold"],
        ["folder"] = ["--out", "--data", "--write-ptx"],
        ["GarmentSynthesizer"] = ["synth"],
        ["InitialWeights"] = ["--weights"],
        ["KeepResumeState"] = ["--keep"],
        ["KeepStates"] = ["--keep"],
        ["LargestBatch"] = ["--batch-size auto"],
        ["LearningRate"] = ["--lr"],
        ["Loss.AlphaNegative"] = ["--alpha-neg"],
        ["Loss.AlphaPositive"] = ["--alpha-pos"],
        ["Loss.AlphaUnannotated"] = ["--alpha-unann"],
        ["Loss.Clip"] = ["--clip"],
        ["Loss.GammaNegative"] = ["--gamma-neg"],
        ["Loss.GammaPositive"] = ["--gamma-pos"],
        ["Loss.GammaUnannotated"] = ["--gamma-unann"],
        ["Loss.LikelihoodTopK"] = ["--likelihood-topk"],
        ["Loss.Mode"] = ["--partial-loss-mode"],
        ["Loss.PriorThreshold"] = ["--prior-threshold"],
        ["MlflowServer"] = ["--mlflow"],
        ["MlflowServer.Experiment"] = ["--mlflow-experiment"],
        ["MostSkipped"] = ["--skip-bad"],
        ["OnNonFinite"] = ["--on-nan"],
        ["Parameter"] = ["--simulate-partial-param", "--param"],
        ["part"] = ["--split"],
        ["PictureCheck"] = ["--skip-bad"],
        ["PriorFile"] = ["'flixstock prior'"],
        ["SaveInterval"] = ["--save-every"],
        ["SaveSteps"] = ["--save-every"],
        ["SceneSynthesizer"] = ["synth"],
        ["ShardPacker"] = ["'flixstock data pack'"],
        ["Simulation"] = ["--simulate-partial-type"],
        ["TopKFromPrior"] = ["--likelihood-topk auto"],
        ["TrainerOptions.InitialWeights"] = ["train --model-path"],
        ["TwoStagePlan"] = ["--two-stage"],
    };

    /// <summary>The message of a failure, for the user of a command.</summary>
    /// <param name="failure">A failure of the engine, or of anything else.</param>
    /// <param name="command">The command; null for any.</param>
    public static string Of(Exception failure, Command? command = null)
    {
        var text = failure switch
        {
            InputException input => MessageText.Shortened(Of(input.Wording, command)),
            EngineException engine => MessageText.Shortened(Of(engine.Wording, command)),
            _ => failure.Message,
        };
        // What an exception says of the one that it was caused by has lost its names.
        return failure.InnerException is { } cause && Of(cause, command) is var said && said != cause.Message
            ? text.Replace(cause.Message, said, StringComparison.Ordinal)
            : text;
    }

    /// <summary>A text of the engine, for the user of a command.</summary>
    public static string Of(Wording wording, Command? command = null) =>
        wording.In((name, value) => Word(name, value, command));

    /// <summary>The command line's name for a member of the engine.</summary>
    /// <param name="name">Name in the engine.</param>
    /// <param name="value">Value that is given for it; null for none.</param>
    /// <param name="command">The command; null for any.</param>
    public static string Word(string name, string? value = null, Command? command = null)
    {
        if (!Words.TryGetValue(name, out var words))
            return $"--{Dashed(name)}";
        var options = command?.Options.Select(option => option.Name).ToHashSet(StringComparer.Ordinal) ?? [];
        return string.Format(CultureInfo.InvariantCulture, words.FirstOrDefault(options.Contains) ?? words[0], value);
    }

    // batch-size of BatchSize.
    private static string Dashed(string name) => string.Concat(name.Select(
        (c, at) => char.IsAsciiLetterUpper(c) ? $"{(at > 0 ? "-" : "")}{char.ToLowerInvariant(c)}" : $"{c}"));
}
