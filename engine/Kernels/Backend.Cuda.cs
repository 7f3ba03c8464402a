using System.Diagnostics.CodeAnalysis;

namespace Flixstock.Engine;

/// <summary>Opens a GPU: <see cref="Backend.OpenCuda"/>, or a stand-in for it.</summary>
/// <param name="options">The device to open, and the source of its kernels.</param>
/// <param name="precision">Precision of convolutions and activations; null: what suits the device.</param>
/// <param name="deterministic">True if equal runs are to give equal bits.</param>
/// <param name="reason">Why no GPU can be used, in one line; null if one was opened.</param>
/// <returns>The GPU, or null for the reason given.</returns>
internal delegate Backend? CudaOpener(
    CudaDeviceOptions options, Precision? precision, bool deterministic, out string? reason);

public sealed partial class Backend
{
    private const int LeastForBf16 = 80; // Ampere

    /// <summary>An NVIDIA GPU.</summary>
    /// <param name="options">The device to open, and the source of its kernels.</param>
    /// <param name="precision">Precision of convolutions and activations; null: bf16 if the device supports it,
    /// otherwise fp32.</param>
    /// <param name="deterministic">True if equal runs are to give equal bits.</param>
    /// <exception cref="EngineException">No GPU can be used; the message says why and what to do.</exception>
    /// <exception cref="InputException">The device does not have this precision.</exception>
    public static Backend Cuda(
        CudaDeviceOptions? options = null, Precision? precision = null, bool deterministic = false)
    {
        if (!TryCuda(options, precision, deterministic, out var backend, out var reason))
            throw new EngineException(reason);
        return backend;
    }

    /// <summary>Same as <see cref="Cuda"/>, except that a missing GPU is not an error.</summary>
    /// <param name="options">The device to open, and the source of its kernels.</param>
    /// <param name="precision">Precision of convolutions and activations; null: bf16 if the device supports it,
    /// otherwise fp32.</param>
    /// <param name="deterministic">True if equal runs are to give equal bits.</param>
    /// <param name="backend">The GPU, or null for the reason given.</param>
    /// <param name="reason">Why no GPU can be used and what to do, in one line; null if one was opened.</param>
    /// <exception cref="InputException">The device does not have this precision.</exception>
    public static bool TryCuda(
        CudaDeviceOptions? options, Precision? precision, bool deterministic,
        [NotNullWhen(true)] out Backend? backend, [NotNullWhen(false)] out string? reason)
    {
        backend = null;
        options ??= new CudaDeviceOptions();
        if (!CudaLibraries.TryOpen(out var libraries, out reason)
            || !CudaAvailability.TryFind(libraries.Driver, options.Ordinal, out _, out reason))
        {
            return false;
        }
        backend = Over(
            new CudaDevice(libraries.Driver, libraries.Blas, libraries.Dnn, libraries.Compiler, options),
            precision, deterministic);
        return true;
    }

    /// <summary><see cref="TryCuda"/> as a <see cref="CudaOpener"/>.</summary>
    public static Backend? OpenCuda(
        CudaDeviceOptions options, Precision? precision, bool deterministic, out string? reason) =>
        TryCuda(options, precision, deterministic, out var backend, out reason) ? backend : null;

    /// <summary>The same device and kernels, with every step queued anew instead of replayed: for debugging.</summary>
    public Backend WithoutGraphs() => new(Device, Kernels, Precision) { Graphs = false, Ranges = Ranges };

    /// <summary>A backend that computes nothing and counts the memory that this one would take.</summary>
    internal Backend Planning(PlanningDevice planning) =>
        new(
            planning,
            Device is CudaDevice cuda ? CudaKernels.Planning(cuda, planning) : NullKernels.Create(), Precision)
        {
            Graphs = false,
        };

    /// <summary>A device that is already open, which becomes the backend's.</summary>
    internal static Backend Over(CudaDevice device, Precision? precision, bool deterministic = false)
    {
        try
        {
            var chosen = precision ?? (device.ComputeCapability >= LeastForBf16 ? Precision.Bf16 : Precision.Fp32);
            if (chosen is Precision.Bf16 or Precision.Tf32 && device.ComputeCapability < LeastForBf16)
            {
                throw new InputException($"{Term.Precision} {chosen.Name()}: {device.Name} does not have it "
                    + $"(compute capability 8.0 or newer does); use fp16 or fp32");
            }

            return new Backend(
                device, new CudaKernels(device, allowTf32: chosen == Precision.Tf32, deterministic), chosen);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }
}
