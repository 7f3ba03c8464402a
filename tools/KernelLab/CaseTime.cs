using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>How long a case takes on a device.</summary>
/// <param name="Case">The case's name.</param>
/// <param name="Microseconds">Of one call; not a number if it cannot be captured.</param>
/// <param name="Bytes">That one call must read and write.</param>
/// <param name="Operations">Multiplications and additions of one call's matrix products.</param>
internal sealed record CaseTime(string Case, double Microseconds, long Bytes, long Operations)
{
    // A graph of so many calls, on two sets of tensors in turn: the second call finds nothing of its own in the cache.
    private const int Calls = 20, Sets = 2;

    /// <summary>10^9 bytes a second.</summary>
    public double GigabytesPerSecond => Bytes / Microseconds / 1e3;

    /// <summary>10^9 operations a second.</summary>
    public double GigaflopsPerSecond => Operations / Microseconds / 1e3;

    /// <summary>
    /// Times a case as a captured step runs it: without the host's time between two launches.
    /// </summary>
    /// <param name="device">Where.</param>
    /// <param name="call">The case.</param>
    /// <param name="type">Type of activations.</param>
    /// <param name="shape">Shape of activations: larger than the L2 cache.</param>
    public static CaseTime Of(CudaDevice device, KernelCall call, ElementType type, Shape shape)
    {
        var kernels = CudaKernels.WithoutLibraries(device);
        var benches = new KernelWorkbench[Sets];
        var runs = new Action<IKernels>[Sets];
        try
        {
            for (var i = 0; i < Sets; i++)
            {
                benches[i] = new KernelWorkbench(new Backend(device, kernels), type, aligned: true);
                runs[i] = call.Prepare(benches[i], shape);
            }
            var counting = TimedKernels.Create(new Backend(device, kernels));
            runs[0](counting);
            var counted = TimedKernels.Times(counting);
            TimedKernels.Stop(counting);
            var milliseconds = device.Time(() =>
            {
                for (var i = 0; i < Calls; i++)
                    runs[i % Sets](kernels);
                return 0;
            });
            return new CaseTime(
                call.Name, milliseconds / Calls * 1e3 ?? double.NaN, counted.Sum(time => time.Bytes),
                counted.Sum(time => time.Operations));
        }
        finally
        {
            foreach (var bench in benches.Where(bench => bench is not null))
                bench.Free();
        }
    }
}
