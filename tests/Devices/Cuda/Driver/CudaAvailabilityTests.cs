using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>Why a device cannot be computed on, in one line.</summary>
public sealed class CudaAvailabilityTests
{
    [Test]
    public void A_good_device_is_described()
    {
        var driver = new FakeGpu { Devices = { ("NVIDIA H200", 9, 0), ("Tesla T4", 7, 5) } };
        Assert.That(CudaAvailability.TryFind(driver, 1, out var device, out var reason), reason);
        Assert.That(device, Is.EqualTo(new CudaDeviceInfo(1, 1, "Tesla T4", 7, 5, 132)));
    }

    [Test]
    public void A_driver_without_a_device_says_so()
    {
        Assert.That(Reason(new FakeGpu()), Does.StartWith("the CUDA driver is installed but finds no NVIDIA GPU"));
        Assert.That(
            Reason(new FakeGpu { Failures = { ["cuInit"] = CuResult.NoDevice } }),
            Does.StartWith("the CUDA driver is installed but finds no NVIDIA GPU"));
    }

    [TestCase(1, 2, "there is no CUDA device 2: this machine has one, number 0")]
    [TestCase(3, 3, "there is no CUDA device 3: this machine has 3, 0 to 2")]
    public void A_number_out_of_range_says_which_there_are(int count, int ordinal, string expected)
    {
        var driver = new FakeGpu();
        driver.Devices.AddRange(Enumerable.Repeat(("NVIDIA H200", 9, 0), count));
        Assert.That(Reason(driver, ordinal), Is.EqualTo(expected));
    }

    [Test]
    public void A_gpu_before_turing_is_refused_by_name() =>
        Assert.That(
            Reason(new FakeGpu { Devices = { ("Tesla V100", 7, 0) } }),
            Is.EqualTo("CUDA device 0, Tesla V100, has compute capability 7.0: 7.5 (Turing) or newer is needed"));

    [Test]
    public void A_driver_that_does_not_start_is_quoted() =>
        Assert.That(
            Reason(new FakeGpu { Failures = { ["cuInit"] = CuResult.SystemDriverMismatch } }),
            Does.StartWith("the CUDA driver does not start: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)").And
                .EndWith("restart the machine after a driver update"));

    private static string? Reason(FakeGpu driver, int ordinal = 0)
    {
        Assert.That(CudaAvailability.TryFind(driver, ordinal, out var device, out var reason), Is.False);
        Assert.That(device, Is.Null);
        return reason;
    }
}
