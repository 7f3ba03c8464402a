namespace Flixstock.Engine;

/// <summary>What may differ from what a checkpoint says.</summary>
public sealed record PredictorOptions
{
    /// <summary>Height and width in pixels; null for the checkpoint's.</summary>
    public int? ImageSize { get; init; }

    /// <summary>How pictures are resized; null for the checkpoint's way.</summary>
    public ResizeFilter? Resize { get; init; }

    /// <summary>Turn pictures as their EXIF orientation says (training does not, unless told to).</summary>
    public bool ExifRotate { get; init; }

    /// <summary>Pictures that go through the network together.</summary>
    public int BatchSize { get; init; } = 8;
}

/// <summary>
/// Pictures in, labels out. Safe for several threads: pictures are read and resized in parallel, the network takes one batch at a time.
/// </summary>
/// <example>
/// <code>
/// using var predictor = Predictor.Load("run/best.safetensors");
/// foreach (var label in predictor.Predict("shirt.jpg").Labels)
///     Console.WriteLine($"{label.Attribute}: {label.Label} ({label.Confidence:P0})");
/// </code>
/// </example>
public sealed class Predictor : IDisposable
{
    private readonly FoldedNetwork _network;
    private readonly PredictorOptions _options;
    private readonly Backend? _ownBackend;
    private readonly Lock _lock = new();

    /// <summary>A predictor over a network that becomes its own.</summary>
    /// <exception cref="InputException">The network cannot take pictures of this size.</exception>
    public Predictor(FoldedNetwork network, ModelDescription description, PredictorOptions? options = null)
        : this(network, description, options ?? new PredictorOptions(), null)
    {
    }

    private Predictor(FoldedNetwork network, ModelDescription description, PredictorOptions options, Backend? ownBackend)
    {
        (_network, _options, _ownBackend) = (network, options, ownBackend);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.BatchSize);
        Description = description;
        ImageSize = options.ImageSize ?? description.ImageSize;
        Flixstock.Engine.ImageSize.Require(ImageSize, ImageSize);
    }

    /// <summary>What the checkpoint says.</summary>
    public ModelDescription Description { get; }

    /// <summary>Height and width pictures are brought to, in pixels.</summary>
    public int ImageSize { get; }

    /// <summary>Reads a checkpoint that training wrote.</summary>
    /// <param name="checkpoint">A safetensors file.</param>
    /// <param name="backend">Where to compute; null opens the processor.</param>
    /// <param name="options">What differs from what the checkpoint says.</param>
    /// <exception cref="InputException">The file is not a usable checkpoint; the message names it.</exception>
    public static Predictor Load(string checkpoint, Backend? backend = null, PredictorOptions? options = null)
    {
        var state = SafetensorsFile.Read(checkpoint);
        var description = ModelDescription.From(state, checkpoint);
        var ownBackend = backend is null ? Backend.Cpu() : null;
        try
        {
            var network = FoldedNetwork.From(state, description.Model, backend ?? ownBackend!);
            return new Predictor(network, description, options ?? new PredictorOptions(), ownBackend);
        }
        catch (InputException e)
        {
            ownBackend?.Dispose();
            throw new InputException($"{checkpoint}: {e.Message}", e);
        }
    }

    /// <summary>Labels of one picture file.</summary>
    /// <exception cref="InputException">The file cannot be read or is not a picture; the message names it.</exception>
    public Prediction Predict(string picturePath) => Predict(PictureDecoder.Decode(picturePath, _options.ExifRotate));

    /// <summary>Labels of one picture.</summary>
    public Prediction Predict(RgbPicture picture) => Predict([picture])[0];

    /// <summary>Labels of several pictures, in their order.</summary>
    public IReadOnlyList<Prediction> Predict(IReadOnlyList<RgbPicture> pictures)
    {
        var results = new Prediction[pictures.Count];
        var (classes, bytes) = (Description.Model.Classes, ImageSize * ImageSize * 3);
        for (var first = 0; first < pictures.Count; first += _options.BatchSize)
        {
            var count = Math.Min(_options.BatchSize, pictures.Count - first);
            var pixels = new byte[count * bytes];
            for (var i = 0; i < count; i++)
                PictureResizer.Resize(pictures[first + i], ImageSize, ImageSize, _options.Resize ?? Description.Resize, pixels.AsSpan(i * bytes, bytes));
            var logits = new float[count * classes];
            lock (_lock)
                _network.Run(pixels, count, ImageSize, ImageSize, logits);
            for (var i = 0; i < count; i++)
                results[first + i] = Prediction.From(logits.AsSpan(i * classes, classes), Description.Attributes);
        }
        return results;
    }

    /// <summary>Frees the network, and the device if <see cref="Load"/> opened it.</summary>
    public void Dispose()
    {
        _network.Dispose();
        _ownBackend?.Dispose();
    }
}
