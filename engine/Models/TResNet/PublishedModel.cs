using System.Globalization;

namespace Flixstock.Engine;

/// <summary>Tells from the names and shapes of a state dict which TResNet it is of.</summary>
internal static class PublishedModel
{
    private const int Stages = 4, MostBlocks = 1000;

    /// <summary>
    /// The network, or null if it does not belong to this family; 0 classes if it has no classifier. Every tensor that
    /// is present is used, so that
    /// a file that lacks one is still recognised; loading checks that all are present.
    /// </summary>
    public static TResNetOptions? Describe(StateDict state)
    {
        if (Planes(state) is not (>= 1 and var planes))
            return null;
        var layers = Enumerable.Range(1, Stages).Select(stage => Blocks(state, stage)).ToArray();
        if (layers.Any(count => count is < 1 or > MostBlocks))
            return null;
        var (classes, head) = Head(state);
        var decoder = MlDecoderHead.Describe(state, "head");
        classes = decoder?.Classes ?? classes;
        var version2 = state.Names.Any(name => name.StartsWith("body.layer1.", StringComparison.Ordinal)
            && name.Contains(".conv3.", StringComparison.Ordinal));
        foreach (var name in TResNetOptions.VariantNames)
        {
            var variant = TResNetOptions.Variant(name, classes);
            if (variant.Planes == planes && variant.Version2 == version2 && variant.Layers.SequenceEqual(layers))
                return variant with { BottleneckHead = head, Decoder = decoder?.Options };
        }
        return new TResNetOptions
        {
            Name = "tresnet",
            Layers = layers,
            Width = Width(planes),
            Version2 = version2,
            Classes = classes,
            BottleneckHead = head,
            Decoder = decoder?.Options,
        };
    }

    /// <summary>The stages that no tensor is of, for messages.</summary>
    public static IEnumerable<string> MissingStages(StateDict state) =>
        Enumerable.Range(1, Stages).Where(stage => Blocks(state, stage) == 0).Select(stage => $"body.layer{stage}");

    // The first extent of the stem's convolution or of its norm.
    private static int Planes(StateDict state) => state.Find("body.conv1.0.weight") is { Shape: [var planes, _, _, _] }
        ? planes
        : state.Find("body.conv1.1.weight") is { Shape: [var channels] } ? channels : 0;

    private static int Blocks(StateDict state, int stage)
    {
        var prefix = $"body.layer{stage}.";
        var last = -1;
        foreach (var name in state.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var number = name.AsSpan(prefix.Length);
            if (number.IndexOf('.') is var dot and > 0
                && int.TryParse(number[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var block))
            {
                last = Math.Max(last, Math.Min(block, MostBlocks));
            }
        }
        return last + 1;
    }

    private static (int Classes, int? BottleneckHead) Head(StateDict state)
    {
        if (state.Find("head.fc.weight") is { Shape: [var classes, _] })
            return (classes, null);
        var between = state.Find("head.fc.embedding_generator.0.weight") is { Shape: [var embedding, _] }
            ? embedding
            : (int?)null;
        return state.Find("head.fc.FC.weight") is { Shape: [var outputs, var width] } ? (outputs, width) : (0, between);
    }

    // A factor whose product with 64, cut to a whole number, is the stem's width.
    private static double Width(int planes) => planes / 64.0;
}
