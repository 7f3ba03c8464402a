namespace Flixstock.Tests;

/// <summary>Folder trees as NVIDIA's packages leave them.</summary>
internal static class Trees
{
    public const string System = "/usr/lib/x86_64-linux-gnu", Packages = "/venv/lib/python3.12/site-packages";

    public static readonly string[] CuDnn9 =
    [
        "libcudnn_graph.so.9", "libcudnn_ops.so.9", "libcudnn_cnn.so.9", "libcudnn_adv.so.9",
        "libcudnn_engines_precompiled.so.9", "libcudnn_engines_runtime_compiled.so.9", "libcudnn_heuristic.so.9",
        "libcudnn.so.9",
    ];

    public static readonly string[] CuDnn8 =
    [
        "libcudnn_ops_infer.so.8", "libcudnn_cnn_infer.so.8", "libcudnn_ops_train.so.8", "libcudnn_cnn_train.so.8",
        "libcudnn_adv_infer.so.8", "libcudnn_adv_train.so.8", "libcudnn.so.8",
    ];

    public static MadeUpHost WithDriver(this MadeUpHost host) => host.With(System, "libcuda.so.1", "libnvidia-ml.so.1");

    /// <summary>pip's wheels of CUDA 13: one folder, cuDNN beside it.</summary>
    public static MadeUpHost WithWheels13(this MadeUpHost host, string packages = Packages)
    {
        host.Variables.TryAdd("VIRTUAL_ENV", "/venv");
        return host.With(
            $"{packages}/nvidia/cu13/lib", "libnvrtc.so.13", "libnvrtc-builtins.so.13.0", "libcublas.so.13",
            "libcublasLt.so.13", "libnvtx3interop.so.1").With($"{packages}/nvidia/cudnn/lib", CuDnn9)
            .With($"{packages}/nvidia_cudnn_cu13-9.13.0.50.dist-info", "METADATA");
    }

    /// <summary>pip's wheels of CUDA 12: a folder a library.</summary>
    public static MadeUpHost WithWheels12(this MadeUpHost host, string packages = Packages)
    {
        host.Variables.TryAdd("VIRTUAL_ENV", "/venv");
        return host.With(
            $"{packages}/nvidia/cuda_nvrtc/lib", "libnvrtc.so.12", "libnvrtc-builtins.so.12.6", "libnvrtc.alt.so.12")
            .With($"{packages}/nvidia/cublas/lib", "libcublas.so.12", "libcublasLt.so.12", "libnvblas.so.12")
            .With($"{packages}/nvidia/cudnn/lib", CuDnn9)
            .With($"{packages}/nvidia_cudnn_cu12-9.6.0.74.dist-info", "METADATA");
    }

    /// <summary>NVIDIA's installer on Linux.</summary>
    public static MadeUpHost WithToolkit(this MadeUpHost host, string root, int major, int minor) => host.With(
        $"{root}/lib64", $"libnvrtc.so.{major}", $"libnvrtc-builtins.so.{major}.{minor}", $"libcublas.so.{major}",
        $"libcublasLt.so.{major}");

    /// <summary>Debian's packages of CUDA 11.8, with NVIDIA's cuDNN 8.9 beside them.</summary>
    public static MadeUpHost WithDebian118(this MadeUpHost host) => host.With(
        System,
        [
            "libnvrtc.so.11.2", "libnvrtc-builtins.so.11.8", "libnvrtc-builtins.so.11.8.89", "libcublas.so.11",
            "libcublasLt.so.11", "libnvToolsExt.so.1", .. CuDnn8,
        ]);
}
