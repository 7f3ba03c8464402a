using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flixstock.Engine;

/// <summary>Everything known about how well scores match labels. Percent, except AP per class (0 to 1).</summary>
/// <param name="Pictures">Number of pictures.</param>
/// <param name="ClassNames">Unique names, in the order of the scores.</param>
/// <param name="MeanAveragePrecision">
/// The headline: mAP over annotated labels (<see cref="PartialAveragePrecision.Map"/>).
/// </param>
/// <param name="ReferenceMeanAveragePrecision">
/// The reference project's: unknown labels counted as negatives, classes without positives as 0.
/// </param>
/// <param name="Annotated">AP over annotated labels.</param>
/// <param name="ReferenceAp">AP per class with unknown labels as negatives.</param>
/// <param name="AtThreshold">Precision, recall, F1 with unknown labels left out.</param>
/// <param name="Reference">The reference project's own precision and recall lines.</param>
/// <param name="Attributes">Metrics of each attribute.</param>
public sealed record EvaluationReport(
    int Pictures, IReadOnlyList<string> ClassNames, double MeanAveragePrecision, double ReferenceMeanAveragePrecision,
    PartialAveragePrecision Annotated, IReadOnlyList<double> ReferenceAp, ThresholdMetrics AtThreshold,
    ReferenceMetrics Reference, IReadOnlyList<AttributeMetrics> Attributes)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new FiniteOrNull() },
    };

    /// <summary>Metrics of each class.</summary>
    public IReadOnlyList<ClassMetrics> Classes { get; init; } = [];

    /// <summary>Average precision over annotated labels, in the three usual means.</summary>
    public AveragePrecisionMeans? Means { get; init; }

    /// <summary>Macro-F1, balanced accuracy and calibration error over all classes.</summary>
    public OverallMetrics? Overall { get; init; }

    /// <summary>Number of resamples for the intervals; 0 if there are none.</summary>
    public int Resamples { get; init; }

    /// <summary>
    /// Pictures that could not be read and are not among <see cref="Pictures"/>; null: there were none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BadPicture>? LeftOut { get; init; }

    /// <summary>True: each score is the mean of a picture's and its mirror image's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Flips { get; init; }

    /// <summary>
    /// The reference project's numbers by the names it gives them; <c>map_macro</c> is its mean weighted by positives.
    /// </summary>
    public IReadOnlyDictionary<string, double> ReferenceNumbers => new Dictionary<string, double>(
        StringComparer.Ordinal)
    {
        ["mAP"] = ReferenceMeanAveragePrecision,
        ["mAP_partial"] = Annotated.Map,
        ["map_macro"] = Annotated.Weighted,
        ["P_C"] = Reference.PrecisionPerClass,
        ["R_C"] = Reference.RecallPerClass,
        ["F_C"] = Reference.F1PerClass,
        ["P_O"] = Reference.PrecisionOverall,
        ["R_O"] = Reference.RecallOverall,
        ["F_O"] = Reference.F1Overall,
    };

    /// <summary>Names in camelCase; numbers that do not exist (0 / 0) are null.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);

    private sealed class FiniteOrNull : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }
    }
}
