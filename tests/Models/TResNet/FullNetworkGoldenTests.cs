using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>
/// The published networks: state-dict keys, order, shapes, and logits of hashed weights (golden/model/full_*).
/// </summary>
[Parallelizable] // nothing is shared, nothing is counted
public class FullNetworkGoldenTests
{
    // Float32 noise of the reference is at most 7.7e-6; the golden page asks for this.
    private const double LogitTolerance = 1e-4;

    [Test]
    public void TheHashIsTheGoldenPages()
    {
        Assert.That(HashedWeights.Uniform("input", 0), Is.EqualTo(0.09781831502914429));
        Assert.That(HashedWeights.Uniform("body.conv1.0.weight", 2), Is.EqualTo(0.020640194416046143));
    }

    [Test]
    public void NamesShapesAndOrderArePublishedOnes(
        [Values("tresnet_m", "tresnet_l", "tresnet_xl", "tresnet_l_v2")] string name)
    {
        var golden = Golden.Json($"model/full_{name}.json");
        using var backend = Backend.Reference();
        using var network = new TResNet(backend, TResNetOptions.Variant(name, 21));
        var expected = golden.GetProperty("state_dict_21").EnumerateArray()
            .Select(entry => $"{entry[0].GetString()} [{string.Join(", ", entry[1].EnumerateArray())}]");
        Assert.That(network.ToStateDict().Select(tensor => $"{tensor.Name} {tensor.ShapeText}"), Is.EqualTo(expected));
        var trained = network.Buffer.Parameters.Where(parameter => parameter.Kind != ParameterKind.RunningStatistic)
            .Sum(parameter => parameter.Shape.Count);
        Assert.That(trained, Is.EqualTo(golden.GetProperty("params_21").GetInt64()));
    }

    [Test]
    public void OtherHeadsHavePublishedNames([Values("tresnet_m", "tresnet_l")] string name)
    {
        using var backend = Backend.Reference();
        foreach (var head in Golden.Json($"model/full_{name}.json").GetProperty("heads").EnumerateArray())
        {
            using var network = new TResNet(backend, HeadOptions(name, head));
            var state = network.ToStateDict();
            var expected = head.GetProperty("head_keys").EnumerateArray()
                .Select(entry => $"{entry[0].GetString()} [{string.Join(", ", entry[1].EnumerateArray())}]");
            var actual = state.Where(tensor => tensor.Name.StartsWith("head.", StringComparison.Ordinal))
                .Select(tensor => $"{tensor.Name} {tensor.ShapeText}");
            Assert.That(actual, Is.EqualTo(expected));
            Assert.That(state, Has.Count.EqualTo(head.GetProperty("n_state_keys").GetInt32()));
        }
    }

    // Plain loops take minutes for the larger ones.
    private static IEnumerable<TestCaseData> Runs()
    {
        yield return new TestCaseData("tresnet_m", 224, "reference");
        if (!Kinds.All.Contains("cpu"))
            yield break;
        foreach (var (name, size) in new[]
        {
            ("tresnet_m", 224), ("tresnet_m", 448), ("tresnet_l", 224), ("tresnet_xl", 224), ("tresnet_l_v2", 224),
        })
        {
            yield return new TestCaseData(name, size, "cpu");
        }
    }

    [TestCaseSource(nameof(Runs)), Category("slow")]
    public void LogitsAgree(string name, int size, string kind)
    {
        using var backend = Kinds.Open(kind);
        using var model = new TResNet(backend, TResNetOptions.Variant(name, 21));
        HashedWeights.Fill(model);
        var expected = Floats(Golden.Json($"model/full_{name}.json").GetProperty("sizes").GetProperty(size.ToString())
            .GetProperty("logits_f64"));
        var input = HashedWeights.Input(backend.Device, size);
        using var arena = new DynamicArena(backend.Device);
        var logits = backend.Device.ToHost<float>(model.Forward(backend.NewPass(arena, training: false), input));
        Assert.That(Numbers.Compare("logits", logits, expected, LogitTolerance), Is.Null);
    }

    private static TResNetOptions HeadOptions(string name, JsonElement head)
    {
        var bottleneck = head.GetProperty("do_bottleneck_head").GetBoolean();
        return TResNetOptions.Variant(name, head.GetProperty("num_classes").GetInt32()) with
        {
            BottleneckHead = bottleneck ? 512 : null,
        };
    }

    private static float[] Floats(JsonElement array) =>
        [.. array.EnumerateArray().Select(value => (float)value.GetDouble())];
}
