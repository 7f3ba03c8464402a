using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>A part of a step's calculated cost.</summary>
/// <param name="Name">What the part does.</param>
/// <param name="Launches">Kernels and libraries' calls.</param>
/// <param name="Gigabytes">Read and written.</param>
/// <param name="Teraflop">Of matrix products, in 10^12 operations.</param>
/// <param name="Milliseconds">Expected time.</param>
internal sealed record ModelPart(string Name, int Launches, double Gigabytes, double Teraflop, double Milliseconds);

/// <summary>
/// Divides a step into parts and expects a time for each call: the longest of its bytes at the bandwidth that kernels
/// of its kind reach, its products at the rate that libraries reach, and the least that its launches take. No rate here
/// was measured on the engine's own launches: they are what published figures for the H200 make likely.
/// </summary>
internal static class StepModelParts
{
    // Bytes a millisecond. The H200's memory gives 4.8 TB/s, of which a copy reaches about 4.3; sweeps with enough
    // loads in flight 85 % of that, matrix products that memory bounds 75 %.
    private const double Sweep = 0.85 * 4.3e9, Product = 0.75 * 4.3e9;

    // Operations a millisecond of 3x3 convolutions in 16 bits, over the channels of the network, by direction.
    private const double Forward = 390e9, BackwardData = 370e9, BackwardWeight = 275e9, Matrix = 400e9;

    // A kernel that does next to nothing, and what the last block of a sum adds to it: a few hundred parts at one
    // multiprocessor's share of the L2 cache.
    private const double Launch = 0.004, LastBlock = 0.003;

    private static readonly (string Name, Func<ModelledCall, bool> Is)[] Parts =
    [
        ("1x1 convolutions", call => IsConvolution(call) && Taps(call) == 1),
        ("3x3 weight gradient", call => call.Call.Operation == nameof(IKernels.ConvolutionBackwardWeight)),
        ("3x3 backward data", call => call.Call.Operation == nameof(IKernels.ConvolutionBackwardData)),
        ("3x3 forward", IsConvolution),
        ("gates of squeeze-excite, head, loss", call => !Touches4(call)),
        ("block end, backward", call => Is(call, "ResidualRelu") && Is(call, "Backward")),
        ("block end, forward", call => Is(call, "ResidualRelu")),
        ("ABN, backward", call => Is(call, "Abn") && Is(call, "Backward")),
        ("ABN, statistics and forward", call => Is(call, "Abn")),
        ("pools, blur, squeeze-excite's sweeps, input, optimizer", _ => true),
    ];

    /// <summary>The parts of a step, in a fixed order, then the whole.</summary>
    public static IReadOnlyList<ModelPart> Of(IReadOnlyList<ModelledCall> calls)
    {
        var parts = calls.GroupBy(call => Array.FindIndex(Parts, part => part.Is(call))).OrderBy(group => group.Key)
            .Select(group => Sum(Parts[group.Key].Name, group)).ToList();
        return [.. parts, Sum("step", calls)];
    }

    private static ModelPart Sum(string name, IEnumerable<ModelledCall> some)
    {
        var calls = some.ToList();
        return new ModelPart(
            name, calls.Sum(call => call.Launches.Count), calls.Sum(call => call.Bytes) / 1e9,
            calls.Sum(call => call.Call.Operations) / 1e12, calls.Sum(Milliseconds));
    }

    /// <summary>Expected time of one call, in milliseconds.</summary>
    public static double Milliseconds(ModelledCall call)
    {
        var (rate, bandwidth) = call.Call.Operation switch
        {
            nameof(IKernels.ConvolutionBackwardWeight) when Taps(call) > 1 => (BackwardWeight, Product),
            nameof(IKernels.ConvolutionBackwardData) when Taps(call) > 1 => (BackwardData, Product),
            _ when IsConvolution(call) => (Taps(call) > 1 ? Forward : Matrix, Product),
            _ => (Matrix, Sweep),
        };
        var sums = call.Launches.Count(IsSum);
        return Math.Max(
            Math.Max(call.Bytes / bandwidth, call.Call.Operations / rate) + sums * LastBlock,
            call.Launches.Count * Launch);
    }

    private static bool IsSum(string launch) => launch.Contains("_sums", StringComparison.Ordinal)
        || launch.StartsWith("abn_statistics", StringComparison.Ordinal)
        || launch.StartsWith("abn_moments", StringComparison.Ordinal);

    private static bool IsConvolution(ModelledCall call) => Is(call, "Convolution");

    private static bool Is(ModelledCall call, string what) =>
        call.Call.Operation.Contains(what, StringComparison.Ordinal);

    // Pixels of the window: the tensor [K, R, S, C] is the weight or its gradient.
    private static int Taps(ModelledCall call)
    {
        var position = call.Call.Operation == nameof(IKernels.ConvolutionBackwardWeight) ? 2 : 1;
        var weight = Shapes(call)[position];
        return weight.Height * weight.Width;
    }

    private static bool Touches4(ModelledCall call) =>
        Shapes(call).Any(shape => shape.Rank == 4) || Is(call, nameof(IKernels.AdamStep));

    private static Shape[] Shapes(ModelledCall call) =>
    [
        .. call.Call.Arguments.Select(argument => argument switch
        {
            Tensor tensor => tensor.Shape,
            ReadOnlyTensor tensor => tensor.Shape,
            _ => default,
        }).Where(shape => shape.Rank > 0),
    ];
}
