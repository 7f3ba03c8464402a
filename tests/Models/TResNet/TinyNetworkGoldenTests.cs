using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>
/// Whole small networks against the reference implementation: stages, logits, every gradient, statistics
/// (golden/model/tiny_*).
/// </summary>
public class TinyNetworkGoldenTests
{
    private static readonly string[] Files = ["tiny_a", "tiny_b", "tiny_c"];
    private static readonly string[] Stages = ["conv1", "layer1", "layer2", "layer3", "layer4", "pooled"];

    internal static TResNetOptions Options(int? bottleneckHead = null) =>
        new() { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.25, Classes = 21, BottleneckHead = bottleneckHead };

    /// <summary>A tiny network with the weights of a golden file.</summary>
    internal static TResNet Build(Backend backend, string file)
    {
        var network = new TResNet(backend, Options(file == "tiny_c" ? 32 : null));
        var state = new StateDict();
        var (body, own) = (Golden.Tensors("model/tiny_a.safetensors"), Golden.Tensors($"model/{file}.safetensors"));
        foreach (var tensor in body.Where(tensor => tensor.Name.StartsWith("state.body.", StringComparison.Ordinal)))
            state.Add(tensor with { Name = tensor.Name["state.".Length..] });
        var head = file == "tiny_c" ? own : body;
        foreach (var tensor in head.Where(tensor => tensor.Name.StartsWith("state.head.", StringComparison.Ordinal)))
            state.Add(tensor with { Name = tensor.Name["state.".Length..] });
        network.Load(state);
        return network;
    }

    [Test]
    public void StagesLogitsGradientsAndStatisticsAgree(
        [ValueSource(nameof(Files))] string file, [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind)
    {
        using var backend = Kinds.Open(kind);
        using var network = Build(backend, file);
        using var arena = new DynamicArena(backend.Device);
        var golden = Golden.Tensors($"model/{file}.safetensors");
        var input = TestTensors.ToNhwc(golden["input"], backend.Device);
        var problems = new List<string?>();
        void Check(string tensor, float[] actual, double? tolerance = null) =>
            problems.Add(Numbers.Compare(
                $"{file}.{tensor}", actual, golden[tensor].ToFloats(), tolerance ?? Numbers.Tolerance(file, tensor)));

        foreach (var training in new[] { false, true })
        {
            arena.Reset();
            var prefix = training ? "train." : "eval.";
            var stages = new Dictionary<string, float[]>(StringComparer.Ordinal);
            var pass = backend.NewPass(arena, training) with
            {
                Observer = (layer, output) => Record(backend, stages, layer, output),
            };
            var logits = network.Forward(pass, input);
            foreach (var stage in Stages)
                Check(prefix + stage, stages[stage]);
            Check(prefix + "logits", backend.Device.ToHost<float>(logits));
            if (!training)
                continue;
            var gradient = LossGradient(backend, golden, logits, out var loss);
            Check("train.loss", [loss]);
            var inputGradient = backend.Device.Allocate(input.Shape);
            network.Backward(pass, gradient, inputGradient);
            CheckGradients(network, golden, Check);
            Check(
                "grad_input", TestTensors.ToNchw(inputGradient, backend.Device),
                1e-4 * Numbers.Largest(golden["grad_input"].ToFloats()));
        }
        Assert.That(problems.OfType<string>(), Is.Empty);
    }

    // Tolerance of gradients as the golden page has it; statistics as any tensor.
    private static void CheckGradients(TResNet network, StateDict golden, Action<string, float[], double?> check)
    {
        foreach (var parameter in network.Buffer.Parameters)
        {
            var trained = parameter.Kind != ParameterKind.RunningStatistic;
            var value = network.Backend.Device.ToHost<float>(trained ? parameter.Gradient : parameter.Value);
            var name = (trained ? "grad." : "after.") + parameter.Name;
            double? tolerance = trained ? 1e-4 * Numbers.Largest(golden[name].ToFloats()) : null;
            check(name, PublishedLayout.ToPublished(parameter, value).ToFloats(), tolerance);
        }
        foreach (var tensor in network.ToStateDict()
            .Where(tensor => tensor.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal)))
        {
            Assert.That(tensor.ToIntegers(), Is.EqualTo(golden["after." + tensor.Name].ToIntegers()), tensor.Name);
        }
    }

    private static Tensor LossGradient(Backend backend, StateDict golden, Tensor logits, out float loss)
    {
        var labels = backend.Device.FromHost<sbyte>(
            Array.ConvertAll(golden["targets"].ToIntegers(), label => (sbyte)label), logits.Shape, ElementType.Int8);
        var prior = TestTensors.ToNhwc(golden["prior"], backend.Device);
        var total = backend.Device.Allocate(new Shape(1));
        var gradient = backend.Device.Allocate(logits.Shape);
        backend.Kernels.SelectiveLoss(
            logits, labels, prior, SelectiveLossOptions.Default, total, gradient, Tensor.None);
        loss = backend.Device.ToHost<float>(total)[0];
        return gradient;
    }

    // The stem's output is its ABN's; a stage's is its last block's; the last one written under a name stays.
    private static void Record(Backend backend, Dictionary<string, float[]> stages, Layer layer, Tensor output)
    {
        var name = layer switch
        {
            InplaceAbn { Name: "body.conv1.1" } => "conv1",
            ResidualBlock => layer.Name.Split('.')[1],
            GlobalAveragePool => "pooled",
            _ => null,
        };
        if (name is not null)
            stages[name] = TestTensors.ToNchw(output, backend.Device);
    }
}
