namespace Flixstock.Engine;

/// <summary>Which device, and where its kernels come from and are kept.</summary>
public sealed record CudaDeviceOptions
{
    /// <summary>Number of the device, 0 for the first.</summary>
    public int Ordinal { get; init; }

    /// <summary>Sources of the kernels; null: the folder of <c>FLIXSTOCK_KERNELS</c>, or the embedded ones.</summary>
    public KernelSources? Sources { get; init; }

    /// <summary>Folder of compiled kernels; null: they are kept in memory only.</summary>
    public string? CacheFolder { get; init; } = KernelCache.DefaultFolder;
}
