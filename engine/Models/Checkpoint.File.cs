using System.Globalization;
using System.Text.Json;

namespace Flixstock.Engine;

public sealed partial record Checkpoint
{
    private const string Format = SafetensorsFile.OurFormats + "checkpoint", Version = "1";

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <exception cref="EngineException">It cannot be written.</exception>
    public void Save(string path)
    {
        var state = new StateDict();
        using var use = _source.Gate.Enter();
        foreach (var tensor in State)
            state.Add(tensor);
        foreach (var (key, value) in Describe())
            state.Metadata[key] = value;
        SafetensorsFile.Write(path, state);
    }

    /// <summary>
    /// Reads a file: a checkpoint of ours, or published weights in any format that <see cref="WeightsFile"/> reads,
    /// whose model shows in the tensors' shapes. A file with several sets of weights takes the name of one of them
    /// after a colon.
    /// </summary>
    /// <exception cref="InputException">It is missing, damaged or not of a TResNet; one line that names it.</exception>
    public static Checkpoint Load(string path, CancellationToken cancellation = default)
    {
        var file = WeightsFile.Read(path, cancellation: cancellation);
        try
        {
            var checkpoint = From(file);
            (checkpoint._source.File, checkpoint.Remarks) = (file, file.Remarks);
            return checkpoint;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The checkpoint that a file's weights make.</summary>
    /// <exception cref="InputException">
    /// They are not a TResNet's, or their description is damaged; one line that names the file.
    /// </exception>
    public static Checkpoint From(WeightsFile file)
    {
        var (state, path) = (file.State, file.Path);
        if (!IsOurs(file))
            return FromPublished(file);
        if (state.Metadata.GetValueOrDefault("format_version") is var version && version != Version)
        {
            throw new InputException($"{path}: a checkpoint of format version '{version}'; this program reads version "
                + $"{Version}: use a newer one");
        }
        try
        {
            return FromMetadata(state, path);
        }
        catch (Exception e) when (e is InputException or FormatException or OverflowException or KeyNotFoundException
            or ArgumentException or JsonException)
        {
            throw new InputException(
                $"{path}: the checkpoint's description is damaged: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static bool IsOurs(WeightsFile file) =>
        file.State.Metadata.GetValueOrDefault(SafetensorsFile.FormatKey) == Format;

    private Dictionary<string, string> Describe()
    {
        var text = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [SafetensorsFile.FormatKey] = Format,
            ["format_version"] = Version,
            ["model"] = NetworkCatalog.ToJson(Model),
            ["attributes"] = Attributes.ToJson(),
            ["image_size"] = Text(Preparation.ImageSize),
            ["resize"] = Preparation.Filter.ToString().ToLowerInvariant(),
            ["exif_rotate"] = Preparation.ExifRotate ? "true" : "false",
            ["weights"] = Weights.ToString().ToLowerInvariant(),
            ["epoch"] = Text(Epoch),
            ["step"] = Text(Step),
        };
        if (MeanAp is { } meanAp)
            text["mean_ap"] = meanAp.ToString("R", CultureInfo.InvariantCulture);
        if (Head != HeadKind.Sigmoid)
            text["head"] = Head.ToString().ToLowerInvariant();
        if (Calibration is { } calibration)
        {
            text["thresholds"] = JsonSerializer.Serialize(calibration.Thresholds);
            text["temperature"] = calibration.Temperature.ToString("R", CultureInfo.InvariantCulture);
        }
        return text;
    }

    private static Checkpoint FromMetadata(StateDict state, string path)
    {
        var text = state.Metadata;
        var result = new Checkpoint
        {
            Path = path,
            State = state,
            Model = NetworkCatalog.FromJson(text["model"]),
            Attributes = AttributeTable.FromJson(text["attributes"]),
            Preparation = new(
                Number(text, "image_size"), EnumNames.Parse<ResizeFilter>(text["resize"], "resize"),
                bool.Parse(text["exif_rotate"])),
            Weights = EnumNames.Parse<WeightsKind>(text["weights"], "weights"),
            Epoch = Number(text, "epoch"),
            Step = Number(text, "step"),
            MeanAp = MeanApIn(text),
            Head = text.TryGetValue("head", out var head) ? EnumNames.Parse<HeadKind>(head, "head") : HeadKind.Sigmoid,
            Calibration = CalibrationIn(text),
        };
        if (result.Model.Classes != result.Attributes.ClassCount)
        {
            throw new InputException($"the model has {result.Model.Classes} outputs, the attributes have "
                + $"{result.Attributes.ClassCount} classes");
        }
        result.Calibration?.Require(result.Attributes.ClassCount);
        ProbabilityHead.Require(result.Head, result.Attributes);
        result.Model.ImageSizes.Require(result.Preparation);
        return result;
    }

    private static ClassCalibration? CalibrationIn(IDictionary<string, string> text) =>
        text.TryGetValue("thresholds", out var thresholds)
            ? new ClassCalibration(
                JsonSerializer.Deserialize<float[]>(thresholds) ?? [],
                double.Parse(text["temperature"], CultureInfo.InvariantCulture))
            : null;

    // 0 to 1, and NaN of a training that could not measure it.
    private static double? MeanApIn(IDictionary<string, string> text)
    {
        if (!text.TryGetValue("mean_ap", out var written))
            return null;
        return double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value is >= 0 and <= 1
            ? value
            : throw new InputException($"mean_ap '{written}': a number from 0 to 1 is expected");
    }

    private static int Number(IDictionary<string, string> text, string key) =>
        int.TryParse(text[key], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InputException($"{key} '{text[key]}': a whole number, 0 or more, is expected");

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
