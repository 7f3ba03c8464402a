namespace Flixstock.Engine;

/// <summary>The device to open, and the sources and caches of its kernels.</summary>
public sealed record CudaDeviceOptions
{
    /// <summary>Number of the device, 0 for the first.</summary>
    public int Ordinal { get; init; }

    /// <summary>Sources of the kernels; null: the folder of <c>FLIXSTOCK_KERNELS</c>, or the embedded ones.</summary>
    internal KernelSources? Sources { get; init; }

    /// <summary>
    /// Bytes that memory plans leave to captured graphs and to what the libraries load; null: a 32nd of the device, at
    /// least 384 MiB or an eighth of it.
    /// </summary>
    public long? ReservedBytes { get; init; }

    /// <summary>Is told, once, what is worth knowing and no failure: a cache that cannot be written to.</summary>
    public Action<string>? Notes { get; init; }

    /// <summary>Folder of the PTX that is used if there is no compiler: see <see cref="PackedKernels"/>.</summary>
    public string PackedFolder { get; init; } = PackedKernels.DefaultFolder;

    /// <summary>Folder of compiled kernels and chosen algorithms; null: they are kept in memory only.</summary>
    public string? CacheFolder { get; init; } = KernelCache.DefaultFolder;
}
