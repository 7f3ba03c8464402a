namespace Flixstock.Engine;

/// <summary>
/// A training in two stages, as the paper's: mode ignore into <c>folder/ignore</c>, its estimate of the class prior,
/// mode selective into the folder. The plan is kept next to the runs, so that a training that was stopped in either
/// stage can continue.
/// </summary>
/// <param name="Folder">Folder of the second stage's run.</param>
/// <param name="Options">Options from the user, for both stages.</param>
public sealed record TwoStagePlan(string Folder, TrainerOptions Options)
{
    /// <summary>The plan's file.</summary>
    internal const string FileName = "two_stage.json";

    /// <summary>Name of the first stage's folder in the second's.</summary>
    internal const string IgnoreName = "ignore";

    /// <summary>Folder of the first stage's run.</summary>
    public string IgnoreFolder => IgnoreFolderOf(Folder);

    /// <summary>Folder of the first stage's run of a training in a folder.</summary>
    internal static string IgnoreFolderOf(string folder) => Path.Combine(folder, IgnoreName);

    /// <summary>Options of the first stage, which finds the prior without labels of its own making.</summary>
    public TrainerOptions Ignore => Options with
    {
        Loss = Options.Loss with { Mode = PartialLossMode.Ignore },
        CountIgnored = false,
        TopKFromPrior = false,
        Cap = null,
    };

    /// <summary>Options of the second stage; the prior is the file that the first one writes.</summary>
    public TrainerOptions Selective => Options with
    {
        Loss = Options.Loss with { Mode = PartialLossMode.Selective },
        PriorPath = Path.Combine(IgnoreFolder, "prior.csv"),
    };

    /// <summary>True if a training in two stages was begun in this folder.</summary>
    public static bool Exists(string folder)
    {
        StagedOutput.Settle(folder);
        return File.Exists(Path.Combine(folder, FileName));
    }

    /// <summary>True if one of the two runs of such a training has saved something.</summary>
    public static bool HoldsWork(string folder) =>
        Exists(folder) && (TrainingRun.At(IgnoreFolderOf(folder)).HoldsWork || TrainingRun.At(folder).HoldsWork);

    /// <summary>
    /// A plan for a new training. Nothing is written and nothing replaced before <see cref="CreateIgnore"/>.
    /// </summary>
    /// <param name="folder">May exist, but must not hold a run's work.</param>
    /// <param name="options">Options for both stages.</param>
    /// <param name="overwrite">True to replace existing runs.</param>
    /// <exception cref="InputException">
    /// The folder holds a run, or cannot be written to; or a prior was given.
    /// </exception>
    public static TwoStagePlan Begin(string folder, TrainerOptions options, bool overwrite = false)
    {
        if (options.Head == HeadKind.Grouped)
        {
            throw new InputException(
                $"{Term.Head} grouped: its loss has no prior to estimate; leave {Term.TwoStagePlan} out");
        }
        if (!options.Objective.TakesPrior)
        {
            throw new InputException(
                $"the loss '{options.Objective.Name}' has no prior to estimate: train in one stage");
        }
        if (options.PriorPath is not null)
        {
            throw new InputException(
                $"{Term.PriorPath}: {Term.TwoStagePlan} estimates the prior itself; leave one of the two out");
        }

        var plan = new TwoStagePlan(folder, options);
        TrainingRun.At(folder).RequireNoFolders();
        if (overwrite)
            return plan;
        TrainingRun.RequireFree(folder); // another run's folder is refused before the first stage, not after it
        TrainingRun.RequireFree(plan.IgnoreFolder);
        return plan;
    }

    /// <summary>Writes the plan.</summary>
    internal void Write(string folder) =>
        Files.WriteAtomically(Path.Combine(folder, FileName), Options.ToJson() + "\n");

    /// <summary>
    /// The plan with options that were given on continuing; another learning rate is the plan's from now on.
    /// </summary>
    /// <param name="change">Turns the saved options into the wanted ones.</param>
    /// <exception cref="InputException">An option cannot be changed, or all epochs are trained.</exception>
    /// <exception cref="EngineException">The plan cannot be written.</exception>
    public TwoStagePlan With(Func<TrainerOptions, TrainerOptions> change)
    {
        var plan = this with { Options = change(Options) };
        if (plan.Options.LearningRate == Options.LearningRate)
            return plan;
        TrainingRun.At(Folder).RequireUnfinished(plan.Options);
        Files.WriteAtomically(
            Path.Combine(Folder, FileName),
            (Options with { LearningRate = plan.Options.LearningRate }).ToJson() + "\n");
        return plan;
    }

    /// <summary>
    /// The first stage's run. The plan takes its place with that run's first files, and what was there before is
    /// removed with them.
    /// </summary>
    /// <param name="held">The lock of the first stage's folder, if the caller holds it.</param>
    /// <exception cref="InputException">The folder cannot be written to.</exception>
    public TrainingRun CreateIgnore(FolderLock? held = null) =>
        TrainingRun.Create(IgnoreFolder, overwrite: true, held).Planned(this);

    /// <summary>A plan that was begun.</summary>
    /// <exception cref="InputException">No plan was begun in the folder, or it is damaged.</exception>
    public static TwoStagePlan Open(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!Exists(folder))
        {
            throw new InputException($"{Term.Resume} {folder}: no training in two stages was begun there; "
                + $"leave {Term.Resume} out to begin one, or {Term.TwoStagePlan} to continue one in a single stage");
        }

        var json = TextFile.Read(path);
        try
        {
            return new TwoStagePlan(folder, TrainerOptions.FromJson(json));
        }
        catch (InputException e)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
    }
}
