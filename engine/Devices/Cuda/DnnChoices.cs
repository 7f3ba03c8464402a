using System.Buffers.Binary;
using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// The algorithms that searches found, on disk beside the compiled kernels: a search takes seconds for all convolutions of a network and gives the same on the same device and library.
/// A file for each convolution, so that several processes can add to them at once.
/// </summary>
/// <param name="cache">Files that appear whole or not at all.</param>
/// <param name="identity">Everything else that decides what is fastest: device, library, driver, determinism, mathematics.</param>
internal sealed class DnnChoices(KernelCache cache, params IReadOnlyList<string> identity)
{
    private const int Bytes = 16;

    /// <summary>The choices of a device and its library.</summary>
    public static DnnChoices Of(CudaDevice device, bool allowTf32, bool deterministic, long workspaceLimit) => new(
        device.Cache, device.Model, Text(device.ComputeCapability), $"cuDNN {device.Dnn.cudnnGetVersion()}", $"driver {device.DriverVersion}",
        allowTf32 ? "tf32" : "fp32", deterministic ? "deterministic" : "fastest", Text(workspaceLimit));

    /// <summary>What was found before; null if nothing was, or if it is damaged.</summary>
    /// <param name="convolution">Direction, shapes, window, type.</param>
    public DnnAlgorithm? Find(string convolution)
    {
        if (cache.Find(Key(convolution)) is not { Length: Bytes } kept)
            return null;
        return new DnnAlgorithm
        {
            Algorithm = BinaryPrimitives.ReadInt32LittleEndian(kept),
            MathType = BinaryPrimitives.ReadInt32LittleEndian(kept.AsSpan(4)),
            WorkspaceBytes = (nuint)BinaryPrimitives.ReadUInt64LittleEndian(kept.AsSpan(8)),
        };
    }

    /// <summary>Keeps what was found.</summary>
    public void Keep(string convolution, DnnAlgorithm found)
    {
        var bytes = new byte[Bytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, found.Algorithm);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), found.MathType);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), found.WorkspaceBytes);
        cache.Keep(Key(convolution), bytes);
    }

    /// <summary>The file of a convolution.</summary>
    internal string Key(string convolution) => KernelCache.Key("cudnn", [.. identity, convolution]);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
