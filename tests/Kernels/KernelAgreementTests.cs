using Flixstock.Engine;
using Flixstock.KernelLab;

namespace Flixstock.Tests.Operations;

/// <summary>
/// The processor's kernels against the reference kernels, over shapes that fit no register, in every mode, with guarded
/// memory.
/// </summary>
public sealed class KernelAgreementTests
{
    private static readonly Shape[] Shapes =
    [
        new(1, 7, 7, 1), new(1, 1, 2, 16), new(2, 1, 7, 31), new(1, 2, 2, 7), new(2, 3, 2, 76), new(3, 31, 33, 7),
        new(1, 33, 31, 33), new(2, 8, 9, 131),
    ];

    // The narrower registers' runs, which are slow, leave one out.
    private static readonly int[] ThreadCounts =
        Environment.GetEnvironmentVariable(VectorWidthTests.Wanted) is null ? [2, 3] : [3];

    private static IEnumerable<TestCaseData> Calls() =>
        KernelCalls.OnProcessor().Select(call => new TestCaseData(call.Name));

    [TestCaseSource(nameof(Calls))]
    public void CpuAgreesWithReferenceAndItsBitsDoNotDependOnThreads(string name)
    {
        var call = KernelCalls.OnProcessor().Single(call => call.Name == name);
        foreach (var shape in Shapes.Where(shape => shape.Height >= call.Least && shape.Width >= call.Least))
        {
            var expected = Run(Backend.Reference(), call, shape);
            var actual = Run(Backend.Cpu(1), call, shape);
            for (var i = 0; i < actual.Count; i++)
            {
                TestTensors.AssertClose(
                    actual[i].Values, expected[i].Values, call.Tolerance * TestTensors.Largest(expected[i].Values),
                    $"{shape} {actual[i].Name}");
            }
            foreach (var threads in ThreadCounts)
            {
                var other = Run(Backend.Cpu(threads), call, shape);
                for (var i = 0; i < actual.Count; i++)
                {
                    Assert.That(
                        other[i].Values.AsSpan().SequenceEqual(actual[i].Values),
                        $"{shape} {actual[i].Name}: other bits with {threads} threads");
                }
            }
        }
    }

    // What others allocate at the same time would count.
    [TestCaseSource(nameof(Calls)), NonParallelizable]
    public void AWarmCallAllocatesNothing(string name)
    {
        var call = KernelCalls.OnProcessor().Single(call => call.Name == name);
        using var bench = new KernelWorkbench(Backend.Cpu(2));
        var kernels = bench.Backend.Kernels;
        var run = call.Prepare(bench, new Shape(2, 12, 14, 33));
        run(kernels);
        run(kernels);
        // Of all threads; the test runner's own may allocate meanwhile, so the least of several counts.
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 20 && least > 0; attempt++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            run(kernels);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        Assert.That(least, Is.Zero);
    }

    private static List<(string Name, float[] Values)> Run(Backend backend, KernelCall call, Shape shape)
    {
        using var bench = new KernelWorkbench(backend);
        call.Prepare(bench, shape)(backend.Kernels);
        return bench.Results();
    }
}
