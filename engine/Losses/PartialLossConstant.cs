namespace Flixstock.Engine;

/// <summary>A constant of a loss for unknown labels, as options and a run's files have it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Least">Smallest value.</param>
/// <param name="Most">Largest value.</param>
/// <param name="Get">Its value.</param>
/// <param name="Set">The options with another value.</param>
/// <param name="IsWhole">True if it is a whole number.</param>
internal sealed record PartialLossConstant(
    string Name, float Least, float Most, Func<PartialLossOptions, float> Get,
    Func<PartialLossOptions, float, PartialLossOptions> Set, bool IsWhole = false)
{
    private const float LargestFactor = 10, LargestSlope = 100, SmallestDivisor = 0.001f;

    private static readonly PartialLossConstant Margin = new(
        "margin", 0, LargestFactor, loss => loss.Margin, (loss, value) => loss with { Margin = value });

    private static readonly PartialLossConstant Gamma = new(
        "gamma", 0, LargestFactor, loss => loss.Gamma, (loss, value) => loss with { Gamma = value });

    private static readonly PartialLossConstant[] Hill =
    [
        new("lambda", 0, LargestFactor, loss => loss.Lambda, (loss, value) => loss with { Lambda = value }),
        Margin, Gamma,
    ];

    private static readonly PartialLossConstant[] Splc =
    [
        new("tau", SmallestDivisor, 1 - SmallestDivisor, loss => loss.Threshold,
            (loss, value) => loss with { Threshold = value }),
        new("from", 1, 1_000_000, loss => loss.FirstEpoch, (loss, value) => loss with { FirstEpoch = (int)value },
            IsWhole: true),
        Margin, Gamma,
    ];

    private static readonly PartialLossConstant[] Entropy =
    [
        new("alpha", 0, LargestFactor, loss => loss.Alpha, (loss, value) => loss with { Alpha = value }),
    ];

    private static readonly PartialLossConstant[] AsymmetricEntropy =
    [
        .. Entropy,
        new("beta", 0, LargestFactor, loss => loss.Beta, (loss, value) => loss with { Beta = value }),
        new("warmup", 1, 1_000_000, loss => loss.Warmup, (loss, value) => loss with { Warmup = (int)value },
            IsWhole: true),
    ];

    private static readonly PartialLossConstant[] Robust =
    [
        new("q2", SmallestDivisor, 1, loss => loss.Q2, (loss, value) => loss with { Q2 = value }),
        new("q3", SmallestDivisor, 1, loss => loss.Q3, (loss, value) => loss with { Q3 = value }),
        .. Range("w", -LargestSlope, LargestSlope, loss => loss.Slope, (loss, range) => loss with { Slope = range }),
        .. Range("b", -LargestSlope, LargestSlope, loss => loss.Offset, (loss, range) => loss with { Offset = range }),
        .. Range("mu", 0, 1, loss => loss.Mean, (loss, range) => loss with { Mean = range }),
        .. Range("sigma", SmallestDivisor, LargestSlope, loss => loss.Deviation,
            (loss, range) => loss with { Deviation = range }),
    ];

    private static readonly PartialLossConstant[] LargeLosses =
    [
        new("rate", 0, 100, loss => loss.Rate, (loss, value) => loss with { Rate = value }),
    ];

    /// <summary>The constants of a loss.</summary>
    public static IReadOnlyList<PartialLossConstant> Of(PartialLossKind kind) => kind switch
    {
        PartialLossKind.Hill => Hill,
        PartialLossKind.Splc => Splc,
        PartialLossKind.Em => Entropy,
        PartialLossKind.EmApl => AsymmetricEntropy,
        PartialLossKind.Gr => Robust,
        PartialLossKind.Wan => [],
        _ => LargeLosses,
    };

    /// <summary>True for a value that it can have.</summary>
    public bool Takes(float value) => value >= Least && value <= Most && (!IsWhole || value == MathF.Round(value));

    // w0 at the beginning, w1 at the end.
    private static IEnumerable<PartialLossConstant> Range(
        string name, float least, float most, Func<PartialLossOptions, EpochRange> get,
        Func<PartialLossOptions, EpochRange, PartialLossOptions> set) =>
    [
        new($"{name}0", least, most, loss => get(loss).First,
            (loss, value) => set(loss, get(loss) with { First = value })),
        new($"{name}1", least, most, loss => get(loss).Last,
            (loss, value) => set(loss, get(loss) with { Last = value })),
    ];
}
