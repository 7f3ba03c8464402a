namespace Flixstock.Engine;

/// <summary>A device has not enough memory left.</summary>
/// <param name="requested">Bytes that were requested.</param>
/// <param name="free">Bytes that were free.</param>
/// <param name="wording">One line: the purpose, the amount, and what to do.</param>
public sealed class DeviceMemoryException(long requested, long free, Wording wording)
    : EngineException(wording)
{
    /// <summary>Bytes asked for.</summary>
    public long Requested { get; } = requested;

    /// <summary>Bytes that were free.</summary>
    public long Free { get; } = free;
}
