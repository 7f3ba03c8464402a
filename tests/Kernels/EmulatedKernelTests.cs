using Flixstock.Engine;
using Flixstock.KernelLab;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices.Cuda;

/// <summary>
/// Our kernels, as NVRTC compiles them, executed by the emulator: the reference kernels' results in three element
/// types, guarded memory untouched, and no access out of bounds, no read of what was never written, no race (each of
/// those is an exception).
/// </summary>
[NonParallelizable]
public sealed class EmulatedKernelTests
{
    private readonly HashSet<string> _compared = [];
    private EmulatedGpu? _gpu;

    private static IEnumerable<TestCaseData> Calls() => KernelCalls.All().Select(call => new TestCaseData(call.Name));

    [OneTimeTearDown]
    public void CloseDevice() => _gpu?.Dispose();

    [TestCaseSource(nameof(Calls))]
    public void AgreesWithReference(string name)
    {
        // So few that sweeps go round more than once.
        var gpu = _gpu ??= new EmulatedGpu(options: new EmulatedDriverOptions(Multiprocessors: 2));
        var call = KernelCalls.All().Single(call => call.Name == name);
        CompareAll(gpu.Device, call);
        _compared.Add(name);
    }

    [Test]
    public void TheCallsExecuteEveryKernelOfTheTable()
    {
        foreach (var call in Calls())
        {
            if (!_compared.Contains((string)call.Arguments[0]!))
                AgreesWithReference((string)call.Arguments[0]!);
        }
        var executed = _gpu!.Driver.Statistics;
        var entries = KernelSources.Embedded.Files.SelectMany(file => PtxEntry.Parse(EmulatedGpu.KeepingCompiler()
            .Compile(KernelSources.Embedded.Source(file), file + ".cu", "sm_80", KernelSources.Embedded.Headers).Ptx))
            .Select(entry => entry.Name).ToList();
        foreach (var (name, statistics) in executed.OrderBy(
            entry => (double)entry.Value.CoveredBlocks / entry.Value.Covered.Length))
        {
            TestContext.Out.WriteLine($"{name}: {statistics.CoveredBlocks} of {statistics.Covered.Length} basic "
                + $"blocks, {statistics.ThreadInstructions:N0} instructions, {statistics.SectorsPerRequest:0.0} "
                + $"sectors a request, {statistics.BankConflicts} bank conflicts");
        }
        TestContext.Out.WriteLine(
            $"{KernelSources.Embedded.Files.Count} files, {executed.Count} of {entries.Count} entries executed, "
                + $"{executed.Values.Sum(entry => entry.ThreadInstructions):N0} thread instructions, "
                + $"{executed.Values.Sum(entry => entry.CoveredBlocks)} of "
                + $"{executed.Values.Sum(entry => entry.Covered.Length)} basic blocks");
        Assert.That(entries.Except(executed.Keys), Is.Empty, "kernels that no call executed");
    }

    /// <summary>One call in every type and shape; the first difference is an exception.</summary>
    internal static void CompareAll(CudaDevice device, KernelCall call, ElementType? only = null)
    {
        foreach (var result in CaseComparison.Every(device, call, only))
        {
            if (result.Difference is { } difference)
                throw new KernelCaseException(difference);
        }
    }
}
