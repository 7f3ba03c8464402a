using System.Globalization;

namespace Flixstock.Engine;

/// <summary>What a checkpoint says besides the weights, so that nothing else is needed to use it. Kept in the safetensors file's <c>__metadata__</c>.</summary>
/// <param name="Model">Which network.</param>
/// <param name="Attributes">What its outputs mean.</param>
/// <param name="ImageSize">Height and width it was trained at, in pixels.</param>
/// <param name="Resize">How pictures are brought to that size.</param>
public sealed record ModelDescription(TResNetOptions Model, AttributeTable Attributes, int ImageSize, ResizeFilter Resize = ResizeFilter.Bilinear)
{
    private const string ModelKey = "model";
    private const string AttributesKey = "attributes";
    private const string ImageSizeKey = "image_size";
    private const string ResizeKey = "resize";

    /// <summary>Writes the entries <c>model</c>, <c>attributes</c>, <c>image_size</c> and <c>resize</c>.</summary>
    public void WriteTo(IDictionary<string, string> metadata)
    {
        metadata[ModelKey] = Model.ToJson();
        metadata[AttributesKey] = Attributes.ToJson();
        metadata[ImageSizeKey] = ImageSize.ToString(CultureInfo.InvariantCulture);
        metadata[ResizeKey] = Resize.ToString().ToLowerInvariant();
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote.</summary>
    /// <param name="state">A checkpoint.</param>
    /// <param name="path">Its file, for messages.</param>
    /// <exception cref="InputException">An entry is missing or wrong.</exception>
    public static ModelDescription From(StateDict state, string path)
    {
        try
        {
            var model = TResNetOptions.FromJson(Entry(state, ModelKey));
            var attributes = AttributeTable.FromJson(Entry(state, AttributesKey));
            if (model.Classes != attributes.ClassCount)
                throw new InputException($"the model has {model.Classes} outputs, its attributes {attributes.ClassCount} classes");
            if (!int.TryParse(Entry(state, ImageSizeKey), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
                throw new InputException($"the image size '{Entry(state, ImageSizeKey)}' is not a number");
            if (!Enum.TryParse<ResizeFilter>(Entry(state, ResizeKey), ignoreCase: true, out var resize))
                throw new InputException($"the resize filter '{Entry(state, ResizeKey)}' is unknown");
            return new ModelDescription(model, attributes, size, resize);
        }
        catch (InputException e)
        {
            throw new InputException($"{path}: not a checkpoint of this program: {e.Message}", e);
        }
    }

    private static string Entry(StateDict state, string key) => state.Metadata.TryGetValue(key, out var value)
        ? value
        : throw new InputException($"its metadata has no entry '{key}'; give a file that train wrote");
}
