using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>The words of a failure.</summary>
public sealed unsafe class CudaErrorTests
{
    [Test]
    public void A_failed_call_is_quoted_with_the_drivers_words_and_the_devices_free_memory()
    {
        var driver = new FakeGpu { Failures = { ["cuMemAlloc"] = CuResult.OutOfMemory } };
        var address = stackalloc nint[1];
        Assert.That(
            Message(() => new CudaError(driver, "NVIDIA H200").Check(driver.cuMemAlloc(address, 1 << 20))),
            Is.EqualTo("driver.cuMemAlloc(address, 1 << 20) -> CUDA_ERROR_OUT_OF_MEMORY (2): out of memory; NVIDIA "
                + "H200, 1.50 of 80.00 GiB free"));
    }

    [Test]
    public void A_call_over_several_lines_is_quoted_in_one() =>
        Assert.That(
            Message(() => new CudaError(new FakeGpu(), null).Check(
                Status(
                    CuResult.NoDevice))),
            Is.EqualTo("Status( CuResult.NoDevice) -> CUDA_ERROR_NO_DEVICE (100): no CUDA-capable device is detected"));

    [Test]
    public void A_failed_launch_has_kernel_grid_block_and_shared_memory()
    {
        var driver = new FakeGpu { Failures = { ["cuMemGetInfo"] = CuResult.IllegalAddress } };
        var message = Message(() => new CudaError(driver, "NVIDIA H200").CheckLaunch(
            CuResult.IllegalAddress, new CudaFunction(1, "abn_apply_f16"),
            new LaunchShape(64, 2, 1, 256, SharedBytes: 4096)));
        Assert.That(message, Does.StartWith("launch of abn_apply_f16, grid (64, 2, 1), block (256, 1, 1), 4096 bytes "
            + "of dynamic shared memory -> CUDA_ERROR_ILLEGAL_ADDRESS (700)"));
        Assert.That(
            message, Does.Contain("free memory unknown").And.EndWith("compute-sanitizer names it"),
            "a dead context cannot be asked for its memory");
    }

    [Test]
    public void A_driver_older_than_the_compiler_is_told_to_be_updated() =>
        Assert.That(
            Message(() => new CudaError(new FakeGpu(), null).Check(CuResult.UnsupportedPtxVersion)),
            Does.Contain("(222)").And.EndWith("update the driver"));

    [Test]
    public void A_status_that_the_driver_does_not_know_keeps_its_number() =>
        Assert.That(
            Message(() => new CudaError(new FakeGpu(), null).Check((CuResult)4711, "cuFuture()")),
            Is.EqualTo("cuFuture() -> status 4711, which this driver does not know"));

    [Test]
    public void Statuses_of_cublas_and_cudnn_are_in_their_words()
    {
        var (error, blas, dnn) =
            (new CudaError(new FakeGpu(), "GPU"), new FakeBlas { CreateStatus = 1 }, new FakeDnn());
        var handle = stackalloc nint[1];
        Assert.That(
            Message(() => error.Check(blas, blas.cublasCreate(handle))),
            Is.EqualTo("blas.cublasCreate(handle) -> CUBLAS_STATUS_NOT_INITIALIZED (1): the library was not "
                + "initialized; GPU, 1.50 of 80.00 GiB free"));
        Assert.That(
            Message(() => error.Check(dnn, dnn.cudnnSetTensor4dDescriptor(1, 0, 0, 1, 1, 1, 1))),
            Is.EqualTo("dnn.cudnnSetTensor4dDescriptor(1, 0, 0, 1, 1, 1, 1) -> CUDNN_STATUS_NOT_SUPPORTED (2000); GPU, "
                + "1.50 of 80.00 GiB free"));
    }

    [Test]
    public void Success_is_silent()
    {
        var error = new CudaError(new FakeGpu(), null);
        error.Check(CuResult.Success);
        error.Check(new FakeBlas(), 0);
        error.Check(new FakeDnn(), 0);
    }

    [TestCase(8907u, "8.9.7")]
    [TestCase(90600u, "9.6.0")]
    [TestCase(91300u, "9.13.0")]
    public void Cudnn_numbers_its_versions_in_two_ways(uint version, string text) =>
        Assert.That(DnnStatus.VersionText(version), Is.EqualTo(text));

    private static CuResult Status(CuResult result) => result;

    private static string Message(Action call) => Assert.Throws<EngineException>(() => call())!.Message;
}
