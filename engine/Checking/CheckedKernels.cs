using System.Reflection;

namespace Flixstock.Engine;

/// <summary>
/// An <see cref="IKernels"/> that runs every call on two tables, the one under test and a measure, from the same
/// inputs, and compares every destination. The results that stay are those of the table under test, so each operation
/// is judged on its own: an early fault does not accuse the operations after it. A proxy, so that a new operation needs
/// no edit here.
/// </summary>
/// <remarks>
/// Threads: one at a time. Waits for the device around every call: use it over a backend without graphs, to find a
/// fault, not to train.
/// </remarks>
internal class CheckedKernels : DispatchProxy
{
    private readonly Dictionary<string, OperationCheck> _checks = new(StringComparer.Ordinal);
    private readonly ReferenceKernels _sixteenBits = new();
    private IKernels _kernels = null!;
    private Device _device = null!;
    private Backend _measure = null!;
    private double _tolerance;

    /// <summary>
    /// The largest error, relative to a destination's largest value, that summing single-precision products in another
    /// order may have.
    /// </summary>
    public const double SinglePrecisionTolerance = 1e-4;

    /// <summary>Tolerance if tensor cores round factors to 10 bits.</summary>
    public const double Tf32Tolerance = 5e-3;

    /// <summary>Checks a backend's kernels against another's; <see cref="Checks"/> of the result tells.</summary>
    /// <param name="tested">The backend under test, whose results stay.</param>
    /// <param name="measure">The backend to compare with; it computes on the host, in single precision.</param>
    /// <param name="tolerance">
    /// Largest error relative to a destination's largest value; a destination of 16 bits may also be off by one of its
    /// steps. Null: by precision.
    /// </param>
    public static IKernels Create(Backend tested, Backend measure, double? tolerance = null)
    {
        ArgumentNullException.ThrowIfNull(tested);
        ArgumentNullException.ThrowIfNull(measure);
        if (!measure.Device.IsHost)
        {
            throw new ArgumentException(
                $"{measure.Device.Name} is no measure: its memory is not the host's", nameof(measure));
        }
        var proxy = Create<IKernels, CheckedKernels>();
        var own = (CheckedKernels)(object)proxy;
        (own._kernels, own._device, own._measure) = (tested.Kernels, tested.Device, measure);
        own._tolerance = tolerance ?? (tested.Precision == Precision.Tf32 ? Tf32Tolerance : SinglePrecisionTolerance);
        return proxy;
    }

    /// <summary>The comparisons so far, in the order of first calls.</summary>
    /// <param name="checkedKernels">Kernels from <see cref="Create(Backend, Backend, double?)"/>.</param>
    public static IReadOnlyList<OperationCheck> Checks(IKernels checkedKernels) => checkedKernels is CheckedKernels own
        ? [.. own._checks.Values]
        : throw new ArgumentException(
            $"{checkedKernels.GetType().Name} does not check its calls", nameof(checkedKernels));

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        using var shadow = new ShadowCall(_device, _measure.Device, targetMethod, args!);
        if (shadow.Destinations.Count == 0)
        {
            // Hints such as KeepWeight are about an address, which the measure does not have.
            Call(_kernels, targetMethod, args);
            return null;
        }
        // The processor's optimizer has single precision only.
        Call(shadow.KeepsSixteenBits ? _sixteenBits : _measure.Kernels, targetMethod, shadow.Arguments);
        _measure.Device.Synchronize();
        Call(_kernels, targetMethod, args);
        Compare(args is [CustomKernel custom, ..] ? custom.Name : targetMethod.Name, shadow);
        return null;
    }

    private void Compare(string operation, ShadowCall shadow)
    {
        var old = _checks.GetValueOrDefault(operation) ?? new OperationCheck(operation, 0, 0, null);
        var (worst, first) = (old.Worst, old.Difference);
        foreach (var (name, tested, expected) in shadow.Destinations)
        {
            // Bits of signs are of the tested values: next to 0 the measure's may lie on the other side.
            var wanted = tested.Type == ElementType.UInt8
                ? SignsOf(shadow, tested)
                : ShadowCall.ReadMeasure(expected);
            var (larger, difference) = TensorComparison.Compare(shadow.Read(tested), wanted, tested, _tolerance);
            worst = Math.Max(worst, larger);
            first ??= difference is { } at
                ? new KernelDifference(
                    operation, old.Calls + 1, name, tested.Shape, at.Element, at.Actual, at.Expected, at.Tolerance,
                    at.Differing, larger)
                : null;
        }
        _checks[operation] = new OperationCheck(operation, old.Calls + 1, worst, first);
    }

    private static double[] SignsOf(ShadowCall shadow, Tensor signs)
    {
        var output = shadow.Destinations.First(
            destination => destination.Own.Count == SignBits.BitsOfByte * signs.Count).Own;
        var values = shadow.Read(output);
        return
        [
            .. values.Chunk(SignBits.BitsOfByte).Select(
                chunk => (double)chunk.Select((value, bit) => value > 0 ? 1 << bit : 0).Sum()),
        ];
    }

    private static void Call(IKernels kernels, MethodInfo method, object?[]? arguments) =>
        method.Invoke(kernels, BindingFlags.DoNotWrapExceptions, null, arguments, null);
}
