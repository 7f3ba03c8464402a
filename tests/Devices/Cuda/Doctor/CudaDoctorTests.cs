using System.Text.Json;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>The doctor on machines that are made up, and on this one.</summary>
public sealed class CudaDoctorTests
{
    [Test]
    public void With_nothing_installed_everything_required_is_named_and_nothing_is_called()
    {
        var host = new MadeUpHost();
        var report = CudaDoctor.Examine(World(host));
        Assert.That(report.CanTrain, Is.False);
        Assert.That(report.Problems, Has.Count.EqualTo(4).And.All.Contain("was not found"));
        Assert.That((report.Devices.Count, report.SelfTests.Count, host.Loads.Count), Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public void A_driver_without_a_gpu_and_without_cudnn_gives_two_problems()
    {
        var host = new MadeUpHost { Driver = 12020 }.WithDebian118().WithDriver();
        host.Remove($"{Trees.System}/libcudnn.so.8");
        var report = CudaDoctor.Examine(World(host));
        Assert.That(report.Problems, Has.Count.EqualTo(2));
        Assert.That(report.Problems[0], Does.StartWith("cuDNN was not found").And.Contain("pip: nvidia-cudnn-cu11"));
        Assert.That(report.Problems[1], Does.StartWith("the CUDA driver is installed but finds no NVIDIA GPU"));
        Assert.That(
            report.Libraries.Where(library => library.Usable).Select(library => library.Name),
            Is.EqualTo(new[] { "CUDA driver", "NVRTC", "cuBLAS", "NVML", "NVTX" }));
    }

    [Test]
    public void A_complete_machine_can_train_and_gives_back_what_the_tests_took()
    {
        var compiler = NvrtcRequired.Open();
        var gpu = new FakeGpu { Devices = { ("NVIDIA H200", 9, 0) } };
        var report = CudaDoctor.Examine(World(Complete(), gpu, compiler: compiler));
        Assert.That(report.Problems, Is.Empty);
        Assert.That(report.CanTrain);
        Assert.That(
            report.SelfTests.Select(test => test.Outcome), Is.EqualTo(Enumerable.Repeat(SelfTestOutcome.Passed, 4)));
        Assert.That(
            report.Devices.Single(),
            Is.EqualTo(new DeviceReport(0, "NVIDIA H200", "9.0", 132, 80L << 30, 70L << 30, 90, 3, null)));
        Assert.That(gpu.Live, Is.Zero, "device memory that is not freed");
    }

    [Test]
    public void A_wrong_result_of_a_kernel_or_a_convolution_is_found()
    {
        var compiler = NvrtcRequired.Open();
        var gpu = new FakeGpu { Devices = { ("NVIDIA H200", 9, 0) }, Fault = 1 };
        var report = CudaDoctor.Examine(World(Complete(), gpu, dnn: new FakeDnn { Fault = 0.01f }, compiler: compiler));
        Assert.That(report.CanTrain, Is.False);
        Assert.That(
            report.SelfTests.Where(test => test.Outcome == SelfTestOutcome.Failed).Select(test => test.Name),
            Is.EqualTo(new[] { "kernel (NVRTC)", "convolution (cuDNN)" }));
        Assert.That(report.Problems[0], Does.StartWith("self-test failed, kernel (NVRTC): element 0 of 1000 is ").And
            .Contain(", the processor has "));
    }

    [Test]
    public void A_failing_library_does_not_stop_the_other_tests()
    {
        var gpu = new FakeGpu { Devices = { ("NVIDIA H200", 9, 0) } };
        var report = CudaDoctor.Examine(World(Complete(), gpu, new FakeBlas { CreateStatus = 1 }));
        Assert.That(
            report.SelfTests.Select(test => test.Outcome),
            Is.EqualTo(new[]
            {
                SelfTestOutcome.Passed, SelfTestOutcome.NotRun, SelfTestOutcome.Failed, SelfTestOutcome.Passed,
            }));
        Assert.That(report.Problems, Has.Some.StartWith("self-test failed, matrix product (cuBLAS): "
            + "blas.cublasCreate(&handle) -> CUBLAS_STATUS_NOT_INITIALIZED (1)"));
    }

    [Test]
    public void A_device_that_does_not_open_fails_its_first_test_and_the_rest_is_not_run()
    {
        var gpu = new FakeGpu
        {
            Devices = { ("NVIDIA H200", 9, 0) },
            Failures = { ["cuDevicePrimaryCtxRetain"] = CuResult.OutOfMemory },
        };
        var report = CudaDoctor.Examine(World(Complete(), gpu));
        Assert.That(
            report.SelfTests[0].Detail,
            Does.StartWith("driver.cuDevicePrimaryCtxRetain(&context, device.Handle) -> CUDA_ERROR_OUT_OF_MEMORY (2)"));
        Assert.That(report.SelfTests.Skip(1).Select(test => test.Outcome), Has.All.EqualTo(SelfTestOutcome.NotRun));
        Assert.That(report.CanTrain, Is.False);
    }

    [Test]
    public void An_old_gpu_is_listed_and_not_tested()
    {
        var gpu = new FakeGpu { Devices = { ("Tesla V100", 7, 0) } };
        var report = CudaDoctor.Examine(
            World(Complete(), gpu, compiler: KernelCompiler.WhyUnavailable is null ? KernelCompiler.Open() : null));
        Assert.That(report.Devices.Single().Problem, Does.Contain("compute capability 7.0"));
        Assert.That((report.SelfTests.Count, report.CanTrain), Is.EqualTo((0, false)));
    }

    [Test]
    public void Libraries_too_new_for_the_driver_are_not_tried()
    {
        var gpu = new FakeGpu { Devices = { ("NVIDIA H200", 9, 0) } };
        var report = CudaDoctor.Examine(World(new MadeUpHost { Driver = 12040 }.WithDriver().WithWheels13(), gpu));
        Assert.That(
            report.Problems, Has.Some.StartWith("the driver supports CUDA 12.4, the libraries found are CUDA 13"));
        Assert.That(report.SelfTests, Is.Empty);
    }

    [Test]
    public void Nvrtc_may_be_missing_where_the_kernels_are_packed()
    {
        var host = Complete();
        host.Remove($"{Trees.Packages}/nvidia/cu13/lib/libnvrtc.so.13");
        var world = World(host, new FakeGpu { Devices = { ("NVIDIA H200", 9, 0) } });
        Assert.That(CudaDoctor.Examine(world).CanTrain, Is.False);
        var report = CudaDoctor.Examine(world with { HasPackedKernels = true });
        Assert.That((report.CanTrain, report.SelfTests[1].Outcome), Is.EqualTo((true, SelfTestOutcome.NotRun)));
    }

    [Test]
    public void The_command_ends_with_0_only_where_training_would_work_and_prints_every_problem()
    {
        var report = CudaDoctor.Examine();
        var (exit, output, error) = Run("doctor");
        Assert.That((exit, error), Is.EqualTo((report.CanTrain ? 0 : 1, "")));
        Assert.That(output, Does.Contain("CUDA driver").And.Contain("NVRTC").And.Contain("cuDNN"));
        foreach (var problem in report.Problems)
            Assert.That(output, Does.Contain($"- {problem}"));
    }

    [Test]
    public void The_report_is_also_json()
    {
        using var json = JsonDocument.Parse(Run("doctor", "--json").Output);
        Assert.That(json.RootElement.GetProperty("libraries").GetArrayLength(), Is.EqualTo(6));
        Assert.That(json.RootElement.GetProperty("searched").GetArrayLength(), Is.GreaterThan(5));
    }

    [Test]
    public void A_report_with_everything_is_printed_as_tables()
    {
        var gpu = new FakeGpu { Devices = { ("NVIDIA H200", 9, 0) } };
        using var writer = new StringWriter();
        DoctorCommand.Print(new Terminal(writer), CudaDoctor.Examine(World(Complete(), gpu)), searched: true);
        Assert.That(writer.ToString(), Does.Contain("cuda:0").And.Contain("80.0").And.Contain("matrix product (cuBLAS)")
            .And.Contain("passed").And.Contain("(pip wheel)"));
    }

    private static MadeUpHost Complete() => new MadeUpHost().WithDriver().WithWheels13();

    private static CudaWorld World(
        MadeUpHost host, FakeGpu? gpu = null, FakeBlas? blas = null, FakeDnn? dnn = null,
        KernelCompiler? compiler = null) =>
        new(
            new NativeLibrarySet(host),
            () => gpu ?? new FakeGpu(),
            () => blas ?? new FakeBlas(),
            () => dnn ?? new FakeDnn(),
            () => (compiler, compiler is null && gpu is not null ? "this test has no compiler" : null),
            _ => "1.0",
            HasPackedKernels: false,
            _ => new DeviceLoad(80L << 30, 70L << 30, 90, 700, 3));

    private static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (CommandLine.Run(arguments, output, error), output.ToString(), error.ToString());
    }
}
