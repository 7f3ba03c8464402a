using System.Diagnostics.CodeAnalysis;

namespace Flixstock.Engine;

/// <summary>
/// NVIDIA's libraries as a CUDA device needs them: driver, cuBLAS and cuDNN always, NVRTC if kernels are compiled here.
/// </summary>
/// <param name="Driver">NVIDIA's driver.</param>
/// <param name="Blas">cuBLAS.</param>
/// <param name="Dnn">cuDNN.</param>
/// <param name="Compiler">NVRTC; null if it is not installed; <see cref="KernelCompiler.WhyUnavailable"/> says
/// why.</param>
internal sealed record CudaLibraries(ICudaDriver Driver, IBlas Blas, IDnn Dnn, KernelCompiler? Compiler)
{
    /// <summary>Loads what is needed to compute on a GPU.</summary>
    /// <param name="libraries">The libraries, or null for the reason given.</param>
    /// <param name="reason">What is missing and what to do; null if nothing is.</param>
    public static bool TryOpen(
        [NotNullWhen(true)] out CudaLibraries? libraries, [NotNullWhen(false)] out string? reason)
    {
        libraries = null;
        if ((reason = WhyNot(NativeLibraries.Process)) is not null)
            return false;
        libraries = new CudaLibraries(
            new NativeDriver(), new NativeBlas(), new NativeDnn(),
            KernelCompiler.WhyUnavailable is null ? KernelCompiler.Open() : null);
        return true;
    }

    /// <summary>
    /// The first thing that is missing, in the order in which a person would repair it; null if nothing is.
    /// </summary>
    internal static string? WhyNot(NativeLibrarySet set) =>
        set.Open(CudaLibrary.Driver).Reason ?? set.WhyDriverTooOld() ?? set.Open(CudaLibrary.CuBlas).Reason
        ?? set.Open(CudaLibrary.CuDnn).Reason;
}
