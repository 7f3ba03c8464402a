namespace Flixstock.Engine;

/// <summary>
/// The training's own loss over the validation pictures, by inference: of a step with a full batch, as the training loss is, so that the two compare. It exists
/// wherever a label is known, and so decides which weights are better where mAP does not. Computed on the host, in the validation pictures' own order.
/// </summary>
internal sealed class ValidationLoss : IDisposable
{
    private readonly Backend _host = Backend.Cpu(1);
    private readonly SelectiveLossOptions _options;
    private readonly int _batch, _classes, _trainingBatch;
    private readonly Tensor _logits, _labels, _gradient, _loss, _prior, _groups; // _groups: only with the grouped head

    /// <summary>Allocates for one batch.</summary>
    /// <param name="options">The training.</param>
    /// <param name="trainingPictures">Of an epoch: no step has more.</param>
    /// <param name="validation">Pictures and classes.</param>
    /// <param name="prior">[classes] of the selective loss, or null.</param>
    public ValidationLoss(TrainerOptions options, int trainingPictures, ImageDataset validation, float[]? prior)
    {
        var attributes = validation.Attributes;
        (_options, _classes) = (options.Loss, attributes.ClassCount);
        _trainingBatch = Math.Min(options.BatchSize, trainingPictures);
        _batch = Math.Min(options.BatchSize, validation.Samples.Count);
        var (device, shape) = (_host.Device, new Shape(_batch, _classes));
        (_logits, _gradient, _loss) = (device.Allocate(shape), device.Allocate(shape), device.Allocate(new Shape(1)));
        _labels = device.Allocate(shape, ElementType.Int8);
        _prior = prior is null ? Tensor.None : device.FromHost<float>(prior, new Shape(_classes));
        if (options.Head == HeadKind.Grouped)
            _groups = device.FromHost<int>(attributes.Boundaries(), new Shape(attributes.Groups.Count + 1), ElementType.Int32);
    }

    /// <summary>The loss.</summary>
    /// <param name="logits">[pictures, classes]</param>
    /// <param name="labels">[pictures, classes]: 1, 0, -1 unknown</param>
    /// <returns>NaN where no label is known.</returns>
    public double Of(ReadOnlySpan<float> logits, ReadOnlySpan<sbyte> labels)
    {
        if (!labels.ContainsAnyExcept(SampleLabels.Unknown))
            return double.NaN;
        var sum = 0.0;
        for (var first = 0; first < logits.Length; first += _batch * _classes)
        {
            var count = Math.Min(_batch * _classes, logits.Length - first);
            sum += OfBatch(logits.Slice(first, count), labels.Slice(first, count));
        }
        return sum / (logits.Length / _classes) * _trainingBatch;
    }

    /// <summary>Frees the batch.</summary>
    public void Dispose() => _host.Dispose();

    private float OfBatch(ReadOnlySpan<float> logits, ReadOnlySpan<sbyte> labels)
    {
        var shape = new Shape(logits.Length / _classes, _classes);
        var (x, y, gradient) = (_logits.Slice(0, shape), _labels.Slice(0, shape), _gradient.Slice(0, shape));
        _host.Device.CopyFromHost(logits, x);
        _host.Device.CopyFromHost(labels, y);
        if (_groups.Exists)
            _host.Kernels.GroupedSoftmaxLoss(x, y, _groups, _loss, gradient);
        else
            _host.Kernels.SelectiveLoss(x, y, _prior, _options, _loss, gradient, Tensor.None);
        return _loss.Floats()[0];
    }
}
