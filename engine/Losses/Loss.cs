namespace Flixstock.Engine;

/// <summary>
/// What a training makes small: reads scores and labels of a batch, writes the loss and its gradient. Subclass it in
/// any assembly, give it an <see cref="ILossDescription"/>, and hand that to the training as
/// <c>TrainerOptions.CustomLoss</c>.
/// </summary>
/// <remarks>
/// Threads: one at a time. A step may be captured once and replayed: everything that changes from step to step must lie
/// in device memory (see <see cref="LossInput.Position"/> and <see cref="Statistics"/>), and <see cref="ComputeCore"/>
/// queues the same work each time.
/// </remarks>
public abstract class Loss : IDisposable
{
    private readonly List<Tensor> _tensors = [];
    private bool _disposed;

    /// <summary>A loss that computes on a device.</summary>
    /// <param name="backend">The device and its kernels.</param>
    protected Loss(Backend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        Backend = backend;
    }

    /// <summary>The device and its kernels.</summary>
    public Backend Backend { get; }

    /// <summary>How scores of a network that was trained with this loss become probabilities.</summary>
    public abstract HeadKind Head { get; }

    /// <summary>
    /// Type of the labels that it reads: <see cref="ElementType.Int8"/>, 1, 0 and -1 for unknown; or
    /// <see cref="ElementType.Float32"/>, soft targets from 0 to 1 and -1 for unknown, to which labels of 1, 0 and -1
    /// are converted.
    /// </summary>
    public virtual ElementType LabelType => ElementType.Int8;

    /// <summary>
    /// True if a picture's terms depend on the other pictures of the batch, as when terms are ranked or normalized over
    /// it: several processes must gather scores and labels before they compute it. False: the loss of a batch is the
    /// sum of its pictures' losses.
    /// </summary>
    public virtual bool CouplesPictures => false;

    /// <summary>True if <see cref="Compute"/> reads <see cref="LossInput.Position"/>.</summary>
    public virtual bool NeedsPosition => false;

    /// <summary>True if <see cref="Compute"/> writes <see cref="LossOutput.Weights"/>.</summary>
    public virtual bool WritesWeights => false;

    /// <summary>
    /// Tensors that steps change and later steps read. They are saved with a run's state, and restored if a step turns
    /// out not to be finite.
    /// </summary>
    public virtual IReadOnlyList<LossStatistic> Statistics => [];

    /// <summary>Queues the loss of a batch and its gradient.</summary>
    /// <param name="input">The tensors that it reads.</param>
    /// <param name="output">The tensors that it writes.</param>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public void Compute(LossInput input, LossOutput output)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ComputeCore(input, output);
    }

    /// <summary>Computes the loss for <see cref="Compute"/>.</summary>
    /// <param name="input">The tensors that it reads.</param>
    /// <param name="output">The tensors that it writes.</param>
    protected abstract void ComputeCore(LossInput input, LossOutput output);

    /// <summary>
    /// The same loss on another device, with its initial statistics: validation computes it on the host.
    /// </summary>
    /// <param name="backend">The other device and its kernels.</param>
    public abstract Loss On(Backend backend);

    /// <summary>The loss by which validation judges; it has the same <see cref="Statistics"/>.</summary>
    /// <param name="backend">The host and its kernels.</param>
    internal virtual Loss ForValidation(Backend backend) => On(backend);

    /// <summary>
    /// Called after the last step of each epoch: the moment to change <see cref="Statistics"/> from the host.
    /// </summary>
    /// <param name="epoch">Number of the epoch, from 1.</param>
    public virtual void EndEpoch(int epoch)
    {
    }

    /// <summary>Frees what it allocated.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what <see cref="Own"/> was given; a subclass frees the rest, then calls this.</summary>
    /// <param name="disposing">True: called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (var tensor in _tensors)
            Backend.Device.Free(tensor);
    }

    /// <summary>Takes over a tensor of the device, which is freed with this loss.</summary>
    /// <returns>The same tensor.</returns>
    protected Tensor Own(Tensor tensor)
    {
        _tensors.Add(tensor);
        return tensor;
    }
}
