namespace Flixstock.Engine;

/// <summary>
/// How often each class occurs, estimated as the mean of sigmoid(logits) over all pictures seen in training; never reset between epochs.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class PriorEstimator : IDisposable
{
    private readonly Backend _backend;
    private readonly Tensor _allocated; // [K]
    private bool _disposed;

    /// <summary>Starts at nothing seen.</summary>
    /// <param name="backend">Where the logits are.</param>
    /// <param name="classes">Number of classes.</param>
    public PriorEstimator(Backend backend, int classes)
    {
        _backend = backend;
        _allocated = backend.Device.Allocate(new Shape(classes));
        backend.Device.Clear(_allocated);
    }

    private Tensor Open => _disposed ? throw new ObjectDisposedException(nameof(PriorEstimator)) : _allocated;

    /// <summary>Pictures seen.</summary>
    public long Pictures { get; private set; }

    /// <summary>Adds a batch.</summary>
    /// <param name="logits">[N, K], training mode.</param>
    public void Add(ReadOnlyTensor logits)
    {
        _backend.Kernels.PriorAccumulate(logits, Open);
        Pictures += logits.Shape.Batch;
    }

    /// <summary>[K], sum of sigmoid(logits); for saving.</summary>
    public float[] Sums() => _backend.Device.ToHost<float>(Open);

    /// <summary>[K], 0 to 1; all 0 before the first batch.</summary>
    public float[] Prior() => Array.ConvertAll(Sums(), sum => Pictures == 0 ? 0 : sum / Pictures);

    /// <summary>Continues from saved sums.</summary>
    /// <exception cref="InputException">Another number of classes.</exception>
    public void Load(ReadOnlySpan<float> sums, long pictures)
    {
        if (sums.Length != Open.Count)
            throw new InputException($"the saved prior has {sums.Length} classes, this network has {Open.Count}");
        _backend.Device.CopyFromHost(sums, Open);
        Pictures = pictures;
    }

    /// <summary>Frees the sums.</summary>
    public void Dispose()
    {
        if (!_disposed)
            _backend.Device.Free(_allocated);
        _disposed = true;
    }
}
