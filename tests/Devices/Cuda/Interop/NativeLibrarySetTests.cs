using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>Loading, and every reason not to.</summary>
public sealed class NativeLibrarySetTests
{
    [Test]
    public void Cudnn_is_loaded_after_everything_that_it_opens_by_itself()
    {
        var host = Complete();
        var set = new NativeLibrarySet(host);
        Assert.That(set.Open(CudaLibrary.CuDnn).Reason, Is.Null);
        var order = host.Loads.Select(path => path[(path.LastIndexOf('/') + 1)..])
            .Where(name => name != "libcuda.so.1").ToList();
        Assert.That(order, Is.EqualTo((string[])[
            "libnvrtc-builtins.so.13.0", "libnvrtc.so.13", "libcublasLt.so.13", "libcublas.so.13", .. Trees.CuDnn9,
        ]));
        _ = set.Open(CudaLibrary.CuDnn);
        Assert.That(host.Loads, Has.Count.EqualTo(order.Count + 1), "a second request loads nothing");
    }

    [Test]
    public void Parts_of_a_newer_cudnn_are_loaded_before_it_too()
    {
        string[] newer = ["libcudnn_engines_tensor_ir.so.9", "libcudnn_ext.so.9"];
        var host = Complete().With($"{Trees.Packages}/nvidia/cudnn/lib", newer)
            .With($"{Trees.Packages}/nvidia/cudnn/lib", "libcudnn_ext.so.8", "libcudnn_notes.txt", "libcudnn_.so.9");
        Assert.That(new NativeLibrarySet(host).Open(CudaLibrary.CuDnn).Reason, Is.Null);
        var order = host.Loads.Select(path => path[(path.LastIndexOf('/') + 1)..])
            .Where(name => name.Contains("cudnn", StringComparison.Ordinal)).ToList();
        Assert.That(order, Is.EqualTo((string[])[.. Trees.CuDnn9[..^1], .. newer, Trees.CuDnn9[^1]]));
    }

    [Test]
    public void A_newer_part_that_does_not_load_is_named()
    {
        var host = Complete().With($"{Trees.Packages}/nvidia/cudnn/lib", "libcudnn_ext.so.9");
        var file = $"{Trees.Packages}/nvidia/cudnn/lib/libcudnn_ext.so.9";
        host.LoadProblems[file] = "undefined symbol";
        Assert.That(
            new NativeLibrarySet(host).Open(CudaLibrary.CuDnn).Reason,
            Is.EqualTo($"cuDNN does not load: {file}: undefined symbol"));
    }

    [Test]
    public void Parts_of_two_folders_are_a_problem_with_both_paths()
    {
        var host = Complete();
        host.AlreadyLoaded["libcudnn_ops.so.9"] = "/usr/lib/x86_64-linux-gnu/libcudnn_ops.so.9";
        Assert.That(
            new NativeLibrarySet(host).Open(CudaLibrary.CuDnn).Reason,
            Does.StartWith("parts of cuDNN from several folders are loaded: /usr/lib/x86_64-linux-gnu and "
                + $"{Trees.Packages}/nvidia/cudnn/lib; remove all but one"));
    }

    [Test]
    public void A_missing_function_is_named_with_its_library()
    {
        var host = Complete();
        host.MissingFunctions.Add("cublasLtMatmul");
        Assert.That(
            new NativeLibrarySet(host).Open(CudaLibrary.CuBlas).Reason,
            Does.StartWith($"cuBLAS is of a version that the engine cannot use: "
                + $"{Trees.Packages}/nvidia/cu13/lib/libcublasLt.so.13 has no function cublasLtMatmul; install it"));
    }

    [Test]
    public void A_driver_without_a_function_is_too_old()
    {
        var host = Complete();
        host.MissingFunctions.Add("cuGraphInstantiateWithFlags");
        Assert.That(
            new NativeLibrarySet(host).Open(CudaLibrary.Driver).Reason,
            Is.EqualTo($"the driver is too old: {Trees.System}/libcuda.so.1 has no function "
                + $"cuGraphInstantiateWithFlags; update NVIDIA's driver (470 or newer)"));
    }

    [Test]
    public void A_function_that_only_newer_versions_have_may_be_missing()
    {
        var host = Complete();
        host.MissingFunctions.Add("cudnnGetLastErrorString");
        var set = new NativeLibrarySet(host);
        Assert.That(set.Open(CudaLibrary.CuDnn).Reason, Is.Null);
        Assert.That(
            (set.Has(CuDnn.Library, "cudnnGetLastErrorString"), set.Has(CuDnn.Library, "cudnnCreate")),
            Is.EqualTo((false, true)));
    }

    [Test]
    public void What_the_loader_says_is_repeated()
    {
        var host = Complete();
        var file = $"{Trees.Packages}/nvidia/cudnn/lib/libcudnn_ops.so.9";
        host.LoadProblems[file] = "libz.so.1: cannot open shared object file";
        Assert.That(
            new NativeLibrarySet(host).Open(CudaLibrary.CuDnn).Reason,
            Is.EqualTo($"cuDNN does not load: {file}: libz.so.1: cannot open shared object file"));
    }

    [Test]
    public void Cudnn_is_not_loaded_without_cublas()
    {
        var host = Complete();
        host.Remove($"{Trees.Packages}/nvidia/cu13/lib/libcublasLt.so.13");
        Assert.That(
            new NativeLibrarySet(host).Open(CudaLibrary.CuDnn).Reason,
            Does.StartWith("cuDNN needs cuBLAS: cuBLAS in "));
        Assert.That(host.Loads, Has.None.Contain("cudnn"));
    }

    [Test]
    public void A_cudnn_that_says_it_was_built_for_another_cuda_is_refused()
    {
        var host = new MadeUpHost { CuDnnBuiltFor = 12060 }.WithDriver().WithToolkit("/usr/local/cuda", 13, 0)
            .With(Trees.System, Trees.CuDnn9);
        Assert.That(
            new NativeLibrarySet(host).Open(CudaLibrary.CuDnn).Reason,
            Does.StartWith(
                $"cuDNN in {Trees.System}/libcudnn.so.9 is built for CUDA 12, the other libraries are CUDA 13"));
    }

    [Test]
    public void A_driver_too_old_for_the_only_libraries_is_said_once()
    {
        var host = new MadeUpHost { Driver = 12020 }.WithDriver().WithWheels13();
        Assert.That(
            CudaLibraries.WhyNot(new NativeLibrarySet(host)),
            Is.EqualTo("the driver supports CUDA 12.2, the libraries found are CUDA 13: update NVIDIA's driver (580 or "
                + "newer), or install CUDA 12 libraries"));
    }

    [Test]
    public void What_is_missing_first_is_the_answer()
    {
        Assert.That(
            CudaLibraries.WhyNot(new NativeLibrarySet(new MadeUpHost().WithWheels13())),
            Does.StartWith("CUDA driver was not found"));
        Assert.That(
            CudaLibraries.WhyNot(new NativeLibrarySet(new MadeUpHost().WithDriver())),
            Does.StartWith("cuBLAS was not found"));
        Assert.That(CudaLibraries.WhyNot(new NativeLibrarySet(Complete())), Is.Null);
    }

    [Test]
    public void A_library_must_be_opened_before_it_is_called()
    {
        var set = new NativeLibrarySet(Complete());
        Assert.That(() => set.Handle(CuBlas.Library), Throws.TypeOf<EngineException>().With.Message
            .EqualTo("the library 'cublas' is called without having been opened"));
        _ = set.Open(CudaLibrary.CuBlas);
        Assert.That(set.Handle(CuBlas.Library), Is.Not.EqualTo((nint)0).And.Not.EqualTo(set.Handle(CuBlasLt.Library)));
        Assert.That(
            set.Handle("libSkiaSharp"), Is.EqualTo((nint)0), "other people's libraries are left to the runtime");
    }

    [Test]
    public void Functions_are_bound_under_the_names_that_have_todays_arguments()
    {
        var driver = NativeLibrarySet.Declarations[Cu.Library];
        Assert.That(driver, Is.SupersetOf(new[]
        {
            "cuMemAlloc_v2", "cuMemGetInfo_v2", "cuStreamBeginCapture_v2", "cuEventDestroy_v2",
            "cuGraphInstantiateWithFlags",
        }));
        Assert.That(driver, Has.None.AnyOf(
            "cuMemAlloc", "cuMemFree", "cuMemGetInfo", "cuStreamBeginCapture", "cuGraphInstantiate", "cuStreamDestroy",
            "cuEventDestroy"));
        Assert.That(
            NativeLibrarySet.Declarations[CuBlas.Library],
            Has.Member("cublasCreate_v2").And.Member("cublasSetWorkspace_v2").And.No.Member("cublasCreate"));
    }

    [Test]
    public void Structures_have_their_native_sizes()
    {
        unsafe
        {
            Assert.That(
                (
                    sizeof(LtAlgorithm), sizeof(LtHeuristic), sizeof(DnnAlgorithm), sizeof(NvmlMemory),
                    sizeof(NvmlUtilization)),
                Is.EqualTo((64, 96, 48, 24, 8)));
        }
    }

    [Test]
    public void This_process_knows_what_it_has_loaded_by_the_name_behind_a_link()
    {
        _ = NvrtcRequired.Open();
        var path = NativeLibraries.Process.Open(CudaLibrary.Nvrtc).Path;
        var loaded = new ProcessHost().Loaded(Path.GetFileName(path));
        Assert.That((Path.GetFileName(loaded), File.Exists(loaded)), Is.EqualTo((Path.GetFileName(path), true)));
        Assert.That(new ProcessHost().Loaded("libnothing.so.1"), Is.Null);
    }

    [Test]
    public void A_file_that_is_no_library_gives_the_loaders_words_alone()
    {
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, "no_library.so");
        File.WriteAllText(file, "text");
        Assert.That(new ProcessHost().Load(file, out var problem), Is.EqualTo((nint)0));
        Assert.That(problem, Is.Not.Empty.And.Not.Contains("strace").And.Not.Contains("\n"));
        File.Delete(file);
    }

    private static MadeUpHost Complete() => new MadeUpHost().WithDriver().WithWheels13();
}
