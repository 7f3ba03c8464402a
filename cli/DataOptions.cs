using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The options that say which data set: folder, layout, and what to do about pictures that are not there.</summary>
internal sealed class DataOptions
{
    private readonly Option<string> _folder = Options.Path("--data", "Folder of the data set: after 'flixstock split', or in another known layout.", required: true);

    public static Option<string> TypeOption() =>
        Options.Choice("--dataset-type", DatasetSource.NameOf(DatasetType.Auto), "How the data set is laid out", [.. DatasetSource.TypeNames]);

    public static Option<bool> SkipOption() => Options.Flag("--skip-missing", "Leave out pictures that the labels name and that are not there.");

    public Option<string> Type { get; } = TypeOption();

    public Option<bool> SkipMissing { get; } = SkipOption();

    public void AddTo(Command command)
    {
        command.Add(_folder);
        command.Add(Type);
        command.Add(SkipMissing);
    }

    public DatasetSource Read(ParseResult parsed) =>
        new(parsed.GetRequiredValue(_folder), DatasetSource.TypeOf(parsed.GetValue(Type)!)) { SkipMissing = parsed.GetValue(SkipMissing) };
}

/// <summary>Loads data sets and says before the next output how they were understood.</summary>
internal static class LoadedData
{
    /// <summary>Decides the type; what was recognised is told once.</summary>
    public static DatasetSource Resolve(Session session, DatasetSource source)
    {
        var (type, recognised) = source.Resolve();
        if (recognised is not null)
            session.Terminal.BeforeNext(() => session.Terminal.Remark(Terminal.OneLine(recognised)));
        return source with { Type = type };
    }

    /// <summary>A part; what was noted while it was read is told.</summary>
    public static ImageDataset Load(Session session, DatasetSource source, string part)
    {
        var data = source.Load(part);
        foreach (var note in data.Notes)
            Note(session, note);
        return data;
    }

    /// <summary>Says something before the next output.</summary>
    public static void Note(Session session, string note) =>
        session.Terminal.BeforeNext(() => session.Terminal.Remark($"note: {Terminal.OneLine(note)}"));
}
