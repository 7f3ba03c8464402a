namespace Flixstock.Engine;

/// <summary>
/// What reading one file may allocate: the file's size and a fixed share for small objects. Everything a file makes the
/// reader build is charged before it is built, so a file of a few bytes cannot ask for gigabytes.
/// </summary>
internal sealed class ReadBudget(long fileLength, CancellationToken cancellation = default)
{
    private const long Fixed = 24 << 20;
    private long _left = fileLength + Fixed;

    /// <exception cref="OperationCanceledException">Reading is to stop.</exception>
    public void Charge(long bytes)
    {
        cancellation.ThrowIfCancellationRequested();
        if (bytes < 0 || bytes > _left)
            throw new InputException($"it asks for more memory than a file of {fileLength} bytes can need");
        _left -= bytes;
    }
}
