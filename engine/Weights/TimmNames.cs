using System.Text.RegularExpressions;

namespace Flixstock.Engine;

/// <summary>
/// The names and norms of timm's TResNet (<c>tresnet_m</c>, <c>tresnet_l</c>, <c>tresnet_xl</c>, <c>tresnet_v2_l</c>):
/// <c>.conv</c> and <c>.bn</c> instead of the published
/// files' <c>.0</c> and <c>.1</c>, one level deeper before a blur, and plain batch norm whose weight is the factor
/// itself, whereas ABN's factor is |w| + 1e-5.
/// </summary>
internal static partial class TimmNames
{
    private const float Epsilon = 1e-5f; // of ABN's weight, as BatchNormalization.Epsilon

    /// <summary>True if names are timm's.</summary>
    public static bool Recognizes(StateDict state) => state.Find("body.conv1.conv.weight") is not null;

    /// <summary>
    /// From timm's to published form, with the same outputs in inference. A factor of at least 1e-5 becomes a weight of
    /// that less 1e-5. Smaller and negative ones have no such weight; there the sign, or the missing rest of the
    /// factor, goes into the channel's convolution and running mean.
    /// </summary>
    /// <exception cref="InputException">A norm lacks one of its tensors.</exception>
    public static StateDict ToPublished(StateDict state)
    {
        var changed = new Dictionary<string, StateTensor>(StringComparer.Ordinal);
        foreach (var tensor in state.Where(tensor => tensor.Name.EndsWith(".bn.weight", StringComparison.Ordinal)))
            Absorb(state, tensor.Name[..^".bn.weight".Length], changed);
        var result = StateNames.Empty(state);
        // the blur's filter is fixed
        foreach (var tensor in state.Where(tensor => !tensor.Name.EndsWith(".aa.filt", StringComparison.Ordinal)))
        {
            result.Add(
                changed.GetValueOrDefault(tensor.Name, tensor) with { Name = PublishedName(state, tensor.Name) });
        }
        return result;
    }

    /// <summary>Converts published names and norms to timm's form.</summary>
    public static StateDict FromPublished(StateDict state)
    {
        var result = StateNames.Empty(state);
        foreach (var tensor in state)
        {
            var name = TimmName(tensor.Name);
            result.Add(name.EndsWith(".bn.weight", StringComparison.Ordinal)
                ? StateTensors.From(
                    name, tensor.Shape, Array.ConvertAll(tensor.ToFloats(), weight => Math.Abs(weight) + Epsilon))
                : tensor with { Name = name });
        }
        return result;
    }

    private static void Absorb(StateDict state, string prefix, Dictionary<string, StateTensor> changed)
    {
        var (weight, mean, convolution) =
            (state[prefix + ".bn.weight"], state[prefix + ".bn.running_mean"], state[prefix + ".conv.weight"]);
        var factors = weight.ToFloats();
        changed[weight.Name] = StateTensors.From(
            weight.Name, weight.Shape, Array.ConvertAll(factors, factor => Math.Max(Math.Abs(factor) - Epsilon, 0)));
        var scales = Array.ConvertAll(
            factors, factor => Math.Abs(factor) >= Epsilon ? Math.Sign(factor) : factor / Epsilon);
        if (Array.TrueForAll(scales, scale => scale == 1))
            return;
        changed[mean.Name] = Scaled(mean, scales);
        changed[convolution.Name] = Scaled(convolution, scales);
    }

    private static StateTensor Scaled(StateTensor tensor, float[] scales)
    {
        var values = tensor.ToFloats();
        if (tensor.Shape is not [var channels, ..] || channels != scales.Length)
        {
            throw new InputException(
                $"tensor '{tensor.Name}' is of shape {tensor.ShapeText}, its norm has {scales.Length} channels");
        }
        var perChannel = values.Length / scales.Length;
        for (var i = 0; i < values.Length; i++)
            values[i] *= scales[i / perChannel];
        return StateTensors.From(tensor.Name, tensor.Shape, values);
    }

    // In a block of stride 2 the convolution that is followed by a blur is published one level deeper: conv1 of basic
    // blocks, conv2 of bottlenecks. Such blocks are the first of stages 2 to 4.
    private static string PublishedName(StateDict state, string name)
    {
        var match = TimmPattern().Match(name);
        if (!match.Success)
            return name;
        string Part(string group) => match.Groups[group].Value;
        var blurred = HalvingBlock().IsMatch(Part("block"))
            && Part("layer") == (state.Find(Part("block") + "conv3.conv.weight") is null ? "conv1" : "conv2");
        return $"{Part("block")}{Part("layer")}{(blurred ? ".0" : "")}{(Part("part") == "conv" ? ".0" : ".1")}"
            + $"{Part("rest")}";
    }

    private static string TimmName(string name)
    {
        var match = PublishedPattern().Match(name);
        return match.Success
            ? $"{match.Groups["layer"].Value}{(match.Groups["part"].Value == "0" ? ".conv" : ".bn")}"
                + $"{match.Groups["rest"].Value}"
            : name;
    }

    [GeneratedRegex(
        @"^(?<block>body\.(layer\d+\.\d+\.)?)(?<layer>conv\d|downsample\.\d)\.(?<part>conv|bn)(?<rest>\.[a-z_]+)$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex TimmPattern();

    [GeneratedRegex(@"^body\.layer[2-4]\.0\.$", RegexOptions.CultureInvariant)]
    private static partial Regex HalvingBlock();

    [GeneratedRegex(
        @"^(?<layer>body\.(layer\d+\.\d+\.)?(conv\d|downsample\.\d))(\.0)??\.(?<part>[01])(?<rest>\.[a-z_]+)$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex PublishedPattern();
}
