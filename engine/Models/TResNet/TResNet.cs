namespace Flixstock.Engine;

/// <summary>
/// TResNet: space-to-depth, a 3x3 convolution, four stages of residual blocks, global average pool, a linear head.
/// Parameters carry the names and the order of published state dicts.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class TResNet : Network
{
    /// <summary>
    /// Builds the network and its parameters, all zero: follow with <see cref="Network.Initialize"/> or
    /// <see cref="Network.Load"/>.
    /// </summary>
    /// <param name="backend">The device and its kernels.</param>
    /// <param name="options">Depth, width, version, classes and head.</param>
    /// <exception cref="InputException">No network has such options.</exception>
    public TResNet(Backend backend, TResNetOptions options)
        : base(
            backend, Validated(options), new TResNetBody(options, backend.Device.ChannelMultiple),
            options.CreateHead(backend.Device.ChannelMultiple)) =>
        Options = options;

    /// <summary>Depth, width, version, classes and head.</summary>
    public TResNetOptions Options { get; }

    private static TResNetOptions Validated(TResNetOptions options)
    {
        options.Validate();
        return options;
    }
}
