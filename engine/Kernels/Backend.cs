namespace Flixstock.Engine;

/// <summary>
/// A device and the kernels that run on it: chosen once, then handed to models, trainers and predictors.
/// </summary>
/// <remarks>
/// Threads: any number; networks, predictors and trainings on it take turns by <see cref="Device.EnterExclusive"/>.
/// </remarks>
/// <param name="device">The device: memory and copies.</param>
/// <param name="kernels">The operations, computed on that device.</param>
/// <param name="precision">Precision of convolutions and activations.</param>
public sealed partial class Backend(Device device, IKernels kernels, Precision precision = Precision.Fp32) : IDisposable
{
    /// <summary>Memory and copies.</summary>
    public Device Device { get; } = device;

    /// <summary>The operations.</summary>
    public IKernels Kernels { get; } = kernels;

    /// <summary>Precision of convolutions and activations.</summary>
    public Precision Precision { get; } = precision;

    /// <summary>
    /// True: the processor computes every convolution directly. False is faster there; GPUs make no difference.
    /// </summary>
    public bool IsExact { get; init; }

    /// <summary>
    /// The precision as runs note it: one that continues has to compute as it began, to come to the same numbers.
    /// </summary>
    internal string PrecisionName => IsExact ? Precision.Name() + " exact" : Precision.Name();

    /// <summary>Type of activations.</summary>
    public ElementType ActivationType => Precision.ActivationType();

    /// <summary>
    /// Whether steps are captured and replayed if the device can do so: see <see cref="Device.Capture"/>. False for
    /// debugging.
    /// </summary>
    public bool Graphs { get; init; } = device.Captures;

    /// <summary>
    /// True: steps compute weight gradients next to other work. Not where calls are observed: what a call takes could
    /// not be told then.
    /// </summary>
    internal bool Overlaps { get; init; } = device.Overlaps;

    /// <summary>
    /// True: the device may add up convolutions while it computes them. Not where each operation is to be judged on its
    /// own.
    /// </summary>
    internal bool SumsConvolutions { get; init; } = device.SumsConvolutions;

    /// <summary>Told which part of a step is being queued; null, as nearly always, for no observer.</summary>
    internal IRangeObserver? Ranges { get; init; }

    /// <summary>The same device, watched: every step is queued anew, so that every call can be observed.</summary>
    /// <param name="kernels">Usually a decorator of <see cref="Kernels"/>.</param>
    /// <param name="ranges">Told which part of a step is being queued, or null.</param>
    /// <param name="oneByOne">True: no operation does the work of two.</param>
    internal Backend Watched(IKernels kernels, IRangeObserver? ranges = null, bool oneByOne = false) =>
        new(Device, kernels, Precision)
        {
            Graphs = false,
            Ranges = ranges,
            IsExact = IsExact,
            Overlaps = false,
            SumsConvolutions = !oneByOne && SumsConvolutions,
        };

    /// <summary>
    /// The same device and kernels, with an observer; steps are captured as before, and replayed ones are not observed.
    /// </summary>
    internal Backend Observed(IRangeObserver ranges) =>
        new(Device, Kernels, Precision) { Graphs = Graphs, Ranges = ranges, IsExact = IsExact };

    /// <summary>The processor with SIMD kernels.</summary>
    /// <param name="threads">Threads to use; 0 takes all cores.</param>
    /// <param name="exact">
    /// Compute every convolution directly. Otherwise those of 3x3 on large pictures take Winograd's filtering, which
    /// is faster and whose rounding errors are about twice as large.
    /// </param>
    public static Backend Cpu(int threads = 0, bool exact = false)
    {
        var device = new CpuDevice(threads);
        return new Backend(device, new CpuKernels(device, exact)) { IsExact = exact };
    }

    /// <summary>
    /// The processor with plain loops and double accumulators: slow, and the measure of everything else.
    /// </summary>
    public static Backend Reference() => new(new CpuDevice(1), new ReferenceKernels());

    /// <summary>A pass over this backend.</summary>
    public Pass NewPass(TensorArena arena, bool training) =>
        new(Kernels, arena, training)
        {
            ActivationType = ActivationType,
            Ranges = Ranges,
            KeepsSigns = Device.KeepsSigns,
            SumsConvolutions = SumsConvolutions,
        };

    /// <inheritdoc />
    public void Dispose() => Device.Dispose();
}
