using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// A network of the TResNet family (Ridnik et al., "TResNet: High Performance GPU-Dedicated Architecture", 2021).
/// </summary>
public sealed partial record TResNetOptions : INetworkDescription
{
    private static readonly Dictionary<string, (int[] Layers, double Width, bool Version2)> Variants = new(
        StringComparer.Ordinal)
    {
        ["tresnet_m"] = ([3, 4, 11, 3], 1.0, false),
        ["tresnet_l"] = ([4, 5, 18, 3], 1.2, false),
        ["tresnet_xl"] = ([4, 5, 24, 3], 1.3, false),
        ["tresnet_l_v2"] = ([3, 4, 23, 3], 1.0, true),
    };

    private const int MostBlocks = 1000, MostOutputs = 1_000_000, MostBoost = 1000;

    // Pixels of a block become channels; three blurs halve what is left, and each needs 2 pixels to reflect: 20 / 4 =
    // 5, 3, 2.
    private const int Block = 4, Blurs = 3;

    private static readonly ImageSizes Sizes = new(
        Block,
        Enumerable.Range(1, 100).Select(i => i * Block)
            .First(extent => Extents(extent).All(pixels => pixels >= BlurPool.SmallestExtent)),
        extent => Halved(Extents(extent).Last()));

    /// <summary>Name of the variant, or any other name for a custom network.</summary>
    public required string Name { get; init; }

    /// <summary>Residual blocks of the four stages.</summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>Factor on the 64 channels of the first stage.</summary>
    public double Width { get; init; } = 1;

    /// <summary>Outputs.</summary>
    public required int Classes { get; init; }

    /// <summary>Bottlenecks in all stages and slope 1e-6, as <c>tresnet_l_v2</c>.</summary>
    public bool Version2 { get; init; }

    /// <summary>
    /// Width of the linear layer before the last one (the "bottleneck head" for many classes), or null for one linear
    /// layer.
    /// </summary>
    public int? BottleneckHead { get; init; }

    /// <summary>An attention head in the place of the linear one; null: a linear head.</summary>
    public MlDecoderOptions? Decoder { get; init; }

    /// <summary>
    /// Factor of positive scores, with the linear layer before the pooling (<see cref="BoostHead"/>); null: the linear
    /// layer after it.
    /// </summary>
    public double? Boost { get; init; }

    /// <summary>Names that <see cref="Variant"/> takes.</summary>
    public static IReadOnlyList<string> VariantNames { get; } = [.. Variants.Keys];

    /// <summary>Channels of the first stage.</summary>
    public int Planes => (int)(64 * Width);

    /// <summary>Length of the vector the head gets.</summary>
    public int Features => Planes * 8 * Bottleneck.Expansion;

    /// <summary>A published network.</summary>
    /// <exception cref="InputException">There is no variant of this name.</exception>
    public static TResNetOptions Variant(string name, int classes) => Variants.TryGetValue(name, out var variant)
        ? new TResNetOptions
        {
            Name = name,
            Layers = variant.Layers,
            Width = variant.Width,
            Version2 = variant.Version2,
            Classes = classes,
        }
        : throw new InputException($"unknown model '{name}': choose one of {string.Join(", ", VariantNames)}");

    /// <inheritdoc />
    public string Family => TResNetFamily.Instance.Name;

    /// <inheritdoc />
    public ImageSizes ImageSizes => Sizes;

    /// <inheritdoc />
    public string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"layers {string.Join(",", Layers)} with width {Width:0.####} and {Classes} classes");

    /// <inheritdoc />
    public Network Create(Backend backend) => new TResNet(backend, this);

    /// <inheritdoc />
    public INetworkDescription WithClasses(int classes) => this with { Classes = classes };

    /// <inheritdoc />
    public void RequirePrecision(Precision precision)
    {
        if (precision == Precision.Fp16 && Version2)
        {
            throw new InputException($"{Term.Precision} fp16: {Name} has a slope of 1e-6, which half precision cannot "
                + $"invert; use {Term.Precision} bf16");
        }
    }

    /// <summary>Creates the head that these options describe.</summary>
    internal NetworkHead CreateHead(int channelMultiple) => Decoder is { } decoder
        ? new MlDecoderHead("head", Features, Classes, decoder, channelMultiple)
        : Boost is { } factor ? new BoostHead("head", Features, Classes, factor, channelMultiple)
        : new LinearHead("head", Features, Classes, BottleneckHead, channelMultiple);

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="InputException">Names the option that no network can have.</exception>
    public void Validate()
    {
        if (Layers.Count != 4 || Layers.Any(count => count is < 1 or > MostBlocks))
        {
            throw new InputException($"layers [{string.Join(", ", Layers.Take(10))}]: give four numbers from 1 to "
                + $"{MostBlocks}, one for each stage");
        }
        if (!double.IsFinite(Width) || Planes is < 1 or > 4096)
        {
            throw new InputException(
                $"width {Width}: the first stage would have {Planes} channels; give a factor of about 0.1 to 4");
        }
        if (Classes is < 1 or > MostOutputs)
            throw new InputException($"classes {Classes}: a network has from 1 to {MostOutputs} outputs");
        if (BottleneckHead is < 1 or > MostOutputs)
            throw new InputException($"bottleneck head {BottleneckHead}: it has from 1 to {MostOutputs} values");
        if (new[] { BottleneckHead is not null, Decoder is not null, Boost is not null }.Count(given => given) > 1)
        {
            throw new InputException("a bottleneck head, an attention head and boosted scores: a network has one of "
                + "the three at most");
        }
        if (Boost is { } boost && !(boost is >= 1 and <= MostBoost))
            throw new InputException($"{Term.Boost} {boost}: give a number from 1 to {MostBoost}");
        Decoder?.Validate();
    }

    // What the blurs get.
    private static IEnumerable<int> Extents(int extent)
    {
        var pixels = extent / Block;
        for (var i = 0; i < Blurs; i++)
        {
            yield return pixels;
            pixels = Halved(pixels);
        }
    }

    private static int Halved(int pixels) => (pixels + 1) / 2;
}
