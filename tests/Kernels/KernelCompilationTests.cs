using System.Text.RegularExpressions;
using Flixstock.Engine;
using Flixstock.KernelLab;

namespace Flixstock.Tests.Devices.Cuda;

/// <summary>
/// Every kernel compiled for real, without a GPU, and every launcher's arguments against what its kernel takes.
/// </summary>
[Parallelizable] // nothing is shared, allocations are the thread's
public sealed partial class KernelCompilationTests
{
    private static readonly int[] Architectures = [75, 80, 90];
    private static readonly ElementType[] Types = [ElementType.Float32, ElementType.Float16, ElementType.BFloat16];

    // 16-byte accesses; one odd shape of channels that fit no register; one with more pixels than a block sums.
    private static readonly Shape[] Shapes = [new(2, 3, 2, 16), new(2, 2, 3, 7), new(2, 33, 31, 1)];

    private static IEnumerable<object[]> Compilations() =>
        KernelSources.Embedded.Files.SelectMany(
            file => Architectures.Select(architecture => new object[] { file, architecture }));

    [TestCaseSource(nameof(Compilations))]
    public void CompilesToMachineCodeAndNothingSpills(string file, int architecture)
    {
        var compiled = NvrtcRequired.Open().Compile(
            KernelSources.Embedded.Source(file), file + ".cu", $"sm_{architecture}", KernelSources.Embedded.Headers,
            "--ptxas-options=-v");
        var entries = PtxEntry.Parse(compiled.Ptx);
        var spills = Spills().Matches(compiled.Log);
        Assert.Multiple(() =>
        {
            Assert.That(compiled.Cubin.Length, Is.Positive);
            Assert.That(compiled.Log, Does.Not.Contain("warning"));
            // One line for every entry, and for functions that were not inlined.
            Assert.That(spills, Has.Count.AtLeast(entries.Count), compiled.Log);
            Assert.That(
                spills.Select(line => line.Value),
                Is.All.EqualTo("0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads"));
        });
    }

    [Test]
    public void EveryEntryIsLaunchedWithTheArgumentsItTakes()
    {
        var recorder = new RecordingDriver();
        using var device = new CudaDevice(
            recorder, null!, null!, EmulatedGpu.KeepingCompiler(),
            new CudaDeviceOptions { Sources = KernelSources.Embedded, CacheFolder = null });
        device.LaunchObserver = (function, in shape, arguments) => Compare(recorder.Entry(function.Handle), arguments);
        foreach (var type in Types)
        {
            foreach (var shape in Shapes)
            {
                foreach (var call in KernelCalls.All().Where(call => Math.Min(shape.Height, shape.Width) >= call.Least))
                {
                    call.Prepare(new KernelWorkbench(new Backend(device, null!), type, aligned: true), shape)(
                        CudaKernels.WithoutLibraries(device));
                }
            }
        }
        var every = KernelSources.Embedded.Files.SelectMany(file => PtxEntry.Parse(Compile(file).Ptx))
            .Select(entry => entry.Name).ToList();
        Assert.That(every.Except(recorder.Launches.Keys), Is.Empty, "kernels that no launcher launched");
        TestContext.Out.WriteLine($"{KernelSources.Embedded.Files.Count} files, {every.Count} entries, "
            + $"{recorder.Launches.Values.Sum()} launches");
    }

    // With channels for 16-byte accesses and without.
    [Test]
    public void AWarmLaunchAllocatesNothing([Values(0, 1)] int shape)
    {
        using var device = new CudaDevice(
            new RecordingDriver(), null!, null!, EmulatedGpu.KeepingCompiler(),
            new CudaDeviceOptions { Sources = KernelSources.Embedded, CacheFolder = null });
        var kernels = CudaKernels.WithoutLibraries(device);
        var allocating = new List<string>();
        foreach (var call in KernelCalls.All().Where(call => call.Least <= Shapes[shape].Height))
        {
            var bench = new KernelWorkbench(new Backend(device, null!), ElementType.Float32, aligned: true);
            var run = call.Prepare(bench, Shapes[shape]);
            run(kernels);
            run(kernels);
            var before = GC.GetAllocatedBytesForCurrentThread();
            run(kernels);
            if (GC.GetAllocatedBytesForCurrentThread() != before)
                allocating.Add(call.Name);
        }
        Assert.That(allocating, Is.Empty);
    }

    private static CompiledKernels Compile(string file) =>
        EmulatedGpu.KeepingCompiler()
            .Compile(KernelSources.Embedded.Source(file), file + ".cu", "sm_80", KernelSources.Embedded.Headers);

    private static void Compare(PtxEntry entry, ReadOnlySpan<KernelArgument> arguments)
    {
        var sizes = new int[arguments.Length];
        for (var i = 0; i < sizes.Length; i++)
            sizes[i] = arguments[i].Size;
        Assert.That(
            sizes, Is.EqualTo(entry.ParameterBytes), $"{entry.Name}: sizes of the arguments against the parameters");
    }

    [GeneratedRegex(
        @"\d+ bytes stack frame, \d+ bytes spill stores, \d+ bytes spill loads", RegexOptions.None,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Spills();
}
