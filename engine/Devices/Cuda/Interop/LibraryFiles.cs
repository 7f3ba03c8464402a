namespace Flixstock.Engine;

/// <summary>The libraries that the engine loads from NVIDIA.</summary>
internal enum CudaLibrary
{
    Driver,
    Nvml,
    Nvtx,
    Nvrtc,
    CuBlas,
    CuDnn,
}

/// <summary>
/// File names of NVIDIA's libraries per CUDA major version and system. A set of files is listed in the order of
/// loading; all of a set lie in one folder, the last file is the one that is called.
/// </summary>
internal static class LibraryFiles
{
    private static readonly string[] CuDnn9Parts =
        ["graph", "ops", "cnn", "adv", "engines_precompiled", "engines_runtime_compiled", "heuristic"];

    private static readonly string[] CuDnn8Parts =
    [
        "ops_infer", "cnn_infer", "ops_train", "cnn_train", "adv_infer", "adv_train",
    ];

    /// <summary>CUDA versions the engine can use, newest first.</summary>
    public static IReadOnlyList<int> Majors { get; } = [13, 12, 11];

    /// <summary>
    /// True for libraries that come in one version per CUDA major; false for what comes with the driver or does not
    /// care.
    /// </summary>
    public static bool HasMajor(CudaLibrary library) =>
        library is CudaLibrary.Nvrtc or CudaLibrary.CuBlas or CudaLibrary.CuDnn;

    /// <summary>The library's name as NVIDIA writes it.</summary>
    public static string Title(CudaLibrary library) => library switch
    {
        CudaLibrary.Driver => "CUDA driver",
        CudaLibrary.Nvml => "NVML",
        CudaLibrary.Nvtx => "NVTX",
        CudaLibrary.Nvrtc => "NVRTC",
        CudaLibrary.CuBlas => "cuBLAS",
        _ => "cuDNN",
    };

    /// <summary>Sets of files, the preferred one first; any of them will do.</summary>
    public static IReadOnlyList<string[]> Alternatives(CudaLibrary library, int major, bool windows) => library switch
    {
        CudaLibrary.Driver => [windows ? ["nvcuda.dll"] : ["libcuda.so.1"]],
        CudaLibrary.Nvml => [windows ? ["nvml.dll"] : ["libnvidia-ml.so.1"]],
        CudaLibrary.Nvtx => windows
            ? [["nvtx3interop.dll"], ["nvToolsExt64_1.dll"]]
            : [["libnvtx3interop.so.1"], ["libnvToolsExt.so.1"]],
        CudaLibrary.Nvrtc => [windows
            ? [$"nvrtc64_{(major == 11 ? "112" : $"{major}0")}_0.dll"]
            : [$"libnvrtc.so.{(major == 11 ? "11.2" : $"{major}")}"]],
        CudaLibrary.CuBlas => [windows
            ? [$"cublasLt64_{major}.dll", $"cublas64_{major}.dll"]
            : [$"libcublasLt.so.{major}", $"libcublas.so.{major}"]],
        _ => major == 13 ? [CuDnn(9, windows)] : [CuDnn(9, windows), CuDnn(8, windows)],
    };

    /// <summary>
    /// True for the file that NVRTC opens by its bare name when it compiles: libnvrtc-builtins.so.12.6,
    /// nvrtc-builtins64_126.dll. Its minor version is NVRTC's own.
    /// </summary>
    public static bool IsNvrtcBuiltins(string fileName, int major, bool windows)
    {
        var (start, end) = windows ? ($"nvrtc-builtins64_{major}", ".dll") : ($"libnvrtc-builtins.so.{major}.", "");
        return fileName.StartsWith(start, StringComparison.Ordinal) && fileName.EndsWith(end, StringComparison.Ordinal)
            && fileName.Length > start.Length + end.Length
            && fileName[start.Length..^end.Length].All(char.IsAsciiDigit);
    }

    /// <summary>
    /// True for a part of cuDNN, whichever: newer versions have parts that this program does not know, and open them by
    /// their bare names.
    /// </summary>
    /// <param name="fileName">Name of a file.</param>
    /// <param name="main">The file of cuDNN that is called: <c>libcudnn.so.9</c>, <c>cudnn64_9.dll</c>.</param>
    /// <param name="windows">True for Windows' names.</param>
    public static bool IsCuDnnPart(string fileName, string main, bool windows)
    {
        var (start, end) = windows ? ("cudnn_", main["cudnn".Length..]) : ("libcudnn_", main["libcudnn".Length..]);
        return fileName.StartsWith(start, StringComparison.Ordinal) && fileName.EndsWith(end, StringComparison.Ordinal)
            && fileName.Length > start.Length + end.Length;
    }

    /// <summary>The name of that file for one version of NVRTC.</summary>
    public static string NvrtcBuiltins(int major, int minor, bool windows) =>
        windows ? $"nvrtc-builtins64_{major}{minor}.dll" : $"libnvrtc-builtins.so.{major}.{minor}";

    private static string[] CuDnn(int version, bool windows)
    {
        var parts = version == 9 ? CuDnn9Parts : CuDnn8Parts;
        return windows
            ? [.. parts.Select(part => $"cudnn_{part}64_{version}.dll"), $"cudnn64_{version}.dll"]
            : [.. parts.Select(part => $"libcudnn_{part}.so.{version}"), $"libcudnn.so.{version}"];
    }
}
