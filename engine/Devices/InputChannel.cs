namespace Flixstock.Engine;

/// <summary>
/// Sends a batch to a device in parallel with the computation: host memory that the device can read itself, and marks
/// between the copy and the work that reads it. The caller fills
/// one channel while the device computes from another.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public abstract class InputChannel : IDisposable
{
    /// <summary>
    /// Copies a batch's part over; does not wait for it. Returns as soon as the source may be reused.
    /// </summary>
    public abstract void Send<T>(ReadOnlySpan<T> source, Tensor destination) where T : unmanaged;

    /// <summary>Before a batch's first <see cref="Send"/>: waits until the channel's memory is free again.</summary>
    public abstract void Begin();

    /// <summary>After a batch's last <see cref="Send"/>: work queued from now on waits for it.</summary>
    public abstract void Arrive();

    /// <summary>After the work that reads the batch was queued: the next batch of this channel waits for it.</summary>
    public abstract void Release();

    /// <summary>Asks for a value that work queued so far leaves on the device.</summary>
    /// <param name="source">4 bytes.</param>
    /// <param name="slot">0 or 1.</param>
    public abstract void Ask(ReadOnlyTensor source, int slot);

    /// <summary>
    /// The bits of what was asked for since the last <see cref="Release"/>; waits for that work only.
    /// </summary>
    public abstract int Answer(int slot);

    /// <summary>
    /// Asks for a whole tensor that work queued so far leaves on the device; at most as many bytes as the channel was
    /// opened with. One at a time.
    /// </summary>
    /// <param name="source">The tensor; may be overwritten by what is queued from now on.</param>
    public abstract void AskAll(ReadOnlyTensor source);

    /// <summary>
    /// The bytes of what <see cref="AskAll"/> asked for since the last <see cref="Release"/>; waits for that work only.
    /// </summary>
    public abstract ReadOnlySpan<byte> AnswerAll();

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory.</summary>
    protected abstract void Dispose(bool disposing);
}
