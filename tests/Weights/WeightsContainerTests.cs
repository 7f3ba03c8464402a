using Flixstock.Engine;
using static Flixstock.Tests.Weights.TestPickle;

namespace Flixstock.Tests.Weights;

/// <summary>
/// Where the weights are in a file is found by what it holds: any dictionary, any prefix, plain or averaged.
/// </summary>
[TestFixture]
public sealed class WeightsContainerTests
{
    private static readonly string[] Keys =
    [
        "model", "state_dict", "ema", "model_ema", "state_dict_ema", "weights", "a key of nobody's",
        "module", "params_ema",
    ];
    private static readonly string[] Prefixes =
    [
        "module.", "model.", "net.", "backbone.", "model._orig_mod.", "_orig_mod.module.", "ema_model.module.",
        "lit.learner.encoder.", "body.",
    ];

    [TestCaseSource(nameof(Keys))]
    public void AnyKeyIsFound(string key)
    {
        var file = TinyWeights.Read(
            Of(("epoch", 3), (key, TinyWeights.Plain), ("optimizer", Of(("state", Of(("step", 1)))))));
        Assert.That(TinyWeights.Same(file.State, TinyWeights.Plain));
        Assert.That(file.Entries.Single(), Has.Property("Name").EqualTo(key).And.Property("Taken").True);
        Assert.That(file.Notes.Single(), Does.Contain("epoch").And.Contain("optimizer").And.Not.Contain(key + ","));
    }

    [TestCaseSource(nameof(Prefixes))]
    public void AnyPrefixIsTakenOffAndTheRestIsNamed(string prefix)
    {
        var file = TinyWeights.Read(Of(("state_dict", TinyWeights.Together(
            TinyWeights.Other("criterion.pos_weight"), TinyWeights.With(prefix), TinyWeights.Other("val_map.total")))));
        Assert.That(TinyWeights.Same(file.State, TinyWeights.Plain));
        Assert.That(file.Notes, Has.Some.Contains($"'{prefix}' was taken off"));
        Assert.That(
            file.Remarks,
            Has.Some.EqualTo("left out, not the network's: criterion.pos_weight, val_map.total (2 tensors)"));
    }

    [Test]
    public void PrefixesAreFoundInSafetensorsToo([ValueSource(nameof(Prefixes))] string prefix)
    {
        using var stream = new MemoryStream();
        SafetensorsFile.Write(stream, TinyWeights.Together(TinyWeights.With(prefix), TinyWeights.Other("loss.weight")));
        var file = WeightsFile.Parse(stream.ToArray(), "made.safetensors");
        Assert.That(TinyWeights.Same(file.State, TinyWeights.Plain));
        Assert.That(file.Remarks, Has.Some.Contains("loss.weight"));
    }

    [TestCase("body._orig_mod.")]
    [TestCase("body.module.")]
    public void PartsMayBeWrapped(string wrapped)
    {
        var state = new StateDict();
        foreach (var tensor in TinyWeights.Plain)
        {
            state.Add(tensor with
            {
                Name = tensor.Name.Replace("body.", wrapped, StringComparison.Ordinal)
                .Replace("layer3.0.", "layer3.0._fsdp_wrapped_module.", StringComparison.Ordinal)
            });
        }

        Assert.That(TinyWeights.Same(TinyWeights.Read(state).State, TinyWeights.Plain));
    }

    [Test]
    public void TimmsNamesAreFoundUnderneath()
    {
        var file = TinyWeights.Read(
            Of(("state_dict_ema", TinyWeights.With("module.", TimmNames.FromPublished(TinyWeights.Plain)))));
        Assert.That(file.State.Names, Is.EqualTo(TinyWeights.Plain.Names));
        Assert.That(file.Notes, Has.Some.Contains("timm"));
    }

    [Test]
    public void DictionariesInDictionariesAreFoundWithTheirClasses()
    {
        var file = TinyWeights.Read(
            Of(("checkpoint", Of(("model", TinyWeights.Plain), ("num_classes", 3), ("lr", 1))), ("version", "2")));
        Assert.That(TinyWeights.Same(file.State, TinyWeights.Plain));
        Assert.That((file.Classes, file.Entries.Single().Name), Is.EqualTo((3, "checkpoint.model")));
        Assert.That(file.Notes.Single(), Does.Contain("lr").And.Contain("version"));
    }

    [TestCase("state_dict", "state_dict_ema")]
    [TestCase("model", "model_ema")]
    [TestCase("net", "ema")]
    [TestCase("model", "swa_model")]
    [TestCase("model", "averaged")]
    public void OfPlainAndAveragedTheAveragedAreTakenAndItIsSaid(string plain, string averaged)
    {
        var root = Of((plain, TinyWeights.Plain), (averaged, TinyWeights.With("module.", TinyWeights.Averaged)));
        var file = TinyWeights.Read(root);
        Assert.That(TinyWeights.Same(file.State, TinyWeights.Averaged));
        Assert.That(file.Remarks.Single(), Does.StartWith($"averaged weights of '{averaged}.module' taken").And
            .Contain($"FILE:{plain} takes them"));
        Assert.That(TinyWeights.Same(TinyWeights.Read(root, plain).State, TinyWeights.Plain), "the plain ones by name");
    }

    [Test]
    public void TwoSetsInOneDictionaryAreToldApart()
    {
        var root = Of(("state_dict", TinyWeights.Together(TinyWeights.With("model."),
            TinyWeights.With("ema_model.module.", TinyWeights.Averaged))));
        Assert.That(TinyWeights.Same(TinyWeights.Read(root).State, TinyWeights.Averaged));
        Assert.That(TinyWeights.Same(TinyWeights.Read(root, "state_dict.model").State, TinyWeights.Plain));
    }

    [Test]
    public void AverageOfPyTorchItselfIsKnownByItsCounter()
    {
        var file = TinyWeights.Read(Of(
            ("swamp", TinyWeights.Together(
                TinyWeights.Other("n_averaged"), TinyWeights.With("module.", TinyWeights.Averaged))),
            ("model", TinyWeights.Plain)));
        Assert.That(TinyWeights.Same(file.State, TinyWeights.Averaged));
    }

    [Test]
    public void MmEngineKeepsTheAverageAsTheWeights()
    {
        var file = TinyWeights.Read(Of(("state_dict", TinyWeights.With("backbone.", TinyWeights.Averaged)),
            ("ema_state_dict", TinyWeights.With("module.backbone.")), ("message_hub", Of(("a", 1)))));
        Assert.That(TinyWeights.Same(file.State, TinyWeights.Averaged));
    }

    [Test]
    public void AnAverageWithoutTheStatisticsIsNotTakenAndNamed()
    {
        var parameters = TinyWeights.Only(name => name.EndsWith("weight", StringComparison.Ordinal)
            || name.EndsWith("bias", StringComparison.Ordinal), TinyWeights.Averaged);
        var file = TinyWeights.Read(Of(("model", TinyWeights.Plain), ("ema", parameters)));
        Assert.That(TinyWeights.Same(file.State, TinyWeights.Plain));
        Assert.That(file.Remarks.Single(), Does.StartWith("'ema' has ").And.EndsWith("not taken"));
    }

    [Test]
    public void ListsOfTensorsHaveNoNames()
    {
        var shadow = Of(("decay", 1), ("shadow_params", TinyWeights.Averaged.ToArray()));
        Assert.That(() => TinyWeights.Read(Of(("ema", shadow))), Throws.TypeOf<InputException>().With.Message
            .Contains("'ema.shadow_params' is a list of 98 tensors without names").And.Message
            .Contains("torch.save(model.state_dict()"));
        var file = TinyWeights.Read(Of(("model", TinyWeights.Plain), ("ema", shadow)));
        Assert.That(TinyWeights.Same(file.State, TinyWeights.Plain));
        Assert.That(file.Remarks.Single(), Does.Contain("ema.shadow_params"));
    }

    [Test]
    public void WhatDoesNotDecideIsAskedFor()
    {
        var teacher = Of(("student", TinyWeights.With("module.")), ("teacher", TinyWeights.Averaged));
        Assert.That(() => TinyWeights.Read(teacher), Throws.TypeOf<InputException>().With.Message
            .Contains("student.module (98 tensors), teacher (98 tensors); say which, as FILE:student.module"));
        Assert.That(TinyWeights.Same(TinyWeights.Read(teacher, "teacher").State, TinyWeights.Averaged));
        var queries = Of(("state_dict", TinyWeights.Together(TinyWeights.With("module.encoder_q."),
            TinyWeights.With("module.encoder_k."))));
        Assert.That(
            () => TinyWeights.Read(queries),
            Throws.TypeOf<InputException>().With.Message.Contains("state_dict.module.encoder_k"));
        Assert.That(() => TinyWeights.Read(queries, "nothing"), Throws.TypeOf<InputException>().With.Message
            .Contains("'nothing'").And.Message.Contains("encoder_q"));
    }

    [Test]
    public void WeightsOfAnotherNetworkBesideOursDoNotMatter()
    {
        var file = TinyWeights.Read(Of(("teacher", TinyWeights.Together(
            TinyWeights.Other("conv1.weight"), TinyWeights.Other("layer1.0.conv1.weight"),
            TinyWeights.Other("layer1.0.bn1.weight"))), ("student", TinyWeights.Plain)));
        Assert.That(TinyWeights.Same(file.State, TinyWeights.Plain));
    }

    [TestCase("schema", ExpectedResult = false)]
    [TestCase("avgpool.weights", ExpectedResult = false)]
    [TestCase("remat", ExpectedResult = false)]
    [TestCase("state_dict_ema", ExpectedResult = true)]
    [TestCase("EMA", ExpectedResult = true)]
    [TestCase("callbacks.swa.model", ExpectedResult = true)]
    [TestCase("ema0.9999", ExpectedResult = true)]
    public bool WholeWordsSayThatAnAverageIsMeant(string name) => WeightsEntry.SaysAverage(name);

    [Test]
    public void AFileAndANameBehindAColonIsReadByPath()
    {
        using var folder = new TemporaryFolder();
        System.IO.File.WriteAllBytes(folder["a.pth"], TestPickle.File(
            Of(("state_dict", TinyWeights.Plain), ("state_dict_ema", TinyWeights.Averaged))));
        using var plain = WeightsFile.Read(folder["a.pth:state_dict"]);
        Assert.That(TinyWeights.Same(plain.State, TinyWeights.Plain));
        using var checkpoint = Checkpoint.Load(folder["a.pth"]);
        Assert.That(checkpoint.Remarks.Single(), Does.Contain("state_dict_ema"));
        Assert.That(() => WeightsFile.Read(folder["none.pth:state_dict"]),
            Throws.TypeOf<InputException>().With.Message.EndsWith("there is no such file"));
    }
}
