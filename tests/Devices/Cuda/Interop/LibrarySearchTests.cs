using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>Which of NVIDIA's files are taken, on machines that are made up.</summary>
public sealed class LibrarySearchTests
{
    private const string Wheels = Trees.Packages + "/nvidia";

    [Test]
    public void Wheels_of_cuda_13_are_taken_from_their_one_folder()
    {
        var plan = Plan(new MadeUpHost().WithWheels13(), driverMajor: 13);
        Assert.That(plan.Major, Is.EqualTo(13));
        Assert.That(
            Files(plan, CudaLibrary.Nvrtc),
            Is.EqualTo(new[] { $"{Wheels}/cu13/lib/libnvrtc-builtins.so.13.0", $"{Wheels}/cu13/lib/libnvrtc.so.13" }));
        Assert.That(
            Files(plan, CudaLibrary.CuBlas),
            Is.EqualTo(new[] { $"{Wheels}/cu13/lib/libcublasLt.so.13", $"{Wheels}/cu13/lib/libcublas.so.13" }));
        Assert.That(
            Files(plan, CudaLibrary.CuDnn), Is.EqualTo(Trees.CuDnn9.Select(file => $"{Wheels}/cudnn/lib/{file}")));
        Assert.That(plan.Findings[CudaLibrary.CuDnn].Origin, Is.EqualTo("pip wheel"));
    }

    [Test]
    public void Wheels_of_cuda_12_are_taken_from_a_folder_each()
    {
        var plan = Plan(new MadeUpHost().WithWheels12(), driverMajor: 12);
        Assert.That(plan.Major, Is.EqualTo(12));
        Assert.That(Files(plan, CudaLibrary.Nvrtc)[^1], Is.EqualTo($"{Wheels}/cuda_nvrtc/lib/libnvrtc.so.12"));
        Assert.That(
            Files(plan, CudaLibrary.CuBlas),
            Is.EqualTo(new[] { $"{Wheels}/cublas/lib/libcublasLt.so.12", $"{Wheels}/cublas/lib/libcublas.so.12" }));
        Assert.That(plan.Findings[CudaLibrary.CuDnn].Found);
    }

    [Test]
    public void Debians_cuda_11_is_taken_with_cudnn_8()
    {
        var plan = Plan(new MadeUpHost().WithDebian118().WithDriver(), driverMajor: 12);
        Assert.That(plan.Major, Is.EqualTo(11));
        Assert.That(
            Files(plan, CudaLibrary.Nvrtc),
            Is.EqualTo(new[] { $"{Trees.System}/libnvrtc-builtins.so.11.8", $"{Trees.System}/libnvrtc.so.11.2" }));
        Assert.That(Files(plan, CudaLibrary.CuDnn), Is.EqualTo(Trees.CuDnn8.Select(file => $"{Trees.System}/{file}")));
        Assert.That(Files(plan, CudaLibrary.Driver), Is.EqualTo(new[] { $"{Trees.System}/libcuda.so.1" }));
        Assert.That(Files(plan, CudaLibrary.Nvtx), Is.EqualTo(new[] { $"{Trees.System}/libnvToolsExt.so.1" }));
    }

    [Test]
    public void Windows_names_and_folders_are_known()
    {
        var host = new MadeUpHost { IsWindows = true };
        host.Variables["ProgramFiles"] = "C:/Program Files";
        const string Toolkit = "C:/Program Files/NVIDIA GPU Computing Toolkit/CUDA/v12.6/bin",
            CuDnn = "C:/Program Files/NVIDIA/CUDNN/v9.6/bin/12.6";
        string[] parts = ["graph", "ops", "cnn", "adv", "engines_precompiled", "engines_runtime_compiled", "heuristic"];
        host.With(Toolkit, "nvrtc64_120_0.dll", "nvrtc-builtins64_126.dll", "cublas64_12.dll", "cublasLt64_12.dll")
            .With(CuDnn, ["cudnn64_9.dll", .. parts.Select(part => $"cudnn_{part}64_9.dll")])
            .With("C:/Windows/System32", "nvcuda.dll", "nvml.dll");
        var plan = Plan(host, driverMajor: 12);
        Assert.That(
            Files(plan, CudaLibrary.Nvrtc),
            Is.EqualTo(new[] { $"{Toolkit}/nvrtc-builtins64_126.dll", $"{Toolkit}/nvrtc64_120_0.dll" }));
        Assert.That(
            Files(plan, CudaLibrary.CuBlas),
            Is.EqualTo(new[] { $"{Toolkit}/cublasLt64_12.dll", $"{Toolkit}/cublas64_12.dll" }));
        Assert.That(Files(plan, CudaLibrary.CuDnn)[^1], Is.EqualTo($"{CuDnn}/cudnn64_9.dll"));
        Assert.That(Files(plan, CudaLibrary.Driver), Is.EqualTo(new[] { "C:/Windows/System32/nvcuda.dll" }));
    }

    [Test]
    public void Windows_wheels_of_cuda_13_are_found()
    {
        var host = new MadeUpHost { IsWindows = true };
        host.Variables["VIRTUAL_ENV"] = "C:/venv";
        const string Folder = "C:/venv/Lib/site-packages/nvidia/cu13/bin/x86_64";
        host.With(Folder, "nvrtc64_130_0.dll", "nvrtc-builtins64_130.dll", "cublas64_13.dll", "cublasLt64_13.dll");
        Assert.That(
            Files(Plan(host, 13), CudaLibrary.CuBlas),
            Is.EqualTo(new[] { $"{Folder}/cublasLt64_13.dll", $"{Folder}/cublas64_13.dll" }));
    }

    [TestCase("/my", "/my")]
    [TestCase("/my", "/my/lib64")]
    [TestCase("/nothing:/my", "/my/targets/x86_64-linux/lib")]
    [TestCase("/my", "/my/lib/python3.11/site-packages/nvidia/cu12/lib")]
    [TestCase("/my/lib/python3.11/site-packages", "/my/lib/python3.11/site-packages/nvidia/cu12/lib")]
    public void The_configured_folder_wins_over_newer_ones(string configured, string folder)
    {
        var host = new MadeUpHost().WithWheels13().With(
            folder,
            ["libnvrtc.so.12", "libnvrtc-builtins.so.12.4", "libcublas.so.12", "libcublasLt.so.12", .. Trees.CuDnn9]);
        host.Variables["FLIXSTOCK_CUDA_PATH"] = configured;
        var plan = Plan(host, driverMajor: 13);
        Assert.That((plan.Major, Files(plan, CudaLibrary.CuBlas)[^1]), Is.EqualTo((12, $"{folder}/libcublas.so.12")));
        Assert.That(plan.Findings[CudaLibrary.CuBlas].Origin, Is.EqualTo("FLIXSTOCK_CUDA_PATH"));
    }

    [Test]
    public void What_the_process_has_loaded_already_decides()
    {
        var host = new MadeUpHost().WithWheels13().WithWheels12("/other/site-packages");
        host.AlreadyLoaded["libcublas.so.12"] = "/other/site-packages/nvidia/cublas/lib/libcublas.so.12";
        var plan = Plan(host, driverMajor: 13);
        Assert.That(
            (plan.Major, Files(plan, CudaLibrary.CuBlas)[^1]), Is.EqualTo((12, host.AlreadyLoaded["libcublas.so.12"])));
    }

    [TestCase(13, 13)]
    [TestCase(12, 12)]
    [TestCase(null, 13)]
    public void The_newest_version_that_the_driver_runs_is_taken(int? driverMajor, int expected)
    {
        var host = new MadeUpHost().WithToolkit("/usr/local/cuda-12.9", 12, 9)
            .WithToolkit("/usr/local/cuda-13.0", 13, 0);
        Assert.That(Plan(host, driverMajor).Major, Is.EqualTo(expected));
    }

    [Test]
    public void Of_two_toolkits_the_newer_is_taken_by_number_not_by_spelling()
    {
        var host = new MadeUpHost().WithToolkit("/usr/local/cuda-12.9", 12, 9)
            .WithToolkit("/usr/local/cuda-12.10", 12, 10);
        Assert.That(
            Files(Plan(host, 12), CudaLibrary.Nvrtc)[^1], Is.EqualTo("/usr/local/cuda-12.10/lib64/libnvrtc.so.12"));
    }

    [Test]
    public void The_loaders_configuration_is_read_with_its_includes()
    {
        var host = new MadeUpHost().WithText("/etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n")
            .WithText("/etc/ld.so.conf.d/988_cuda-12.conf", "# NVIDIA\n/srv/cuda/lib\n")
            .With("/srv/cuda/lib", "libcublas.so.12", "libcublasLt.so.12");
        Assert.That(Files(Plan(host, 12), CudaLibrary.CuBlas)[^1], Is.EqualTo("/srv/cuda/lib/libcublas.so.12"));
    }

    [Test]
    public void An_incomplete_cudnn_is_refused_by_the_missing_files_name()
    {
        var host = new MadeUpHost().WithWheels13();
        host.Remove($"{Wheels}/cudnn/lib/libcudnn_heuristic.so.9");
        Assert.That(
            Plan(host, 13).Findings[CudaLibrary.CuDnn].Problem,
            Is.EqualTo($"cuDNN in {Wheels}/cudnn/lib is incomplete: libcudnn_heuristic.so.9 is not there; install all "
                + $"of cuDNN into one folder"));
    }

    [Test]
    public void A_complete_cudnn_behind_an_incomplete_one_is_taken_whole()
    {
        var host = new MadeUpHost().WithWheels13().With(Trees.System, Trees.CuDnn9);
        host.Remove($"{Wheels}/cudnn/lib/libcudnn_ops.so.9");
        Assert.That(
            Files(Plan(host, 13), CudaLibrary.CuDnn),
            Is.EqualTo(Trees.CuDnn9.Select(file => $"{Trees.System}/{file}")));
    }

    [Test]
    public void Cublas_without_cublaslt_beside_it_is_refused()
    {
        var host = new MadeUpHost().With("/usr/local/cuda/lib64", "libcublas.so.12")
            .With(Trees.System, "libcublasLt.so.12");
        Assert.That(
            Plan(host, 12).Findings[CudaLibrary.CuBlas].Problem,
            Does.StartWith("cuBLAS in /usr/local/cuda/lib64 is incomplete: libcublasLt.so.12 is not there"));
    }

    [Test]
    public void Nvrtc_without_its_builtins_is_refused()
    {
        var host = new MadeUpHost().With(Trees.System, "libnvrtc.so.12", "libnvrtc-builtins.so.11.8");
        Assert.That(
            Plan(host, 12).Findings[CudaLibrary.Nvrtc].Problem,
            Does.StartWith($"NVRTC in {Trees.System} is incomplete: libnvrtc-builtins.so.12.* is not there").And
                .Contain("pip: nvidia-cuda-nvrtc-cu12"));
    }

    [Test]
    public void Majors_are_not_mixed()
    {
        var host = new MadeUpHost().With(Trees.System, "libnvrtc.so.12", "libnvrtc-builtins.so.12.4")
            .WithToolkit("/usr/local/cuda-13.0", 13, 0);
        host.Remove("/usr/local/cuda-13.0/lib64/libnvrtc.so.13");
        host.With(Trees.System, Trees.CuDnn8);
        // NVRTC and cuDNN 8 fit CUDA 12, cuBLAS alone is of 13.
        var plan = Plan(host, 13);
        Assert.That(plan.Major, Is.EqualTo(12));
        Assert.That(
            plan.Findings[CudaLibrary.CuBlas].Problem,
            Does.StartWith("cuBLAS was not found for CUDA 12: /usr/local/cuda-13.0/lib64/libcublas.so.13 is of another "
                + "major version, and versions are not mixed"));
    }

    [Test]
    public void A_cudnn_wheel_for_another_cuda_is_refused()
    {
        var host = new MadeUpHost().WithToolkit("/usr/local/cuda", 13, 0).With($"{Wheels}/cudnn/lib", Trees.CuDnn9)
            .With($"{Trees.Packages}/nvidia_cudnn_cu12-9.6.0.74.dist-info", "METADATA");
        host.Variables["VIRTUAL_ENV"] = "/venv";
        Assert.That(
            Plan(host, 13).Findings[CudaLibrary.CuDnn].Problem,
            Does.StartWith($"cuDNN in {Wheels}/cudnn/lib is built for CUDA 12, the other libraries are CUDA 13; "
                + $"install it (pip: nvidia-cudnn-cu13"));
    }

    [Test]
    public void Nothing_found_says_how_many_folders_were_searched_and_what_to_do()
    {
        var plan = Plan(new MadeUpHost(), driverMajor: null);
        Assert.That(plan.Major, Is.Zero);
        Assert.That(
            plan.Findings.Values.Select(finding => finding.Problem),
            Has.All.Contain($"in the {plan.Places.Count} folders searched"));
        Assert.That(
            plan.Findings[CudaLibrary.CuBlas].Problem,
            Does.Contain("no libcublas.so.13 or libcublas.so.12 or libcublas.so.11 in"));
        Assert.That(
            plan.Findings[CudaLibrary.Driver].Problem,
            Does.StartWith("CUDA driver was not found: no libcuda.so.1 ").And.Contain("install NVIDIA's driver"));
    }

    private static LibraryPlan Plan(MadeUpHost host, int? driverMajor) => new LibrarySearch(host).Plan(driverMajor);

    private static IReadOnlyList<string> Files(LibraryPlan plan, CudaLibrary library)
    {
        Assert.That(plan.Findings[library].Problem, Is.Null);
        return plan.Findings[library].Files;
    }
}
