using Flixstock.Engine;

namespace Flixstock.Tests.Models;

public class FoldedNetworkTests
{
    private static readonly string[] Files = ["tiny_a", "tiny_b", "tiny_c"];

    // Folding moves roundings: float32 noise of a few times 1e-6 on logits up to 4.
    private const double Tolerance = 1e-4;

    [Test]
    public void FoldedLogitsAreTheNetworks(
        [ValueSource(nameof(Files))] string file, [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind)
    {
        using var backend = Kinds.Open(kind);
        using var network = TinyNetworkGoldenTests.Build(backend, file);
        using var folded = new FoldedNetwork(network);
        var golden = Golden.Tensors($"model/{file}.safetensors");
        var logits = backend.Device.ToHost<float>(folded.Forward(TestTensors.ToNhwc(golden["input"], backend.Device)));
        Assert.That(Numbers.Compare("logits", logits, golden["eval.logits"].ToFloats(), Tolerance), Is.Null);
    }

    [Test]
    public void FoldingAFilesWeightsGivesTheSameBits([ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind)
    {
        using var backend = Kinds.Open(kind);
        using var network = TinyNetworkGoldenTests.Build(backend, "tiny_a");
        using var built = new FoldedNetwork(network);
        var read = FoldedNetwork.From(network.ToStateDict(), network.Options, backend);
        var input = TestTensors.ToNhwc(Golden.Tensors("model/tiny_a.safetensors")["input"], backend.Device);
        var logits = backend.Device.ToHost<float>(read.Forward(input));
        Assert.That(logits, Same.As(backend.Device.ToHost<float>(built.Forward(input))));
        read.Dispose();
        Assert.That(
            backend.Device.ToHost<float>(built.Forward(input)), Same.As(logits),
            "after the other has freed its weights");
    }

    [Test]
    public void FoldingAFilesWeightsTakesTheirMemoryOnce()
    {
        var options = TinyNetworkGoldenTests.Options() with { Width = 1, Layers = [1, 1, 2, 2] };
        StateDict state;
        long bytes;
        using (var first = Backend.Cpu(1))
        using (var network = new TResNet(first, options))
            (state, bytes) = (network.ToStateDict(), network.Buffer.Values.Bytes);
        using var backend = Backend.Cpu(1);
        using var folded = FoldedNetwork.From(state, options, backend);
        // The largest weight is there twice for a moment; columns are filled up to whole vectors.
        var largest = state.Max(tensor => tensor.Data.Length);
        Assert.That(((CpuDevice)backend.Device).PeakBytes, Is.LessThan((bytes * 1.1) + largest));
    }

    [Test]
    public void BothVersionsFold([Values(false, true)] bool version2)
    {
        using var backend = Backend.Reference();
        using var network = new TResNet(
            backend, TinyNetworkGoldenTests.Options() with { Layers = [2, 1, 2, 1], Version2 = version2 });
        HashedWeights.Fill(network);
        using var folded = new FoldedNetwork(network);
        using var arena = new DynamicArena(backend.Device);
        var input = HashedWeights.Input(backend.Device, 36);
        var expected = backend.Device.ToHost<float>(network.Forward(backend.NewPass(arena, training: false), input));
        Assert.That(
            Numbers.Compare("logits", backend.Device.ToHost<float>(folded.Forward(input)), expected, Tolerance),
            Is.Null);
    }

    [Test]
    public void BatchesAndSizesDoNotDisturbEachOther()
    {
        using var backend = Backend.Reference();
        using var network = TinyNetworkGoldenTests.Build(backend, "tiny_a");
        using var folded = new FoldedNetwork(network);
        var random = new Random(1);
        float[] Logits(byte[] pixels, int batch, int size)
        {
            var logits = new float[batch * 21];
            folded.Run(pixels, batch, size, size, logits);
            return logits;
        }
        var first = new byte[3 * 32 * 32];
        random.NextBytes(first);
        var alone = Logits(first, 1, 32);
        for (var size = 24; size <= 44; size += 4) // more shapes than are kept
            Logits(new byte[2 * 3 * size * size], 2, size);
        Assert.That(Logits(first, 1, 32), Is.EqualTo(alone));
        Assert.That(
            Logits([.. first, .. new byte[first.Length]], 2, 32)[..21], Is.EqualTo(alone),
            "a picture's logits depend on its neighbour in the batch");
    }

    [Test]
    public void ASizeTheNetworkCannotTakeIsRefused()
    {
        using var backend = Backend.Reference();
        using var network = TinyNetworkGoldenTests.Build(backend, "tiny_a");
        using var folded = new FoldedNetwork(network);
        Assert.That(
            () => folded.Run(new byte[3 * 30 * 30], 1, 30, 30, new float[21]),
            Throws.TypeOf<InputException>().With.Message.Contains("30x30").And.Message.Contains("20x20"));
    }
}
