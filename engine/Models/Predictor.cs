namespace Flixstock.Engine;

/// <summary>Settings of a predictor that may differ from its checkpoint's.</summary>
public sealed record PredictorOptions
{
    /// <summary>How pictures are prepared; null: as training did.</summary>
    public PicturePreparation? Preparation { get; init; }

    /// <summary>
    /// For every class: a probability above it means that the class is present; null for the checkpoint's thresholds.
    /// </summary>
    public float? Threshold { get; init; }

    /// <summary>Pictures that go through the network together.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Predictions come with <see cref="Prediction.Maps"/>: a map for each label of a picture.</summary>
    public bool Explains { get; init; }

    /// <summary>Scores are the mean of a picture's logits and its mirror image's, at twice the time.</summary>
    public bool Flips { get; init; }
}

/// <summary>
/// Pictures in, labels out. Safe for several threads, and several predictors may share a backend: pictures are read and
/// resized in parallel, the device takes one batch at a time. Disposing waits for the calls that are running; later
/// ones throw <see cref="ObjectDisposedException"/>.
/// </summary>
/// <remarks>Threads: any number; disposing waits for the calls that run.</remarks>
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
    private readonly GradCam? _gradCam;
    private readonly Backend? _ownBackend;
    private readonly ProbabilityHead _head;
    private readonly string _name; // of the checkpoint's file, before messages
    private readonly int _batchSize;
    private readonly bool _flips;
    private readonly DisposalGate _gate = new(typeof(Predictor));

    /// <summary>Folds a checkpoint's network.</summary>
    /// <param name="checkpoint">The weights and their description.</param>
    /// <param name="backend">The device to compute on; null opens the processor.</param>
    /// <param name="options">Settings that differ from the checkpoint's.</param>
    /// <exception cref="InputException">
    /// The weights do not fit their description, or the network cannot take such an image size.
    /// </exception>
    public Predictor(Checkpoint checkpoint, Backend? backend = null, PredictorOptions? options = null)
    {
        options ??= new PredictorOptions();
        if (options.BatchSize < 1)
            throw new InputException($"batch size {options.BatchSize}: it must be at least 1");
        if (options.Flips && options.Explains)
        {
            throw new InputException($"{new Term(nameof(PredictorOptions.Flips))}: a map shows where one picture was "
                + $"looked at, not two; leave {new Term(nameof(PredictorOptions.Explains))} or it out");
        }
        _flips = options.Flips;
        _name = checkpoint.Path.Length > 0 ? $"{checkpoint.Path}: " : "";
        Model = checkpoint.Model;
        Attributes = checkpoint.Attributes;
        _head = checkpoint.Probabilities;
        Thresholds = options.Threshold is { } one
            ? [.. Enumerable.Repeat(one, Model.Classes)]
            : checkpoint.Calibration?.Thresholds;
        Preparation = options.Preparation ?? checkpoint.Preparation;
        Model.ImageSizes.Require(Preparation);
        var size = Preparation.ImageSize;
        if (3L * options.BatchSize * size * size > Array.MaxLength)
        {
            throw new InputException($"batch size {options.BatchSize}: this many pictures of {size}x{size} pixels do "
                + $"not fit one batch; give a smaller number");
        }
        _batchSize = options.BatchSize;
        _ownBackend = backend is null ? Backend.Cpu() : null;
        try
        {
            _network = checkpoint.Fold(backend ?? _ownBackend!, options.Explains);
            _gradCam = options.Explains ? new GradCam(_network) : null;
        }
        catch
        {
            _ownBackend?.Dispose();
            throw;
        }
    }

    /// <summary>The network.</summary>
    public INetworkDescription Model { get; }

    /// <summary>The classes that its outputs mean.</summary>
    public AttributeTable Attributes { get; }

    /// <summary>[classes] a probability above it means that the class is present; null if none were fitted.</summary>
    public IReadOnlyList<float>? Thresholds { get; }

    /// <summary>How pictures are prepared.</summary>
    public PicturePreparation Preparation { get; }

    /// <summary>Reads a checkpoint that training wrote.</summary>
    /// <param name="checkpoint">A safetensors file.</param>
    /// <param name="backend">The device to compute on; null opens the processor.</param>
    /// <param name="options">Settings that differ from the checkpoint's.</param>
    /// <exception cref="InputException">The file is not a usable checkpoint; the message names it.</exception>
    public static Predictor Load(string checkpoint, Backend? backend = null, PredictorOptions? options = null)
    {
        using var file = Checkpoint.Load(checkpoint);
        return new(file, backend, options);
    }

    /// <summary>Labels of one picture file.</summary>
    /// <exception cref="InputException">The file cannot be read or is not a picture; the message names it.</exception>
    public Prediction Predict(string picturePath)
    {
        var pixels = new byte[PictureBytes];
        new Sample(picturePath, picturePath, []).Prepare(Preparation, pixels);
        return Predict(pixels)[0];
    }

    /// <summary>Labels of one picture.</summary>
    public Prediction Predict(RgbPicture picture) => Predict([picture])[0];

    /// <summary>Labels of several pictures, in their order.</summary>
    /// <param name="pictures">The pictures.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <exception cref="EngineException">The scores are not finite.</exception>
    /// <exception cref="ObjectDisposedException">
    /// This predictor, or the backend that it was given, was disposed of.
    /// </exception>
    public IReadOnlyList<Prediction> Predict(
        IReadOnlyList<RgbPicture> pictures, CancellationToken cancellation = default)
    {
        using var use = _gate.Enter();
        var results = new Prediction[pictures.Count];
        var (size, bytes) = (Preparation.ImageSize, PictureBytes);
        for (var first = 0; first < pictures.Count; first += _batchSize)
        {
            var count = Math.Min(_batchSize, pictures.Count - first);
            var pixels = new byte[count * bytes];
            for (var i = 0; i < count; i++)
            {
                PictureResizer.Resize(
                    pictures[first + i], size, size, Preparation.Filter, pixels.AsSpan(i * bytes, bytes));
            }
            Compute(pixels, results.AsSpan(first, count), cancellation);
        }
        return results;
    }

    /// <summary>
    /// Labels of pictures that already have the network's size: the result of <see cref="Sample.Prepare"/>, which reads
    /// files without holding them.
    /// </summary>
    /// <param name="pixels">[pictures, size, size, 3], prepared as <see cref="Preparation"/> says.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <exception cref="ArgumentException">It is no whole number of pictures.</exception>
    /// <exception cref="ObjectDisposedException">
    /// This predictor, or the backend that it was given, was disposed of.
    /// </exception>
    public IReadOnlyList<Prediction> Predict(ReadOnlySpan<byte> pixels, CancellationToken cancellation = default)
    {
        using var use = _gate.Enter();
        var (size, bytes) = (Preparation.ImageSize, PictureBytes);
        if (pixels.Length % bytes != 0)
        {
            throw new ArgumentException(
                $"{pixels.Length} bytes are no whole number of pictures of {size} x {size} pixels",
                nameof(pixels));
        }
        var results = new Prediction[pixels.Length / bytes];
        for (var first = 0; first < results.Length; first += _batchSize)
        {
            var count = Math.Min(_batchSize, results.Length - first);
            Compute(pixels.Slice(first * bytes, count * bytes), results.AsSpan(first, count), cancellation);
        }
        return results;
    }

    private int PictureBytes => Preparation.ImageSize * Preparation.ImageSize * 3;

    private void Compute(ReadOnlySpan<byte> pixels, Span<Prediction> results, CancellationToken cancellation)
    {
        var (size, count) = (Preparation.ImageSize, results.Length);
        var logits = new float[count * Model.Classes];
        if (_gradCam is null)
        {
            if (_flips)
                MirroredRun.Run(_network, pixels, count, size, size, logits, cancellation);
            else
                _network.Run(pixels, count, size, size, logits, cancellation);
            Read(logits).CopyTo(results);
            return;
        }
        Prediction[] read = [];
        var maps = _gradCam.Run(
            pixels, count, size, size, logits,
            () => [.. (read = Read(logits)).Select(one => one.ClassNumbers(Attributes).Take(GradCam.Most).ToArray())],
            cancellation);
        for (var i = 0; i < count; i++)
            results[i] = read[i] with { Maps = maps[i] };
    }

    private Prediction[] Read(float[] logits)
    {
        var classes = Model.Classes;
        if (!FiniteWeights.AreFinite(logits))
        {
            throw new EngineException($"{_name}the network's scores are not finite: its weights are too large to "
                + $"compute with; give other weights");
        }
        return [.. Enumerable.Range(0, logits.Length / classes)
            .Select(i => Prediction.From(logits.AsSpan(i * classes, classes), _head, Thresholds))];
    }

    /// <summary>
    /// Waits for the calls that are running and frees the network, and the device if <see cref="Load"/> opened it.
    /// </summary>
    public void Dispose()
    {
        if (!_gate.Close())
            return;
        _gradCam?.Dispose();
        _network.Dispose();
        _ownBackend?.Dispose();
    }
}
