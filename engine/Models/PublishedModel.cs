namespace Flixstock.Engine;

/// <summary>Tells from the names and shapes of a state dict which TResNet it is of.</summary>
internal static class PublishedModel
{
    private const string Stem = "body.conv1.0.weight";
    private const int Stages = 4, MostBlocks = 1000;

    /// <summary>The network, or null if it is none of this family. Heads and blocks are counted, not checked: loading does that.</summary>
    public static TResNetOptions? Describe(StateDict state)
    {
        if (state.Find(Stem) is not { Shape: [var planes and >= 1, _, _, _] })
            return null;
        var layers = Enumerable.Range(1, Stages).Select(stage => Blocks(state, stage)).ToArray();
        var (classes, head) = Head(state);
        if (classes < 1 || layers.Any(count => count < 1))
            return null;
        var version2 = state.Find("body.layer1.0.conv3.0.weight") is not null;
        foreach (var name in TResNetOptions.VariantNames)
        {
            var variant = TResNetOptions.Variant(name, classes);
            if (variant.Planes == planes && variant.Version2 == version2 && variant.Layers.SequenceEqual(layers))
                return variant with { BottleneckHead = head };
        }
        return new TResNetOptions { Name = "tresnet", Layers = layers, Width = Width(planes), Version2 = version2, Classes = classes, BottleneckHead = head };
    }

    private static int Blocks(StateDict state, int stage)
    {
        bool Exists(int block) => state.Find($"body.layer{stage}.{block}.conv2.0.weight") is not null || state.Find($"body.layer{stage}.{block}.conv2.0.0.weight") is not null;
        var count = 0;
        while (count < MostBlocks && Exists(count))
            count++;
        return count;
    }

    private static (int Classes, int? BottleneckHead) Head(StateDict state)
    {
        if (state.Find("head.fc.weight") is { Shape: [var classes, _] })
            return (classes, null);
        return state.Find("head.fc.FC.weight") is { Shape: [var outputs, var width] } ? (outputs, width) : (0, null);
    }

    // A factor whose product with 64, cut to a whole number, is the stem's width.
    private static double Width(int planes) => planes / 64.0;
}
