using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The options of the data set: folder, layout, and what to do about pictures that are missing.</summary>
/// <param name="session">The session, which knows where to search for a data set.</param>
/// <param name="folder">Description of the folder.</param>
internal sealed class DataOptions(
    Session session, string folder = "Folder of the data set: after 'flixstock split', or in another known layout")
{
    private readonly Argument<string?> _argument =
        new("data") { Description = "The same as --data.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _folder = Options.OptionalPath(
        "--data", $"{folder}; without it the one here or in a neighbouring folder.", "folder");
    private DatasetSource? _source;

    public static Option<string> TypeOption(string description = "How the data set is laid out") =>
        Options.Choice(
            "--dataset-type", DatasetSource.NameOf(DatasetType.Auto), description, [.. DatasetSource.TypeNames],
            new() { ["flixstock"] = DatasetSource.NameOf(DatasetType.Garments) });

    public static Option<bool> SkipOption() =>
        Options.Flag("--skip-missing", "Leave out pictures that the labels name and that are missing.");

    public Option<string> Type { get; } = TypeOption();

    public Option<bool> SkipMissing { get; } = SkipOption();

    private readonly Option<string?> _fold = new NullableOption<string?>("--fold")
    {
        Description = "Cross-validation: deal training and validation pictures out into folds, as 1/5, and validate on "
            + "this one; a run is resumed and its weights are validated with its own.",
        HelpName = "i/n",
        CustomParser = Options.FoldText,
    };

    public PictureOptions Pictures { get; } = new(session);

    /// <summary>Adds the options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="decodes">True if the command decodes pictures, and does not only count or copy them.</param>
    public void AddTo(Command command, bool decodes = true)
    {
        AddFolder(command);
        command.Add(Type);
        command.Add(SkipMissing);
        if (decodes)
            Pictures.AddTo(command);
    }

    /// <summary>Adds the choice of a fold, for a command that trains or scores.</summary>
    public void AddFold(Command command) => command.Add(_fold);

    /// <summary>Adds the folder alone, for a command that reads one layout.</summary>
    public void AddFolder(Command command)
    {
        command.Add(_argument);
        command.Add(_folder);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_argument) is { } alone && result.GetValue(_folder) is { } named && alone != named)
                result.AddError($"--data {named} and {alone}: two data sets; give one");
        });
    }

    /// <summary>The folder given, as an option or as an argument; null: none.</summary>
    public string? Folder(ParseResult parsed) => parsed.GetValue(_folder) ?? parsed.GetValue(_argument);

    /// <summary>The data set given; without one that which is found from here, and that is said.</summary>
    /// <exception cref="InputException">None is found.</exception>
    public DatasetSource Read(ParseResult parsed) => _source ??=
        new(
            Folder(parsed) ?? session.Chosen("--data", session.Places.Data()),
            DatasetSource.TypeOf(parsed.GetValue(Type)!))
        {
            SkipMissing = parsed.GetValue(SkipMissing),
            Fold = FoldOf(parsed),
            Cancellation = session.Cancellation,
            Pictures = Pictures.Read(parsed),
        };

    /// <summary>The data set of a run that continues: the one given, or the one that the run knows.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="run">The run's folder.</param>
    /// <param name="asked">Why it is asked for, in messages; null: to continue the run.</param>
    /// <exception cref="InputException">The run does not name it, or it no longer exists.</exception>
    public DatasetSource Read(ParseResult parsed, string run, string? asked = null)
    {
        if (Folder(parsed) is not null)
            return Read(parsed);
        var known = TrainingRun.DatasetOf(run, asked, FoldOf(parsed));
        var type = DatasetSource.TypeOf(parsed.GetValue(Type)!);
        return known with
        {
            Type = type == DatasetType.Auto ? known.Type : type,
            SkipMissing = known.SkipMissing || parsed.GetValue(SkipMissing),
            Cancellation = session.Cancellation,
            Pictures = Pictures.Read(parsed),
        };
    }

    private DataFold? FoldOf(ParseResult parsed) =>
        parsed.GetValue(_fold) is { } fold ? DataFold.Parse(fold) : null;
}

/// <summary>Loads data sets and reports before the next output how they were read.</summary>
internal static class LoadedData
{
    /// <summary>Decides the type; what was recognised is told once.</summary>
    public static DatasetSource Resolve(Session session, DatasetSource source)
    {
        var (type, recognised) = (source with { Cancellation = session.Cancellation }).Resolve();
        if (recognised is not null)
            session.Terminal.BeforeNext(() => session.Terminal.Remark(Terminal.OneLine(Advice.Of(recognised))));
        return source with { Type = type, Cancellation = session.Cancellation };
    }

    /// <summary>A part; what was noted while it was read is told.</summary>
    public static ImageDataset Load(Session session, DatasetSource source, string part)
    {
        var data = source.Load(part);
        foreach (var note in data.Notes)
            Note(session, note);
        foreach (var group in data.Others.Groups.Where(group => group.Reason == PassedOverReason.OtherKind))
            Note(session, $"passed over: {group}; {group.Remedy}");
        return data;
    }

    /// <summary>Says something before the next output.</summary>
    public static void Note(Session session, string note) =>
        session.Terminal.BeforeNext(() => session.Terminal.Remark($"note: {Terminal.OneLine(note)}"));
}
