using System.Text.Json.Nodes;

namespace Flixstock.Engine;

// What a state must agree with, and what run.json was before it was changed deliberately.
public sealed partial class TrainingRun
{
    private const string Before = "before";

    /// <summary>The run's current identity.</summary>
    /// <exception cref="InputException">run.json is missing or damaged.</exception>
    internal RunIdentity ReadIdentity() => IdentityOf(Description());

    /// <summary>Refuses a state that is of another run than run.json.</summary>
    /// <param name="state">Identity from the state; null for states from before it was saved.</param>
    /// <exception cref="InputException">Names what differs.</exception>
    internal void RequireSame(RunIdentity? state)
    {
        if (state is null)
            return;
        var differences = ReadIdentity().DifferencesOf(state);
        if (differences.Count == 0 || Earlier().Any(identity => identity.DifferencesOf(state).Count == 0))
            return;
        throw new StateMismatchException($"{Term.Resume} {Folder}: the state is not of the run that run.json "
            + $"describes: it has {string.Join(", ", differences)}; one of the two files was replaced or changed: put "
            + $"the right one back");
    }

    /// <summary>Changes the learning rate from now on; its schedule is entered at the run's position.</summary>
    internal void ChangeLearningRate(double rate) =>
        Change(description => description["options"]!["learningRate"] = rate);

    /// <summary>
    /// The options of a stage that continues, with the learning rate that it was begun with, unless it has another one
    /// from now on. A stage that is finished keeps its own.
    /// </summary>
    /// <param name="folder">The stage's folder; if no run was begun there, the options stay as they are.</param>
    /// <param name="options">Options of the whole training.</param>
    /// <exception cref="InputException">run.json or the state is damaged.</exception>
    public static TrainerOptions WithOwnLearningRate(string folder, TrainerOptions options)
    {
        var run = At(folder);
        if (!run.CanResume || (options.NewLearningRate && !run.IsFinished(options)))
            return options;
        return options with { LearningRate = run.ReadOptions().LearningRate, NewLearningRate = false };
    }

    /// <summary>Refuses another learning rate for a run that has no steps left.</summary>
    /// <exception cref="InputException">All epochs are trained.</exception>
    internal void RequireUnfinished(TrainerOptions options)
    {
        if (CanResume && IsFinished(options))
        {
            throw new InputException($"{Term.Resume} {Folder} {Term.LearningRate} {options.LearningRate:R}: "
                + $"all epochs of the run are trained; another learning rate needs a new run");
        }
    }

    private bool IsFinished(TrainerOptions options)
    {
        try
        {
            using var file = WeightsFile.Read(File.Exists(StateFile) ? StateFile : PreviousStateFile, asStored: true);
            return int.TryParse(file.State.Metadata.GetValueOrDefault("epoch"), out var epoch)
                && epoch > options.EpochsToTrain;
        }
        catch (InputException)
        {
            return false; // the trainer reads it too, and says what is wrong or takes the older one
        }
    }

    // States from before a change are still the run's.
    private void Change(Action<JsonObject> change)
    {
        var description = Description();
        var before = IdentityOf(description).ToJson();
        change(description);
        if (IdentityOf(description).ToJson() != before)
        {
            var list = description[Before] as JsonArray ?? [];
            if (!list.Any(entry => JsonNode.DeepEquals(entry, JsonNode.Parse(before))))
                list.Add(JsonNode.Parse(before));
            description[Before] = list.Parent is null ? list : list.DeepClone();
        }

        Files.WriteAtomically(DescriptionFile, description.ToJsonString(Indented) + "\n");
    }

    private IEnumerable<RunIdentity> Earlier() =>
        Read(Before) is JsonArray list ? list.Select(entry => RunIdentity.FromJson(entry!.ToJsonString())) : [];

    private RunIdentity IdentityOf(JsonObject description)
    {
        var options = description["options"]?.ToJsonString()
            ?? throw new InputException($"{DescriptionFile}: it has no options");
        string[] classes = description[Classes] is { } attributes
            ? [.. Named(() => AttributeTable.FromJson(
                new JsonObject { ["attributes"] = attributes.DeepClone() }.ToJsonString())).ClassNames]
            : [];
        var data = description[Data] is JsonObject saved
            ? string.Join(' ', new[] { Train, Val }.Select(part => Describe(saved, part)))
            : "";
        return new RunIdentity(
            Named(() => TrainerOptions.FromJson(options)),
            description["precision"]?.ToString() ?? Precision.Fp32.Name(), classes, data);
    }

    // Not the pictures' sizes: a broken picture that is replaced is no other data set.
    private string Describe(JsonObject saved, string part) =>
        Digest(saved, part) is { } digest ? $"{part} {digest.Pictures} {digest.Names} {digest.Labels}" : part;
}

/// <summary>A state of another run: no damage, so no older state helps.</summary>
internal sealed class StateMismatchException(Wording wording) : InputException(wording);
