using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flixstock.Engine;

/// <summary>Result of one training of a grid.</summary>
public sealed record ExperimentResult
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Row of the table.</summary>
    public required string Method { get; init; }

    /// <summary>The table.</summary>
    public required string Simulation { get; init; }

    /// <summary>Over which is averaged.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The fold that was validated on, over which is averaged too; null: the data set's own part.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Fold { get; init; }

    /// <summary>
    /// Validation mAP over annotated labels of the best epoch, percent; NaN if no class can be ranked.
    /// </summary>
    public required double MeanAp { get; init; }

    /// <summary>
    /// Validation loss of the best epoch; NaN if no validation label is known, or in results from before it was
    /// computed.
    /// </summary>
    public double ValidationLoss { get; init; } = double.NaN;

    /// <summary>Validation mAP of the last epoch: the better of plain and averaged weights.</summary>
    public required double LastMeanAp { get; init; }

    /// <summary>mAP of the plain weights of the last epoch, percent; NaN in results from before it was kept.</summary>
    public double LastPlainMeanAp { get; init; } = double.NaN;

    /// <summary>The same for the weight average.</summary>
    public double LastAverageMeanAp { get; init; } = double.NaN;

    /// <summary>Classes whose AP rests on so few validation labels that it says little.</summary>
    public IReadOnlyList<string> FewPositives { get; init; } = [];

    /// <summary>Mean AP of the third of the classes that is really commonest in training, percent.</summary>
    public required double CommonMeanAp { get; init; }

    /// <summary>Mean AP of the rarest third.</summary>
    public required double RareMeanAp { get; init; }

    /// <summary>Macro-F1 at threshold 0.5, percent.</summary>
    public required double MacroF1 { get; init; }

    /// <summary>Share of the labels of training that were left known, percent.</summary>
    public required double KnownShare { get; init; }

    /// <summary>AP per class, percent, in the order of the outputs; -1 if there is none.</summary>
    public required IReadOnlyList<double> ClassAp { get; init; }

    /// <summary>Seconds of all epochs, without those of a first stage.</summary>
    public required double Seconds { get; init; }

    /// <summary>
    /// Rank correlation of the run's own prior with the true class frequencies; NaN without a simulation.
    /// </summary>
    public double PriorRankCorrelation { get; init; } = double.NaN;

    /// <summary>The same for the annotated positives.</summary>
    public double AnnotatedRankCorrelation { get; init; } = double.NaN;

    /// <summary>Names of the five classes that the run's own prior puts first.</summary>
    public IReadOnlyList<string> TopClasses { get; init; } = [];

    /// <summary>Names of the five really commonest classes.</summary>
    public IReadOnlyList<string> TrueTopClasses { get; init; } = [];

    /// <summary>Classes whose labels the prior of the first stage left out.</summary>
    public IReadOnlyList<string> LeftOutClasses { get; init; } = [];

    /// <summary>Un-annotated labels, all epochs together; null if they were not counted.</summary>
    public IgnoredEpoch? Ignored { get; init; }

    /// <summary>The options of the run.</summary>
    public required string Options { get; init; }

    /// <summary>Writes it, whole or not at all.</summary>
    public void Write(string path) => Files.WriteAtomically(path, JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>Reads what <see cref="Write"/> wrote; null if there is no such file.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static ExperimentResult? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<ExperimentResult>(TextFile.ReadUtf8(path).Span, Json);
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"{path}: cannot be read: {StrictJson.Reason(e)}; delete it, and the run's result "
                    + $"is made again",
                e);
        }
    }
}
