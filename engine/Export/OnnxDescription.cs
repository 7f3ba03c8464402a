using System.Globalization;
using System.Text.Json;

namespace Flixstock.Engine;

/// <summary>The metadata of an ONNX file: everything that is needed to use it without the checkpoint.</summary>
internal static class OnnxDescription
{
    private const string Format = "flixstock onnx", Version = "1";
    private static readonly JsonSerializerOptions Json =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Keys and values in the order of the file; no time and no path among them, so that equal weights give equal
    /// files.
    /// </summary>
    public static IEnumerable<(string Key, string Value)> Of(Checkpoint checkpoint, OnnxExportOptions options)
    {
        var attributes = checkpoint.Attributes;
        yield return ("format", Format);
        yield return ("format_version", Version);
        yield return ("model", checkpoint.Model.ToJson());
        yield return ("class_names", JsonSerializer.Serialize(attributes.ClassNames, Json));
        yield return (
            "attributes",
            JsonSerializer.Serialize(attributes.Groups.Select((group, i) => Group(attributes, group, i)), Json));
        yield return ("thresholds", JsonSerializer.Serialize(
            options.Thresholds ?? [.. Enumerable.Repeat(options.Threshold, attributes.ClassCount)], Json));
        yield return ("preprocessing", JsonSerializer.Serialize(Preprocessing(options), Json));
        yield return ("head", checkpoint.Head.ToString().ToLowerInvariant());
        if (checkpoint.Calibration is { } calibration)
            yield return ("temperature", calibration.Temperature.ToString("R", CultureInfo.InvariantCulture));
        yield return ("precision", options.Half ? "fp16" : "fp32");
        yield return ("weights", checkpoint.Weights.ToString().ToLowerInvariant());
        if (checkpoint.MeanAp is { } meanAp)
            yield return ("mean_ap", meanAp.ToString("R", CultureInfo.InvariantCulture));
    }

    // Exactly one class of a group is present: the likeliest is the answer.
    private static object Group(AttributeTable table, AttributeGroup group, int index) => new
    {
        name = group.Name,
        column = group.Column,
        first = table.Offset(index),
        classes = group.Classes,
    };

    // "inside" is what the graph does itself; the rest is the caller's.
    private static object Preprocessing(OnnxExportOptions options) => new
    {
        image_size = options.Preparation.ImageSize,
        exif_rotate = options.Preparation.ExifRotate,
        channels = "RGB",
        resize = options.Preparation.Filter.ToString().ToLowerInvariant(),
        antialias = true,
        scale = "1/255",
        inside = options.Input switch
        {
            OnnxInput.Pictures => new[] { "resize", "scale", "transpose" },
            OnnxInput.Bytes => ["scale", "transpose"],
            _ => [],
        },
    };
}
