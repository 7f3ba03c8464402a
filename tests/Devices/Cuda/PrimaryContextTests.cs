using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices;

/// <summary>A device's primary context belongs to the process, not to what is opened on it.</summary>
public sealed class PrimaryContextTests
{
    [Test]
    public void DevicesOneAfterTheOtherShareOneRetainedContext()
    {
        using var driver = new EmulatedDriver();
        var contexts = new List<nint>();
        for (var i = 0; i < 3; i++)
        {
            using var device = new CudaDevice(
                driver, new EmulatedBlas(driver), new EmulatedDnn(driver), null,
                new CudaDeviceOptions { CacheFolder = null });
            contexts.Add(device.Context);
            using var tests = new CudaSelfTests(driver, new CudaDeviceInfo(0, 0, "PTX emulator", 8, 0, 4));
        }
        Assert.That(contexts.Distinct(), Has.Exactly(1).Items);
        Assert.That(driver.Retained, Is.EqualTo(1));
    }
}
