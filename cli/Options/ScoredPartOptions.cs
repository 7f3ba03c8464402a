using System.CommandLine;

namespace Flixstock.Cli;

/// <summary>The options of commands that score a part of a data set: which model, which pictures, and how.</summary>
/// <param name="session">The session.</param>
/// <param name="parts">The parts to choose from, the standard first.</param>
internal sealed class ScoredPartOptions(Session session, params string[] parts)
{
    private readonly ModelOptions _model = new(session);
    private readonly DataOptions _data = new(session);
    private readonly Option<string> _part = Options.Choice("--split", parts[0], "Which pictures", parts);
    private readonly Option<bool> _byPosition = MatchedData.ByPositionOption();
    private readonly Option<int?> _skipBad = SkipBad.Option();
    private readonly Option<bool> _flip = PictureOptions.Flip();
    private readonly Option<int> _workers = Options.Workers();

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _part, _byPosition, _skipBad, _flip, _workers })
            command.Add(option);
        _data.AddTo(command);
        _data.AddFold(command);
        _model.AddTo(command);
    }

    /// <summary>The part that is chosen, as part of a file's name.</summary>
    public string Part(ParseResult parsed) => parsed.GetRequiredValue(_part);

    /// <summary>Opens the device and reads the model; the pictures follow when they are asked for.</summary>
    public ScoredPart Open(ParseResult parsed)
    {
        var backend = _model.Open(parsed);
        var checkpoint = _model.Load(parsed);
        try
        {
            return new ScoredPart(session, backend, checkpoint, Part(parsed))
            {
                Source = () => _data.Read(parsed),
                Flips = parsed.GetValue(_flip),
                ClassesByPosition = parsed.GetValue(_byPosition),
                Loading = _model.Loading(parsed, checkpoint, parsed.GetValue(_workers)).With(parsed.GetValue(_skipBad)),
            };
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }
}
