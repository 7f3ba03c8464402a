using Flixstock.Engine;
using Flixstock.Tests.Models;

namespace Flixstock.Tests.Weights;

/// <summary>
/// Fine-tuning's start: what fits is loaded, the classifier may differ, anything else that differs is an error.
/// </summary>
[TestFixture]
public sealed class TransferTests
{
    private static StateDict Published() => WeightsFile.Read(Golden.PathOf("pth/tiny_model.pth")).State;

    private static TResNet Network(Backend backend, TResNetOptions options)
    {
        var network = new TResNet(backend, options);
        network.Initialize(1);
        return network;
    }

    [Test]
    public void TheSameClassesLoadEverything()
    {
        using var backend = Backend.Cpu(1);
        using var network = Network(backend, TinyNetworkGoldenTests.Options());
        Assert.That(
            network.LoadWhatFits(Published()).Select(weight => weight.Kind).Distinct(),
            Is.EqualTo(new[] { TransferKind.Loaded }));
        var state = Published();
        foreach (var tensor in network.ToStateDict())
            Assert.That(tensor.Data.ToArray(), Same.As(state[tensor.Name].Data.ToArray()), tensor.Name);
    }

    [Test]
    public void OtherClassesGetANewClassifierAndTheBodyIsLoaded([Values(null, 8)] int? bottleneck)
    {
        using var backend = Backend.Cpu(1);
        using var network = Network(
            backend, TinyNetworkGoldenTests.Options() with { Classes = 5, BottleneckHead = bottleneck });
        var fresh = network.ToStateDict();
        var report = network.LoadWhatFits(Published());
        Assert.That(
            report.Where(weight => weight.Kind == TransferKind.New).Select(weight => weight.Name),
            Is.EqualTo(fresh.Names.Where(name => name.StartsWith("head.", StringComparison.Ordinal))));
        Assert.That(
            report.Where(weight => weight.Kind == TransferKind.Ignored).Select(weight => weight.Name),
            Is.EqualTo(new[] { "head.fc.weight", "head.fc.bias" }));
        var loaded = network.ToStateDict();
        foreach (var name in fresh.Names)
        {
            Assert.That(
                loaded[name].Data.ToArray(),
                Same.As(
                    (name.StartsWith("head.", StringComparison.Ordinal) ? fresh : Published())[name].Data.ToArray()),
                name);
        }
    }

    [Test]
    public void AnotherShapeElsewhereIsAnErrorAndChangesNothing()
    {
        using var backend = Backend.Cpu(1);
        using var network = Network(backend, TinyNetworkGoldenTests.Options() with { Width = 0.5 });
        Golden.Require();
        var before = network.ToStateDict()["body.layer1.0.conv1.0.weight"].Data.ToArray();
        Assert.That(() => network.LoadWhatFits(Published()), Throws.TypeOf<InputException>().With.Message
            .Contains("body.conv1.0.weight has [16, 48, 3, 3], expected [32, 48, 3, 3]"));
        Assert.That(network.ToStateDict()["body.layer1.0.conv1.0.weight"].Data.ToArray(), Same.As(before));
    }

    [Test]
    public void WeightsOfNothingInTheNetworkAreAnError()
    {
        using var backend = Backend.Cpu(1);
        using var network = Network(backend, TinyNetworkGoldenTests.Options());
        Golden.Require();
        Assert.That(
            () => network.LoadWhatFits(WeightsFile.Read(Golden.PathOf("pth/state_dict_zip.pth")).State),
            Throws.TypeOf<InputException>().With.Message.Contains("none of its"));
    }
}
