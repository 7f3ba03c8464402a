namespace Flixstock.Engine;

/// <summary>Stops a step between two layers, where it is taken only to be looked at: what it computes stays incomplete.</summary>
/// <param name="inner">Told everything as well; null: nobody.</param>
/// <param name="cancellation">Stops.</param>
public sealed class CancellationRanges(IRangeObserver? inner, CancellationToken cancellation) : IRangeObserver
{
    /// <inheritdoc/>
    public void Push(string name)
    {
        cancellation.ThrowIfCancellationRequested();
        inner?.Push(name);
    }

    /// <inheritdoc/>
    public void Pop() => inner?.Pop();
}
