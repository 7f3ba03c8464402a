using System.Diagnostics.CodeAnalysis;

namespace Flixstock.Engine;

/// <summary>What opens a GPU: <see cref="Backend.OpenCuda"/>, or something that stands in for it.</summary>
/// <param name="options">Which device, and where its kernels come from.</param>
/// <param name="precision">What convolutions and activations compute in; null: what suits the device.</param>
/// <param name="deterministic">Equal runs give equal bits.</param>
/// <param name="reason">Why there is none, in one line; null where there is one.</param>
/// <returns>The GPU; null where the reason says why not.</returns>
internal delegate Backend? CudaOpener(CudaDeviceOptions options, Precision? precision, bool deterministic, out string? reason);

public sealed partial class Backend
{
    private const int LeastForBf16 = 80; // Ampere

    /// <summary>An NVIDIA GPU.</summary>
    /// <param name="options">Which, and where its kernels come from.</param>
    /// <param name="precision">What convolutions and activations compute in; null: bf16 where the device has it, otherwise fp32.</param>
    /// <param name="deterministic">Equal runs give equal bits.</param>
    /// <exception cref="EngineException">There is none that can be used; says why and what to do.</exception>
    /// <exception cref="InputException">The device does not have this precision.</exception>
    public static Backend Cuda(CudaDeviceOptions? options = null, Precision? precision = null, bool deterministic = false)
    {
        if (!TryCuda(options, precision, deterministic, out var backend, out var reason))
            throw new EngineException(reason);
        return backend;
    }

    /// <summary>As <see cref="Cuda"/>, where not having a GPU is no failure.</summary>
    /// <param name="options">Which, and where its kernels come from.</param>
    /// <param name="precision">What convolutions and activations compute in; null: bf16 where the device has it, otherwise fp32.</param>
    /// <param name="deterministic">Equal runs give equal bits.</param>
    /// <param name="backend">The GPU; null where the reason says why not.</param>
    /// <param name="reason">Why there is none and what to do, in one line; null where there is one.</param>
    /// <exception cref="InputException">The device does not have this precision.</exception>
    public static bool TryCuda(
        CudaDeviceOptions? options, Precision? precision, bool deterministic,
        [NotNullWhen(true)] out Backend? backend, [NotNullWhen(false)] out string? reason)
    {
        backend = null;
        options ??= new CudaDeviceOptions();
        if (!CudaLibraries.TryOpen(out var libraries, out reason) || !CudaAvailability.TryFind(libraries.Driver, options.Ordinal, out _, out reason))
            return false;
        backend = Over(new CudaDevice(libraries.Driver, libraries.Blas, libraries.Dnn, libraries.Compiler, options), precision, deterministic);
        return true;
    }

    /// <summary><see cref="TryCuda"/> as a <see cref="CudaOpener"/>.</summary>
    public static Backend? OpenCuda(CudaDeviceOptions options, Precision? precision, bool deterministic, out string? reason) =>
        TryCuda(options, precision, deterministic, out var backend, out reason) ? backend : null;

    /// <summary>The same device and kernels, every step queued anew: for debugging.</summary>
    public Backend WithoutGraphs() => new(Device, Kernels, Precision) { Graphs = false, Ranges = Ranges };

    /// <summary>A backend that computes nothing and counts the memory that this one would take.</summary>
    internal Backend Planning(PlanningDevice planning) =>
        new(planning, Device is CudaDevice cuda ? CudaKernels.Planning(cuda, planning) : NullKernels.Create(), Precision) { Graphs = false };

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

            return new Backend(device, new CudaKernels(device, allowTf32: chosen == Precision.Tf32, deterministic), chosen);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }
}
