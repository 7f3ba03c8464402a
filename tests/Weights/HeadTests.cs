using Flixstock.Engine;

namespace Flixstock.Tests.Weights;

/// <summary>
/// A body without a classifier is enough to train from and for nothing else; any other tensor that is missing is named.
/// </summary>
[TestFixture]
public sealed class HeadTests
{
    private static readonly StateDict Body = TinyWeights.Only(
        name => name.StartsWith("body.", StringComparison.Ordinal));

    private static WeightsFile Read(StateDict state) => TinyWeights.Read(state);

    private static IReadOnlyList<TransferredWeight> Transfer(StateDict state)
    {
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(backend, TinyWeights.Options);
        network.Initialize(1);
        return network.LoadWhatFits(Read(state).State);
    }

    private static InputException Refused(StateDict state) => Assert.Throws<InputException>(() =>
    {
        using var checkpoint = Checkpoint.From(Read(state));
        using var backend = Backend.Cpu(1);
        checkpoint.CreateNetwork(backend).Dispose();
    })!;

    [Test]
    public void TrainingGivesABodyAFreshClassifier([Values("", "model.", "backbone.body.")] string prefix)
    {
        var state = prefix == "backbone.body." ? new StateDict() : TinyWeights.With(prefix, Body);
        foreach (var tensor in Body.Where(_ => state.Count < Body.Count)) // without "body." too
            state.Add(tensor with { Name = "backbone." + tensor.Name["body.".Length..] });
        var file = Read(state);
        Assert.That(
            (Checkpoint.ModelOf(file).Classes, ((TResNetOptions)Checkpoint.ModelOf(file)).Planes), Is.EqualTo((0, 4)));
        var report = Transfer(state);
        Assert.That(report.Where(weight => weight.Kind == TransferKind.New).Select(weight => weight.Name),
            Is.EqualTo(new[] { "head.fc.weight", "head.fc.bias" }));
        Assert.That(report.Count(weight => weight.Kind == TransferKind.Loaded), Is.GreaterThan(80));
        Assert.That(
            Refused(state).Message,
            Does.StartWith("made.pth: has the body of tresnet but no classifier: head.fc.weight is missing").And
                .Contain("TrainerOptions.InitialWeights starts from it"));
    }

    [TestCase("fc.weight", "fc.bias")]
    [TestCase("classifier.weight", "classifier.bias")]
    public void AClassifierOfOthersIsNamedAsLeftOut(params string[] names)
    {
        var state = TinyWeights.Together([Body, .. names.Select(TinyWeights.Other)]);
        Assert.That(Transfer(state).Where(weight => weight.Kind == TransferKind.New).Select(weight => weight.Name),
            Is.EqualTo(new[] { "head.fc.weight", "head.fc.bias" }));
        Assert.That(Refused(state).Message, Does.Contain($"left out, not the network's: {string.Join(", ", names)}"));
    }

    [TestCase(
        "head.decoder.embed_standart.weight", "head.decoder.query_embed.weight", "head.decoder.duplicate_pooling")]
    [TestCase("head.decoder.duplicate_pooling_bias", "head.decoder.embed_standart.weight")]
    public void WhatAnAttentionHeadLacksIsNamed(string missing, params string[] present)
    {
        var state = TinyWeights.Together([Body, .. present.Select(TinyWeights.Other)]);
        Assert.That(Refused(state).Message, Does.Contain($"but no classifier: {missing} is missing"));
    }

    [TestCase("body.conv1.0.weight")]
    [TestCase("body.conv1.1.running_var")]
    [TestCase("body.layer1.0.se.fc1.bias")]
    [TestCase("body.layer3.0.conv3.0.weight")]
    [TestCase("body.layer4.0.downsample.1.1.weight")]
    public void AnyOneTensorThatIsMissingIsNamed(string missing)
    {
        var state = TinyWeights.Together(
            TinyWeights.Only(name => name != missing), TinyWeights.Other("body.conv1.0.weights"));
        Assert.That(Refused(state).Message, Does.Contain($"1 missing: {missing}").And.Contain("body.conv1.0.weights"));
        Assert.That(() => Transfer(state), Throws.TypeOf<InputException>().With.Message
            .Contains($"1 missing: {missing}").And.Message.Contains("body.conv1.0.weights"));
    }

    [Test]
    public void CountersMayBeMissing()
    {
        var state = TinyWeights.Only(name => !name.EndsWith("num_batches_tracked", StringComparison.Ordinal));
        Assert.That(
            Transfer(state).Select(weight => weight.Kind).Distinct(), Is.EqualTo(new[] { TransferKind.Loaded }));
        using var backend = Backend.Cpu(1);
        Checkpoint.From(Read(state)).CreateNetwork(backend).Dispose();
    }

    [Test]
    public void AMissingStageOrAnotherNetworkIsToldWithNamesOfTheFile()
    {
        Assert.That(
            Refused(TinyWeights.Only(name => !name.StartsWith("body.layer3.", StringComparison.Ordinal))).Message,
            Does.Contain("nothing is of body.layer3; it has body.conv1.0.weight"));
        var resnet = TinyWeights.Together(
            TinyWeights.Other("conv1.weight"), TinyWeights.Other("bn1.weight"), TinyWeights.Other("fc.bias"));
        Assert.That(
            Refused(resnet).Message,
            Does.Contain("its 3 tensors are not a TResNet's: conv1.weight, bn1.weight, fc.bias;"));
        Assert.That(() => Transfer(resnet), Throws.TypeOf<InputException>().With.Message
            .Contains("none of its 3 tensors").And.Message.Contains("conv1.weight"));
    }

    [Test]
    public void WhatDiffersBetweenNetworksIsSaidAndWidthsThatGiveTheSameChannelsDoNot()
    {
        var tiny = TinyWeights.Options with { Name = "tresnet_m" };
        Assert.That(tiny.DifferencesFrom(TResNetOptions.Variant("tresnet_m", 3)),
            Is.EqualTo(new[] { "layers 1,1,1,1 instead of 3,4,11,3", "width 0.0625 instead of 1" }));
        Assert.That(tiny.DifferencesFrom(tiny with { Width = 0.07 }), Is.Empty, "4 channels both");
        Assert.That(tiny.DifferencesFrom(tiny with { Classes = 5, BottleneckHead = 8 }, body: true), Is.Empty);
        Assert.That(tiny.DifferencesFrom(tiny with { Classes = 5, BottleneckHead = 8 }),
            Is.EqualTo(new[] { "3 classes instead of 5", "a plain head instead of a bottleneck head of 8" }));
        Assert.That(
            TResNetOptions.Variant("tresnet_l_v2", 3).DifferencesFrom(TResNetOptions.Variant("tresnet_m", 3)).First(),
            Is.EqualTo("layers 3,4,23,3 instead of 3,4,11,3"));
    }
}
