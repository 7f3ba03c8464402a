using Flixstock.Engine;
using Flixstock.Tests.Models;

namespace Flixstock.Tests.Weights;

/// <summary>What is taken from a file beside its tensors, and from which network the tensors are.</summary>
[TestFixture]
public sealed class WeightsFileTests
{
    private static WeightsFile Read(string name) => WeightsFile.Read(Golden.PathOf("pth/" + name));

    [Test]
    public void PublishedCheckpointsGiveClassesAndTheirNames(
        [Values("model_dict_zip.pth", "model_dict_legacy.pth")] string name)
    {
        var file = Read(name);
        Assert.That(file.Classes, Is.EqualTo(21));
        Assert.That(
            file.ClassNames!.Select(pair => $"{pair.Key} {pair.Value}"),
            Is.EqualTo(new[] { "0 /m/01", "1 /m/02", "300 /m/0abc", "70000 /m/é" }));
        Assert.That(file.State.Names.First(), Is.EqualTo("conv.weight"));
    }

    [Test]
    public void ThePrefixOfDataParallelIsTakenOff()
    {
        var file = Read("module_prefix_zip.pth");
        Assert.That(file.State.Names, Is.EqualTo(Read("state_dict_zip.pth").State.Names));
        Assert.That(file.Notes.Single(), Does.Contain("module."));
        Assert.That(
            WeightsFile.Read(Golden.PathOf("pth/module_prefix_zip.pth"), asStored: true).State.Names.First(),
            Is.EqualTo("module.conv.weight"));
    }

    [Test]
    public void APublishedFileIsACheckpointWithoutADescription()
    {
        var checkpoint = Checkpoint.Load(Golden.PathOf("pth/tiny_model.pth"));
        var model = (TResNetOptions)checkpoint.Model;
        Assert.That((model.Planes, model.Classes, checkpoint.Preparation.ImageSize), Is.EqualTo((16, 21, 224)));
        Assert.That(model.Layers, Is.EqualTo(new[] { 1, 1, 1, 1 }));
        using var backend = Backend.Cpu(1);
        using var network = checkpoint.CreateNetwork(backend);
        var golden = Golden.Tensors("model/tiny_a.safetensors");
        foreach (var tensor in network.ToStateDict())
            Assert.That(tensor.Data.ToArray(), Same.As(golden["state." + tensor.Name].Data.ToArray()), tensor.Name);
    }

    [Test]
    public void EveryPublishedVariantIsRecognised(
        [Values("tresnet_m", "tresnet_l", "tresnet_xl", "tresnet_l_v2")] string name, [Values(null, 512)] int? head)
    {
        var options = TResNetOptions.Variant(name, 30) with { BottleneckHead = head };
        using var backend = Backend.Reference();
        using var network = new TResNet(backend, options);
        Assert.That(PublishedModel.Describe(network.ToStateDict())!.ToJson(), Is.EqualTo(options.ToJson()));
    }

    [Test]
    public void AFileOfAnotherNetworkIsNoCheckpoint()
    {
        Golden.Require();
        Assert.That(
            () => Checkpoint.Load(Golden.PathOf("pth/state_dict_zip.pth")),
            Throws.TypeOf<InputException>().With.Message.Contains("not a TResNet's"));
    }

    [Test]
    public void TimmsNamesGoThereAndBack([Values(false, true)] bool version2)
    {
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(backend, TinyNetworkGoldenTests.Options() with { Version2 = version2 });
        network.Initialize(5);
        var published = network.ToStateDict();
        var timm = TimmNames.FromPublished(published);
        Assert.That(timm.Names, Has.Member("body.conv1.conv.weight").And.Member("body.layer2.0.conv2.conv.weight").And
            .Member("body.layer1.0.conv1.bn.running_mean").And.Member("body.layer3.0.downsample.1.bn.weight").And
            .Member("body.layer1.0.se.fc1.weight").And.Member("head.fc.bias"));
        Assert.That(timm.Names.Any(name => name.Contains(".0.0", StringComparison.Ordinal)), Is.False);
        Assert.That(TimmNames.Recognizes(timm), Is.True);
        var back = TimmNames.ToPublished(timm);
        Assert.That(back.Names, Is.EqualTo(published.Names));
        foreach (var tensor in published)
            // a rounding of 1 + 1e-5 and back
            Assert.That(back[tensor.Name].ToFloats(), Is.EqualTo(tensor.ToFloats()).Within(1.2e-7), tensor.Name);
    }

    // y = gamma * (x * w - mean) / sqrt(var + eps) + beta, for x = 2 and one weight a channel.
    [Test]
    public void NormsOfTimmKeepTheirOutputsAlsoWithNegativeTinyAndZeroFactors()
    {
        float[] gamma = [1.5f, 1e-5f, 3e-6f, 0, -2e-6f, -0.75f], weight = [1, 2, 3, 4, 5, 6],
            mean = [0.5f, -0.5f, 1, 2, -1, 3];
        var timm = new StateDict();
        timm.Add(StateTensors.From("body.conv1.conv.weight", [6, 1, 1, 1], weight));
        timm.Add(StateTensors.From("body.conv1.bn.weight", [6], gamma));
        timm.Add(StateTensors.From("body.conv1.bn.running_mean", [6], mean));
        var own = TimmNames.ToPublished(timm);
        var (w, m, g) = (
            own["body.conv1.0.weight"].ToFloats(), own["body.conv1.1.running_mean"].ToFloats(),
            own["body.conv1.1.weight"].ToFloats());
        for (var c = 0; c < gamma.Length; c++)
        {
            var expected = (double)gamma[c] * (2 * weight[c] - mean[c]);
            Assert.That(
                (Math.Abs(g[c]) + 1e-5) * (2.0 * w[c] - m[c]),
                Is.EqualTo(expected).Within(1e-6 * Math.Abs(expected) + 1e-12), $"channel {c}");
        }
    }
}
