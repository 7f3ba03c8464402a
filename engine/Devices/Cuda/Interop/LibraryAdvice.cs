namespace Flixstock.Engine;

/// <summary>Advice on how to get a library: Debian's packages, pip's wheels, NVIDIA's installer.</summary>
internal static class LibraryAdvice
{
    /// <summary>The advice, as the end of a sentence.</summary>
    public static string For(CudaLibrary library, int major)
    {
        var version = major == 0 ? 12 : major;
        return library switch
        {
            CudaLibrary.Driver =>
                "install NVIDIA's driver (Debian: nvidia-driver; Windows and others: nvidia.com/drivers)",
            CudaLibrary.Nvml => "it comes with NVIDIA's driver (Debian: libnvidia-ml1)",
            CudaLibrary.Nvtx => "it is only needed under Nsight (pip: nvidia-nvtx)",
            CudaLibrary.Nvrtc => $"install it ({Pip("nvidia-cuda-nvrtc", version)}{Debian(version, "libnvrtc11.2")}, "
                + $"or NVIDIA's CUDA toolkit), or set {LibraryPlaces.PathVariable} to its folder",
            CudaLibrary.CuBlas => $"install it ({Pip("nvidia-cublas", version)}{Debian(version, "libcublas11")}, or "
                + $"NVIDIA's CUDA toolkit), or set {LibraryPlaces.PathVariable} to its folder",
            _ => $"install it (pip: nvidia-cudnn-cu{version}, or NVIDIA's cuDNN for CUDA {version}), or set "
                + $"{LibraryPlaces.PathVariable} to its folder",
        };
    }

    // The wheels of CUDA 13 have lost the suffix that those of 11 and 12 carry.
    private static string Pip(string name, int major) => major >= 13 ? $"pip: {name}" : $"pip: {name}-cu{major}";

    private static string Debian(int major, string package) => major == 11 ? $", Debian: {package}" : "";
}
