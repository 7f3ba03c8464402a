using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The options that simulate missing labels, under the reference project's names or short ones.</summary>
internal sealed class SimulationOptions
{
    private readonly string _prefix;
    private readonly Option<string> _type;
    private readonly Option<double?> _parameter;
    private readonly Option<ulong?> _seed;

    /// <param name="prefix"><c>--simulate-partial-</c> next to other options, <c>--</c> without any.</param>
    public SimulationOptions(string prefix)
    {
        _prefix = prefix;
        _type = Options.Choice($"{prefix}type", "none", "Simulate missing training labels", "none", "rps", "fpc");
        _parameter = Options.OptionalNumber(
            Parameter,
            "rps: share of the labels to hide, as 0.5; fpc: positives and negatives of each class that stay "
                + "known, as 1000.",
            double.MinValue, double.MaxValue);
        _seed = Options.OptionalSeed($"{prefix}seed", "Decides which labels are hidden; without it 1.");
    }

    private string Parameter => $"{_prefix}param";

    public IEnumerable<Option> All => [_type, _parameter, _seed];

    /// <summary>The simulation that the options describe; the other one if none was given.</summary>
    public PartialSimulation? Read(ParseResult parsed, PartialSimulation? otherwise)
    {
        var given = All.Where(option => parsed.IsGiven(option)).ToList();
        if (given.Count == 0)
            return otherwise;
        var type = parsed.IsGiven(_type)
            ? parsed.GetValue(_type)
            : otherwise?.Kind.ToString().ToLowerInvariant() ?? "none";
        if (type == "none")
        {
            // With the type none given explicitly the others are idle, as in the reference project; by themselves they
            // are half of a wish.
            return given.Contains(_type)
                ? null
                : throw new InputException($"{given[0].Name}: give {_prefix}type rps or fpc too");
        }
        var kind = EnumNames.Parse<SimulationKind>(type!, _type.Name);
        var simulation = new PartialSimulation(
            kind,
            parsed.GetValue(_parameter) ?? (otherwise?.Kind == kind
                ? otherwise.Parameter
                : throw new InputException(
                    $"{_prefix}type {type}: give {Parameter} too, as {(kind == SimulationKind.Rps ? "0.5" : "1000")}")),
            parsed.GetValue(_seed) ?? otherwise?.Seed ?? 1);
        simulation.Validate();
        return simulation;
    }
}
