namespace Flixstock.Engine;

/// <summary>
/// Memory, copies and synchronisation of one device. Knows nothing about operations: those are in an
/// <see cref="IKernels"/> table, and a <see cref="Backend"/> holds the two together. Networks, trainers and predictors
/// may share a device between threads: each of their calls keeps the others off the device while it computes. A program
/// that calls kernels or layers itself from several threads has to do the same by <see cref="EnterExclusive"/>.
/// </summary>
/// <remarks>
/// Threads: any number; a thread that computes keeps the others off with <see cref="EnterExclusive"/>.
/// </remarks>
public abstract class Device : IDisposable
{
    private const int ScratchAlignment = 256;
    private readonly Lock _exclusive = new();
    private bool _disposed; // read and written only while entered

    /// <summary>The device's name for people: "CPU, 2 threads, AVX-512".</summary>
    public abstract string Name { get; }

    /// <summary>True if a tensor's address can be dereferenced by the host.</summary>
    public abstract bool IsHost { get; }

    /// <summary>
    /// Channels are padded to a multiple of this, in tensors and parameters alike; what is added is and stays zero.
    /// </summary>
    public virtual int ChannelMultiple => 1;

    /// <summary>
    /// True if reading less is worth a little more arithmetic: the backward pass then has bits instead of activations
    /// where it needs only signs.
    /// </summary>
    internal virtual bool KeepsSigns => false;

    /// <summary>
    /// True: it may add up a convolution's output while it computes it, see
    /// <see cref="IKernels.AbnConvolutionStatistics"/>.
    /// </summary>
    internal virtual bool SumsConvolutions => false;

    /// <summary>True if the device does two things at once if it is asked to.</summary>
    internal virtual bool Overlaps => false;

    /// <summary>Free and total bytes of the device's own memory; null if it shares the host's.</summary>
    public virtual (long Free, long Total)? Memory => null;

    /// <summary>
    /// Bytes of <see cref="Memory"/> that a plan leaves alone: for captured graphs and what the libraries load while
    /// they work.
    /// </summary>
    public virtual long ReservedBytes => 0;

    /// <summary>True if work can be written down once and replayed: see <see cref="Capture"/>.</summary>
    public virtual bool Captures => false;

    /// <summary>
    /// Bytes of each slot of scratch memory that the device keeps between calls; none if it keeps none.
    /// </summary>
    internal virtual IEnumerable<(int Slot, long Bytes)> ScratchSizes => [];

    /// <summary>The size of a scratch slot after it was asked for more than it has.</summary>
    internal static long Grown(long kept, long bytes) =>
        (Math.Max(bytes, 2 * kept) + ScratchAlignment - 1) / ScratchAlignment * ScratchAlignment;

    /// <summary>Reserves memory, 64-byte aligned or better, contents undefined.</summary>
    /// <exception cref="EngineException">
    /// There is not enough memory; the message says how much was asked for.
    /// </exception>
    public abstract Tensor Allocate(Shape shape, ElementType type = ElementType.Float32);

    /// <summary>Gives back what <see cref="Allocate"/> returned.</summary>
    public abstract void Free(Tensor tensor);

    /// <summary>Copies from the host; done when it returns.</summary>
    public abstract void CopyFromHost<T>(ReadOnlySpan<T> source, Tensor destination) where T : unmanaged;

    /// <summary>Copies to the host; waits for the work that came before.</summary>
    public abstract void CopyToHost<T>(ReadOnlyTensor source, Span<T> destination) where T : unmanaged;

    /// <summary>Copies between two tensors of equal size on this device.</summary>
    public abstract void Copy(ReadOnlyTensor source, Tensor destination);

    /// <summary>Sets every byte to 0.</summary>
    public abstract void Clear(Tensor destination);

    /// <summary>Waits until everything asked for is done.</summary>
    public abstract void Synchronize();

    /// <summary>Writes down the work that is queued within, without doing it, to be replayed at one call.</summary>
    /// <exception cref="NotSupportedException">The device does not: <see cref="Captures"/>.</exception>
    public virtual CapturedWork Capture(Action work) => throw new NotSupportedException($"{Name} captures no work");

    /// <summary>
    /// A channel that sends batches in parallel with the computation; null if a plain copy is all that is needed.
    /// </summary>
    /// <param name="bytes">The largest size of a batch.</param>
    /// <param name="answer">Bytes of the largest tensor that is asked for as a whole.</param>
    public virtual InputChannel? OpenInputChannel(long bytes, long answer = 0) => null;

    /// <summary>A clock for the work of this device.</summary>
    public virtual DeviceTimer OpenTimer() => new();

    /// <summary>
    /// Keeps the other threads off this device until the scope is disposed of. The same thread may enter again.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The device was disposed of.</exception>
    public Lock.Scope EnterExclusive()
    {
        if (TryEnterExclusive(out var scope))
            return scope;
        throw new ObjectDisposedException(
            GetType().Name, "the device was disposed of; its networks and predictors cannot be used any more");
    }

    /// <summary>
    /// Same as <see cref="EnterExclusive"/>, but false, with nothing to leave, if the device was disposed of and has
    /// freed everything.
    /// </summary>
    internal bool TryEnterExclusive(out Lock.Scope scope)
    {
        scope = _exclusive.EnterScope();
        if (!_disposed)
            return true;
        scope.Dispose();
        scope = default;
        return false;
    }

    /// <summary>True once the device was disposed of and has freed everything.</summary>
    internal bool IsDisposed => Volatile.Read(ref _disposed);

    /// <summary>Refuses calls after the device was disposed of.</summary>
    /// <exception cref="ObjectDisposedException">It was.</exception>
    protected void RequireOpen() => ObjectDisposedException.ThrowIf(IsDisposed, this);

    /// <summary>
    /// Waits for the call that is computing and frees what is left. Later calls of what used the device throw
    /// <see cref="ObjectDisposedException"/>.
    /// </summary>
#pragma warning disable CA1063 // the usual pattern, and the lock around it
    public void Dispose()
#pragma warning restore CA1063
    {
        using (_exclusive.EnterScope())
        {
            if (!_disposed)
                Dispose(disposing: true);
            _disposed = true;
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what is left.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>A new array with the tensor's elements; for tests, metrics and checkpoints.</summary>
    public T[] ToHost<T>(ReadOnlyTensor source) where T : unmanaged
    {
        var result = new T[source.Count];
        CopyToHost(source, result.AsSpan());
        return result;
    }

    /// <summary>A new tensor with these elements.</summary>
    public Tensor FromHost<T>(ReadOnlySpan<T> source, Shape shape, ElementType type = ElementType.Float32)
        where T : unmanaged
    {
        var result = Allocate(shape, type);
        CopyFromHost(source, result);
        return result;
    }
}
