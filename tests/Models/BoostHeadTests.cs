using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>Scores of pixels whose positive ones are boosted, against the published numbers and a plain head.</summary>
public sealed class BoostHeadTests
{
    [TestCaseSource(typeof(Kinds), nameof(Kinds.All))]
    public void AgreesWithThePublishedNumbers(string kind)
    {
        var golden = Golden.KeptTensors("model/boost.safetensors");
        using var backend = Kinds.Open(kind);
        var weight = golden["boostlu.weight"];
        using var boosted = new HeadUnderTest(
            backend, new BoostHead("head", weight.Shape[1], weight.Shape[0], factor: 5),
            name => golden["boostlu." + name["head.fc.".Length..]]);
        boosted.Check(
            golden, "boostlu.features", "boostlu.features_gradient",
            name => $"boostlu.{name["head.fc.".Length..]}_gradient");
    }

    [TestCaseSource(typeof(Kinds), nameof(Kinds.All))]
    public void AFactorOfOneIsTheLinearHead(string kind)
    {
        using var backend = Kinds.Open(kind);
        var (boosted, linear) = (Scores(backend, 1), Scores(backend, null));
        TestTensors.AssertClose(boosted, linear, 1e-5 * TestTensors.Largest(linear), "scores");
        Assert.That(Scores(backend, 5), Is.Not.EqualTo(boosted).Within(1e-3 * TestTensors.Largest(boosted)));
    }

    private static float[] Scores(Backend backend, double? factor)
    {
        var options = TResNetOptions.Variant("tresnet_m", 3) with
        {
            Name = "small",
            Layers = [1, 1, 1, 1],
            Width = 0.125,
            Boost = factor,
        };
        using var network = new TResNet(backend, options);
        network.Initialize(5);
        using var arena = new DynamicArena(backend.Device);
        var shape = new Shape(2, 32, 32, 3);
        var pictures = backend.Device.FromHost<float>(TestTensors.Random(shape.Count, 1), shape);
        var logits = network.Forward(new Pass(backend.Kernels, arena, Training: false), pictures);
        return backend.Device.ToHost<float>(logits);
    }
}
