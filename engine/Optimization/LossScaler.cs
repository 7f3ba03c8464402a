namespace Flixstock.Engine;

/// <summary>
/// Keeps gradients of 16-bit training within what half precision can hold (Micikevicius et al., "Mixed Precision
/// Training", 2018): the loss gradient is multiplied by a scale, the optimizer divides by it; an overflow halves the
/// scale and skips the step, many good steps double it. All decided on the device.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class LossScaler : IDisposable
{
    private const float Growth = 2, Backoff = 0.5f;
    private readonly Backend _backend;
    private readonly int _interval;
    private readonly Tensor _scale, _goodSteps;
    private bool _disposed;

    /// <summary>Starts with a scale.</summary>
    /// <param name="backend">The device that holds the gradients.</param>
    /// <param name="scale">The initial scale.</param>
    /// <param name="interval">Good steps in a row until the scale doubles.</param>
    public LossScaler(Backend backend, float scale = 65536, int interval = 2000)
    {
        (_backend, _interval) = (backend, interval);
        _scale = backend.Device.FromHost([scale], new Shape(1));
        _goodSteps = backend.Device.FromHost([0], new Shape(1), ElementType.Int32);
    }

    /// <summary>[1], on the device.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public Tensor Scale
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _scale;
        }
    }

    /// <summary>[1] Int32, on the device.</summary>
    internal Tensor GoodSteps => _goodSteps;

    /// <summary>The scale now; waits for the device.</summary>
    public float Value => _backend.Device.ToHost<float>(Scale)[0];

    /// <summary>Good steps since the scale last changed; waits for the device.</summary>
    public int GoodStepsTaken =>
        _disposed ? throw new ObjectDisposedException(nameof(LossScaler)) : _backend.Device.ToHost<int>(_goodSteps)[0];

    /// <summary>In place: multiplies the loss gradient.</summary>
    public void Apply(Tensor gradient) => _backend.Kernels.ScaleLoss(Scale, gradient);

    /// <summary>After the optimizer: the next step's scale.</summary>
    /// <param name="skip">[1] Int32, not 0 if this step overflowed.</param>
    public void Update(ReadOnlyTensor skip) =>
        _backend.Kernels.UpdateLossScale(skip, _interval, Growth, Backoff, Scale, _goodSteps);

    /// <summary>Takes over what an earlier run had reached.</summary>
    public void Restore(float scale, int goodSteps)
    {
        _backend.Device.CopyFromHost([scale], Scale);
        _backend.Device.CopyFromHost([goodSteps], _goodSteps);
    }

    /// <summary>Frees both numbers.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _backend.Device.Free(_scale);
        _backend.Device.Free(_goodSteps);
    }
}
