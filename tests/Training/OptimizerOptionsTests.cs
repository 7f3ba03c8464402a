using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>
/// Runs with another optimizer, schedule, limit or part that learns: resumed to the same bytes, refused with another
/// value, and of old runs nothing is asked.
/// </summary>
[NonParallelizable]
public class OptimizerOptionsTests
{
    private static readonly TrainerOptions Tiny = TinyTraining.Options with { Epochs = 2, Width = 0.0625 };

    private static readonly TrainerOptions Recipe = Tiny with
    {
        Optimizer = OptimizerKind.AdamW,
        WeightDecay = 0.1,
        Schedule = ScheduleKind.Cosine,
        WarmupSteps = 2,
        ClipGradient = 0.5,
        BodyLrFactor = 0.5,
    };

    private string _folder = "";
    private ImageDataset _data = null!;

    [OneTimeSetUp]
    public void TrainPlain()
    {
        _folder = Directory.CreateTempSubdirectory("flixstock-optimizer").FullName;
        _data = TinyTraining.Pictures(_folder);
        Train("plain", Tiny);
    }

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private string Weights => Path.Combine(_folder, "plain", "last.safetensors");

    private static IEnumerable<TestCaseData> Recipes()
    {
        yield return new TestCaseData(Recipe).SetArgDisplayNames("all");
        yield return new TestCaseData(Tiny with { Freeze = FrozenPart.Body, Schedule = ScheduleKind.Constant })
            .SetArgDisplayNames("frozen");
        yield return new TestCaseData(Tiny with { BatchSize = 2, AccumulationSteps = 2 })
            .SetArgDisplayNames("accumulated");
    }

    [TestCaseSource(nameof(Recipes))]
    public void AStoppedRunGoesOnToTheSameBytes(TrainerOptions recipe)
    {
        if (recipe.Freeze == FrozenPart.Body)
            recipe = recipe with { InitialWeights = Weights };
        Train("whole", recipe);
        Assert.That(Bytes("whole", "last.safetensors"), Same.Not(Bytes("plain", "last.safetensors")));
        Train("stopped", recipe, stopAfter: 4);
        Train("stopped", TrainingRun.OptionsIn(Path.Combine(_folder, "stopped"))!, resume: true);
        foreach (var file in new[] { "last.safetensors", "average.safetensors", "best.safetensors" })
            Assert.That(Bytes("stopped", file), Same.As(Bytes("whole", file)), file);
    }

    [Test]
    public void EveryOneOfThemChangesTheNumbers()
    {
        var only = new (string Name, TrainerOptions Options)[]
        {
            ("optimizer", Tiny with { Optimizer = OptimizerKind.AdamW }),
            ("cosine", Tiny with { Schedule = ScheduleKind.Cosine }),
            ("warm-up", Tiny with { Schedule = ScheduleKind.Cosine, WarmupSteps = 2 }),
            ("clip", Tiny with { ClipGradient = 0.1 }),
            ("body", Tiny with { BodyLrFactor = 0.5 }),
        };
        foreach (var (name, options) in only)
            Train(name, options with { Epochs = 1 });
        Train("one", Tiny with { Epochs = 1 });
        Assert.That(
            only.Select(run => Convert.ToBase64String(Bytes(run.Name, "last.safetensors")))
                .Append(Convert.ToBase64String(Bytes("one", "last.safetensors"))),
            Is.Unique);
    }

    [Test]
    public void AFrozenBodyStaysAsItWasToTheByte()
    {
        // Weight decay would shrink it, and the running statistics would follow the batches.
        Train("frozen", Tiny with { Freeze = FrozenPart.Body, InitialWeights = Weights, WeightDecay = 0.1 });
        using var before = WeightsFile.Read(Weights, asStored: true);
        foreach (var file in new[] { "last.safetensors", "average.safetensors" })
        {
            using var after = WeightsFile.Read(Path.Combine(_folder, "frozen", file), asStored: true);
            var (same, changed) = (0, 0);
            foreach (var tensor in before.State)
            {
                var equal = after.State[tensor.Name].Data.Span.SequenceEqual(tensor.Data.Span);
                Assert.That(equal, Is.EqualTo(!tensor.Name.StartsWith("head.", StringComparison.Ordinal)), tensor.Name);
                (same, changed) = equal ? (same + 1, changed) : (same, changed + 1);
            }
            Assert.That((same > 2 * changed, changed), Is.EqualTo((true, 2)), "the head's weight and bias");
        }
    }

    [Test]
    public void WhatHasItsDefaultIsNotWritten()
    {
        var json = new TrainerOptions().ToJson();
        foreach (var name in new[] { "optimizer", "schedule", "warmupSteps", "clipGradient", "freeze", "bodyLrFactor" })
            Assert.That(json, Does.Not.Contain($"\"{name}\""));
        Assert.That(TrainerOptions.FromJson(json), Is.EqualTo(new TrainerOptions()));
        Assert.That(Recipe.ToJson(), Does.Contain("\"optimizer\":\"adamw\",\"schedule\":\"cosine\""));
        Assert.That(TrainerOptions.FromJson(Recipe.ToJson()).DifferencesTo(Recipe), Is.Empty);
    }

    [Test]
    public void AnotherValueIsADifferenceWhicheverOfTheTwoIsTheDefault()
    {
        var (plain, other) = (new TrainerOptions(), new TrainerOptions { Optimizer = OptimizerKind.AdamW });
        Assert.That(
            other.DifferencesTo(plain), Is.EqualTo(new[] { "optimizer \"adamw\" instead of its default" }));
        Assert.That(
            plain.DifferencesTo(other), Is.EqualTo(new[] { "optimizer its default instead of \"adamw\"" }));
        Assert.That(
            (plain with { BestBy = SelectionMetric.MacroF1 }).DifferencesTo(plain),
            Is.EqualTo(new[] { "bestBy \"macro_f1\" instead of its default" }));
    }

    private static IEnumerable<TestCaseData> Refusals()
    {
        static TestCaseData Case(TrainerOptions options, string message) =>
            new TestCaseData(options, message).SetArgDisplayNames(message);
        yield return Case(
            new TrainerOptions { WarmupSteps = 3 },
            "WarmupSteps 3: the one cycle has its own rise; give Schedule cosine or constant, or leave it out");
        yield return Case(new TrainerOptions { ClipGradient = 0 }, "ClipGradient 0: give a number above 0");
        yield return Case(
            new TrainerOptions { BodyLrFactor = 2 }, "BodyLrFactor 2: give a number above 0, at most 1");
        yield return Case(
            new TrainerOptions { Freeze = FrozenPart.Body },
            "Freeze body: without InitialWeights the body would stay random; give them too");
        yield return Case(
            new TrainerOptions { Freeze = FrozenPart.Body, InitialWeights = "w", BodyLrFactor = 0.5 },
            "BodyLrFactor 0.5: Freeze body has no learning rate: leave one of the two out");
    }

    [TestCaseSource(nameof(Refusals))]
    public void WhatCannotBeIsRefused(TrainerOptions options, string message) => Assert.That(
        options.Validate, Throws.TypeOf<InputException>().With.Message.EqualTo(message));

    private void Train(string name, TrainerOptions options, bool resume = false, int stopAfter = int.MaxValue) =>
        TinyTraining.Train(Path.Combine(_folder, name), _data, options, resume, stopAfter);

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(Path.Combine(_folder, run, file));
}
