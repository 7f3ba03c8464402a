using Flixstock.Engine;
using Flixstock.KernelLab;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices.Cuda;

/// <summary>
/// The proof of the proof: faults planted in our own kernels, each of which the comparison or the emulator's checks
/// must find.
/// </summary>
[Parallelizable] // a device of its own
public sealed class PlantedFaultTests
{
    private static IEnumerable<TestCaseData> Faults() => typeof(PlantedFaultTests).Assembly.GetTypes()
        .Where(type => type.IsClass && type.IsAssignableTo(typeof(IPlantedFaults)))
        .OrderBy(type => type.Name, StringComparer.Ordinal)
        .SelectMany(type => ((IPlantedFaults)Activator.CreateInstance(type)!).All)
        .Select(fault => new TestCaseData(fault).SetArgDisplayNames(fault.ToString()));

    [TestCaseSource(nameof(Faults))]
    public void IsFound(PlantedFault fault)
    {
        var compiler = NvrtcRequired.Open();
        using var folder = new EditedKernels(fault.File, fault.Text, fault.Fault).OfSingles();
        Assert.That(
            () => Run(compiler, folder.Path, fault.Calls),
            Throws.InstanceOf<DeviceCheckException>().Or.InstanceOf<KernelCaseException>());
    }

    private static void Run(IKernelCompiler compiler, string folder, string calls)
    {
        var driver = new EmulatedDriver(new EmulatedDriverOptions(Multiprocessors: 2));
        var options = new CudaDeviceOptions { Sources = KernelSources.FromFolder(folder), CacheFolder = null };
        var (blas, dnn) = (new EmulatedBlas(driver), new EmulatedDnn(driver));
        var device = new CudaDevice(driver, blas, dnn, compiler, options);
        var chosen = KernelCalls.All().Where(call => call.Name.StartsWith(calls, StringComparison.Ordinal)).ToList();
        if (chosen.Count == 0)
            throw new InvalidOperationException($"no call begins with '{calls}'");
        foreach (var call in chosen)
            EmulatedKernelTests.CompareAll(device, call, ElementType.Float32);
    }
}
