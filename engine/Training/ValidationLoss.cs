namespace Flixstock.Engine;

/// <summary>
/// The training's own loss over the validation pictures, by inference: of a step with a full batch, as the training
/// loss is, so that the two compare, but without label smoothing, so that it also compares between runs. It exists
/// whenever a label is known, and so decides which weights are better if mAP cannot. Computed on the host, in the
/// validation pictures' own order.
/// </summary>
internal sealed class ValidationLoss : IDisposable
{
    private readonly Backend _host = Backend.Cpu(1);
    private readonly Loss _objective, _trained;
    private readonly float[] _targets; // labels as soft targets
    private readonly int _batch, _classes, _trainingBatch;
    private readonly Tensor _logits, _labels, _gradient, _loss, _position;

    /// <summary>Allocates for one batch.</summary>
    /// <param name="loss">The training's; stays the caller's.</param>
    /// <param name="options">Options of the training.</param>
    /// <param name="trainingPictures">Pictures of an epoch: no step has more.</param>
    /// <param name="validation">The validation pictures and their classes.</param>
    public ValidationLoss(Loss loss, TrainerOptions options, int trainingPictures, ImageDataset validation)
    {
        (_trained, _objective) = (loss, loss.ForValidation(_host));
        _classes = validation.Attributes.ClassCount;
        _trainingBatch = options.PicturesPerUpdate(trainingPictures);
        _batch = Math.Min(options.BatchSize, validation.Samples.Count);
        var (device, shape) = (_host.Device, new Shape(_batch, _classes));
        (_logits, _gradient, _loss) = (device.Allocate(shape), device.Allocate(shape), device.Allocate(new Shape(1)));
        _labels = device.Allocate(shape, loss.LabelType);
        _targets = loss.LabelType == ElementType.Float32 ? new float[shape.Count] : [];
        _position = loss.NeedsPosition ? device.Allocate(new Shape(2), ElementType.Int32) : Tensor.None;
    }

    /// <summary>Takes over what the training's loss has kept up to here.</summary>
    /// <param name="epoch">The epoch that has just been trained.</param>
    /// <param name="step">Number of steps trained.</param>
    public void Update(int epoch, int step)
    {
        var (own, statistics) = (_objective.Statistics, _trained.Statistics);
        for (var i = 0; i < own.Count; i++)
        {
            _host.Device.CopyFromHost<float>(
                _trained.Backend.Device.ToHost<float>(statistics[i].Values), own[i].Values);
        }
        if (_position.Exists)
            _host.Device.CopyFromHost<int>([epoch, step], _position);
    }

    /// <summary>Computes the loss.</summary>
    /// <param name="logits">[pictures, classes]</param>
    /// <param name="labels">[pictures, classes]: 1, 0, -1 unknown</param>
    /// <returns>The loss; NaN if no label is known.</returns>
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
    public void Dispose()
    {
        _objective.Dispose();
        _host.Dispose();
    }

    private float OfBatch(ReadOnlySpan<float> logits, ReadOnlySpan<sbyte> labels)
    {
        var shape = new Shape(logits.Length / _classes, _classes);
        var (x, y, gradient) = (_logits.Slice(0, shape), _labels.Slice(0, shape), _gradient.Slice(0, shape));
        _host.Device.CopyFromHost(logits, x);
        if (_targets.Length == 0)
            _host.Device.CopyFromHost(labels, y);
        else
            _host.Device.CopyFromHost(SoftTargets.From(labels, _targets), y);
        _objective.Compute(new LossInput(x, y, _position), new LossOutput(_loss, gradient, Tensor.None));
        return _loss.Floats()[0];
    }
}
