namespace Flixstock.Engine;

/// <summary>Stops a step between two layers: what it computes stays incomplete.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="inner">The observer that is told everything as well; null for none.</param>
/// <param name="cancellation">Stops the step.</param>
internal sealed class CancellationRanges(IRangeObserver? inner, CancellationToken cancellation) : IRangeObserver
{
    /// <summary>Stops; may be another one for every training or profile.</summary>
    public CancellationToken Cancellation { get; set; } = cancellation;

    /// <inheritdoc/>
    public void Push(string name)
    {
        Cancellation.ThrowIfCancellationRequested();
        inner?.Push(name);
    }

    /// <inheritdoc/>
    public void Pop() => inner?.Pop();
}
