namespace Flixstock.Engine;

/// <summary>Options of one training of a grid, read from what its cell names.</summary>
/// <param name="Options">Options of the training.</param>
/// <param name="LargestBatch">True to take the largest batch that fits the device as the batch size.</param>
public sealed record ExperimentOptions(TrainerOptions Options, bool LargestBatch = false);

/// <summary>One training of a grid, as <see cref="ExperimentRun"/> carries it out.</summary>
/// <param name="Cell">The cell of the grid.</param>
/// <param name="Number">Place in the grid, from 1.</param>
/// <param name="Options">Options of the training.</param>
/// <param name="FirstStage">Options of the stage that estimates its prior; null for none.</param>
/// <param name="Folder">Folder of the run.</param>
public sealed record ExperimentTraining(
    ExperimentCell Cell, int Number, TrainerOptions Options, TrainerOptions? FirstStage, string Folder)
{
    /// <summary>True if the training's result was written, so that it is not trained again.</summary>
    public bool IsDone => File.Exists(ResultFile);

    /// <summary>Path of the training's result.</summary>
    internal string ResultFile => Path.Combine(Folder, "result.json");

    /// <summary>The result, or null if the training is not done.</summary>
    /// <exception cref="InputException">The result cannot be read, or was made with other options.</exception>
    internal ExperimentResult? ReadResult()
    {
        if (ExperimentResult.Read(ResultFile) is not { } before)
            return null;
        var differences = Options.DifferencesTo(TrainerOptions.FromJson(before.Options));
        if (differences.Count == 0)
            return before;
        throw new InputException($"{ResultFile}: that training was made with other options ({differences[0]}); "
            + $"give another {Term.Folder}, or delete {Folder}");
    }

    /// <summary>Options in the one form that trainings with the same numbers have in common.</summary>
    /// <param name="options">The options as given.</param>
    internal static TrainerOptions Canonical(TrainerOptions options)
    {
        if (options.CustomLoss is not null)
            return options with { Loss = SelectiveLossOptions.Default, TopKFromPrior = false }; // without effect
        if (options.TopKFromPrior)
            options = options with { Loss = options.Loss with { LikelihoodTopK = 0 } };
        if (options.Loss.Mode != PartialLossMode.Selective)
            options = options with { TopKFromPrior = false };
        if (options.Loss.Mode != PartialLossMode.Ignore)
            return options;
        // Mode ignore has no use for what concerns un-annotated labels: trainings that differ in that alone are one.
        return options with
        {
            PriorPath = options.Cap is null ? null : options.PriorPath,
            Loss = SelectiveLossOptions.Default with
            {
                Mode = PartialLossMode.Ignore,
                GammaPositive = options.Loss.GammaPositive,
                GammaNegative = options.Loss.GammaNegative,
                AlphaPositive = options.Loss.AlphaPositive,
                AlphaNegative = options.Loss.AlphaNegative,
                Clip = options.Loss.Clip,
            },
        };
    }
}
