using System.Buffers.Binary;
using System.Globalization;

namespace Flixstock.Engine;

/// <summary>The result of a search for an algorithm.</summary>
/// <param name="IsEngine">An engine of the graph interface; otherwise an algorithm of the legacy interface.</param>
/// <param name="Number">Number of the algorithm or engine.</param>
/// <param name="MathType">cudnnMathType_t of an algorithm.</param>
/// <param name="WorkspaceBytes">Bytes of workspace that it needs.</param>
internal readonly record struct DnnChoice(bool IsEngine, int Number, int MathType, long WorkspaceBytes);

/// <summary>
/// The algorithms that searches found, on disk next to the compiled kernels: a search takes seconds for all
/// convolutions of a network and gives the same on the same device and library.
/// A file for each convolution, so that several processes can add to them at once.
/// </summary>
/// <param name="cache">Files that appear whole or not at all.</param>
/// <param name="identity">
/// Everything else that decides what is fastest: device, library, driver, determinism, mathematics.
/// </param>
internal sealed class DnnChoices(KernelCache cache, params IReadOnlyList<string> identity)
{
    private const int Bytes = 20;

    /// <summary>The choices of a device and its library.</summary>
    public static DnnChoices Of(CudaDevice device, bool allowTf32, bool deterministic, long workspaceLimit) => new(
        device.Cache, device.Model, Text(device.ComputeCapability), $"cuDNN {device.Dnn.cudnnGetVersion()}",
        $"driver {device.DriverVersion}", allowTf32 ? "tf32" : "fp32", deterministic ? "deterministic" : "fastest",
        Text(workspaceLimit));

    /// <summary>The choice found earlier; null if there is none, or if it is damaged.</summary>
    /// <param name="convolution">Direction, shapes, window, type.</param>
    public DnnChoice? Find(string convolution) => cache.Find(Key(convolution)) is { Length: Bytes } kept
        ? new DnnChoice(
            BinaryPrimitives.ReadInt32LittleEndian(kept) != 0, BinaryPrimitives.ReadInt32LittleEndian(kept.AsSpan(4)),
            BinaryPrimitives.ReadInt32LittleEndian(kept.AsSpan(8)),
            BinaryPrimitives.ReadInt64LittleEndian(kept.AsSpan(12)))
        : null;

    /// <summary>Keeps what was found.</summary>
    public void Keep(string convolution, DnnChoice found)
    {
        var bytes = new byte[Bytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, found.IsEngine ? 1 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), found.Number);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), found.MathType);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), found.WorkspaceBytes);
        cache.Keep(Key(convolution), bytes);
    }

    /// <summary>The file of a convolution.</summary>
    internal string Key(string convolution) => KernelCache.Key("cudnn", [.. identity, convolution]);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
