using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flixstock.Engine;

/// <summary>
/// One way to train, a row of the tables. Options have the names of the training command's, without the dashes.
/// </summary>
public sealed record ExperimentMethod
{
    /// <summary>Name in the tables.</summary>
    public required string Name { get; init; }

    /// <summary>Its options.</summary>
    public Dictionary<string, JsonElement> Train { get; init; } = [];

    /// <summary>Options that apply only if labels are hidden by rps.</summary>
    public Dictionary<string, JsonElement> Rps { get; init; } = [];

    /// <summary>Options that apply only if labels are hidden by fpc.</summary>
    public Dictionary<string, JsonElement> Fpc { get; init; } = [];

    /// <summary>
    /// Not null: a stage in mode ignore with these options over the others comes first, and its prior is used.
    /// </summary>
    public Dictionary<string, JsonElement>? TwoStage { get; init; }
}

/// <summary>
/// A grid of trainings: methods x simulations x seeds x folds x any options that vary. As JSON, comments allowed:
/// <c>{"data", "out", "train": {options of all}, "seeds": [1, 2], "folds": 5, "simulations": ["rps 0.5", "fpc 200",
/// "none"], "vary": {"lr": [1e-3, 1e-2]}, "methods": [{"name", "train", "rps", "fpc", "twoStage"}]}</c>.
/// </summary>
public sealed record ExperimentFile
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    private const int MostCells = 10_000;
    private const string None = "none";

    // For messages.
    private string Source { get; init; } = "";

    /// <summary>The data set.</summary>
    public string? Data { get; init; }

    /// <summary>Folder of the runs and tables.</summary>
    public string? Out { get; init; }

    /// <summary>Options of every training.</summary>
    public Dictionary<string, JsonElement> Train { get; init; } = [];

    /// <summary>Each decides initial weights, order of pictures and hidden labels.</summary>
    public IReadOnlyList<ulong> Seeds { get; init; } = [1];

    /// <summary>
    /// Number of folds, each of which is validated on in a training of its own; null: the data set's own parts.
    /// </summary>
    public int? Folds { get; init; }

    /// <summary>
    /// How labels are hidden: <c>rps 0.5</c>, <c>fpc 200</c>, <c>none</c>; with one table each. None named: not at all.
    /// </summary>
    public IReadOnlyList<string> Simulations { get; init; } = [None];

    /// <summary>Options that take several values; every combination is trained.</summary>
    public Dictionary<string, IReadOnlyList<JsonElement>> Vary { get; init; } = [];

    /// <summary>The methods, at least one.</summary>
    public required IReadOnlyList<ExperimentMethod> Methods { get; init; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">
    /// It is missing, is no such JSON, or a list in it is empty or names something twice.
    /// </exception>
    public static ExperimentFile Read(string path)
    {
        try
        {
            var text = TextFile.ReadUtf8(path);
            StrictJson.RequireWholeCharacters(text.Span, JsonCommentHandling.Skip);
            var file = JsonSerializer.Deserialize<ExperimentFile>(text.Span, Json)
                ?? throw new InputException($"{path}: it is empty");
            if (file.Simulations is not { Count: > 0 })
                file = file with { Simulations = [None] };
            file.Check(path);
            return file with { Source = path };
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"{path}: not an experiment ({StrictJson.Reason(e)}); see {Term.ExperimentFile}", e);
        }
    }

    /// <summary>All trainings: seed by seed, so that what is done early can be compared.</summary>
    /// <exception cref="InputException">A simulation or an option's value cannot be; names it.</exception>
    public IReadOnlyList<ExperimentCell> Cells()
    {
        try
        {
            return
            [
                .. from seed in Seeds
                   from fold in AllFolds
                   from simulation in Simulations
                   from method in Methods
                   from variation in Variations()
                   select Cell(method, variation, simulation, seed, fold),
            ];
        }
        catch (InputException e) when (Source.Length > 0)
        {
            throw new InputException($"{Source}: {e.Message}", e);
        }
    }

    private void Check(string path)
    {
        if (Methods.Count == 0 || Seeds.Count == 0 || Vary.Values.Any(values => values.Count == 0))
        {
            throw new InputException($"{path}: methods, seeds and what varies need at least one entry each");
        }
        if (Folds is { } folds)
            DataFold.Parse($"1/{folds.ToString(CultureInfo.InvariantCulture)}");
        var cells = Vary.Values.Aggregate(
            (double)Methods.Count * Seeds.Count * Simulations.Count * (Folds ?? 1),
            (product, values) => product * values.Count);
        if (cells > MostCells)
        {
            var (wanted, most) = (
                cells.ToString("n0", CultureInfo.InvariantCulture),
                MostCells.ToString("n0", CultureInfo.InvariantCulture));
            throw new InputException($"{path}: a grid of {wanted} trainings; at most {most} are possible: leave seeds, "
                + "simulations or values out, or divide the file");
        }
        var names = Methods.Select(method => method.Name).Concat(Simulations)
            .Concat(Seeds.Select(seed => $"seed {seed}")).Select(Plain).ToList();
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InputException($"{path}: '{twice.Key}' is named twice; methods, simulations and seeds must "
                + $"differ in letters or digits");
        }
    }

    private IEnumerable<DataFold?> AllFolds => Folds is { } folds
        ? Enumerable.Range(1, folds).Select(DataFold? (index) => new DataFold(index, folds))
        : [null];

    private IEnumerable<IReadOnlyList<(string Option, JsonElement Value)>> Variations() => Vary.Aggregate(
        (IEnumerable<IReadOnlyList<(string, JsonElement)>>)[[]],
        (all, varied) => all.SelectMany(
            one => varied.Value.Select(value => (IReadOnlyList<(string, JsonElement)>)[.. one, (varied.Key, value)])));

    private ExperimentCell Cell(
        ExperimentMethod method, IReadOnlyList<(string Option, JsonElement Value)> variation,
        string simulation, ulong seed, DataFold? fold)
    {
        var words = simulation.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var options = new Dictionary<string, string>(StringComparer.Ordinal) { ["seed"] = Text(seed) };
        if (words is ["rps" or "fpc", _])
        {
            (options["simulate-partial-type"], options["simulate-partial-param"], options["simulate-partial-seed"]) =
                (words[0], words[1], Text(seed));
        }
        else if (words is not [None])
        {
            throw new InputException(
                $"the simulation '{simulation}' is not understood; write rps 0.5, fpc 1000 or none");
        }
        Put(options, Train);
        Put(options, variation.ToDictionary(one => one.Option, one => one.Value));
        Put(options, method.Train);
        Put(options, words[0] switch { "rps" => method.Rps, "fpc" => method.Fpc, _ => [] });
        var first = method.TwoStage is null ? null : new Dictionary<string, string>(options, StringComparer.Ordinal);
        if (first is not null)
        {
            Put(first, method.TwoStage!);
            first["partial-loss-mode"] = "ignore";
            // Its prior is to be that of the annotations.
            foreach (var option in first.Keys.Where(key => key is "self-labels"
                || key.StartsWith("cap-", StringComparison.Ordinal)).ToList())
            {
                first.Remove(option);
            }
        }
        var name = string.Join(
            ", ", variation.Select(one => $"{one.Option} {Value(one.Option, one.Value)}").Prepend(method.Name));
        var folder = Path.Combine(Plain(simulation), Plain(name), $"seed-{seed}");
        return new ExperimentCell(
            name, simulation, seed, options, first, fold is null ? folder : Path.Combine(folder, $"fold-{fold.Index}"))
        {
            Fold = fold,
        };
    }

    private static void Put(Dictionary<string, string> options, Dictionary<string, JsonElement> more)
    {
        foreach (var (option, value) in more)
            options[option.TrimStart('-').Replace('_', '-')] = Value(option, value);
    }

    private static string Value(string option, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(item => Value(option, item))),
        _ => throw new InputException(
            $"the option '{option}' has the value {value.GetRawText()}; give text, a number, true, false or a list"),
    };

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    // A name as a folder.
    private static string Plain(string name) =>
        string.Join(
            '-',
            string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : ' '))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>One training of a grid.</summary>
/// <param name="Method">Name of the method with the varied options; a row of its simulation's table, together with
/// those of other seeds.</param>
/// <param name="Simulation">Name of the simulation in the file.</param>
/// <param name="Seed">Seed of weights, order and hidden labels.</param>
/// <param name="Options">Options of the training command, by name without dashes.</param>
/// <param name="FirstStage">Options of the preceding stage in mode ignore; null if there is none.</param>
/// <param name="Folder">Below the experiment's folder.</param>
public sealed record ExperimentCell(
    string Method, string Simulation, ulong Seed, IReadOnlyDictionary<string, string> Options,
    IReadOnlyDictionary<string, string>? FirstStage, string Folder)
{
    /// <summary>The fold that is validated on; null: the data set's own validation pictures.</summary>
    public DataFold? Fold { get; init; }

    /// <summary>Options as arguments of a command line.</summary>
    public static string[] Arguments(IReadOnlyDictionary<string, string> options) =>
        [.. options.Select(option => $"--{option.Key}={option.Value}")];
}
