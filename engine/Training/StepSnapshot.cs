namespace Flixstock.Engine;

/// <summary>
/// What a step changes before the optimizer decides whether it counts: running statistics, the prior's sums, counters
/// of training passes, the loss scale. Copied on the device when the step begins, so that a step that is cut short or
/// not finite leaves no trace.
/// </summary>
internal sealed class StepSnapshot : IDisposable
{
    private readonly Network _network;
    private readonly Device _device;
    private readonly (Tensor Source, Tensor Copy)[] _parts;
    private readonly long[] _tracked;

    /// <summary>Allocates the copies.</summary>
    /// <param name="network">Whose running statistics and counters are kept.</param>
    /// <param name="others">Other tensors that a step changes.</param>
    public StepSnapshot(Network network, params IEnumerable<Tensor> others)
    {
        (_network, _device) = (network, network.Backend.Device);
        var buffer = network.Buffer;
        var statistics = buffer.Values.Slice(
            buffer.TrainedCount, new Shape((int)(buffer.Values.Count - buffer.TrainedCount)));
        _parts = [.. others.Prepend(statistics)
            .Select(source => (source, _device.Allocate(source.Shape, source.Type)))];
        _tracked = network.BatchesTracked;
    }

    /// <summary>The host's part, before a step is queued or replayed.</summary>
    public void Count() => _network.CopyBatchesTracked(_tracked);

    /// <summary>The device's part, which can be captured.</summary>
    public void Queue()
    {
        foreach (var (source, copy) in _parts)
            _device.Copy(source, copy);
    }

    /// <summary>
    /// Puts everything back to what it was before the step, and before all steps that were queued after it.
    /// </summary>
    public void Restore()
    {
        foreach (var (source, copy) in _parts)
            _device.Copy(copy, source);
        _network.RestoreBatchesTracked(_tracked);
    }

    public void Dispose()
    {
        foreach (var (_, copy) in _parts)
            _device.Free(copy);
    }
}
