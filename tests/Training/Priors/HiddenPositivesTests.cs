using Flixstock.Engine;

namespace Flixstock.Tests.Training.Priors;

/// <summary>The number of likely labels that mode selective leaves out, taken from the prior.</summary>
public sealed class HiddenPositivesTests
{
    private static readonly TrainerOptions Automatic = TinyTraining.Options with { Epochs = 1, TopKFromPrior = true };

    // Of class a two of four pictures are annotated positive, of b none, of c one, of d all.
    private static readonly ImageDataset Data = new(
        new AttributeTable([new AttributeGroup("Thing", "things", 4, ["a", "b", "c", "d"], Independent: true)]),
        [
            .. new sbyte[][] { [1, -1, 1, 1], [1, -1, 0, 1], [-1, 0, -1, 1], [-1, -1, -1, 1] }
                .Select((labels, i) => new Sample($"{i}.png", $"{i}.png", labels)),
        ]);

    [Test]
    public void TheyAreThePriorLessWhatIsAnnotatedClassByClass()
    {
        var counted = HiddenPositives.Of([0.75f, 0.5f, 1, 0.5f], Data);
        Assert.That(counted.Expected, Is.EqualTo(2.75));
        Assert.That(counted.Annotated, Is.EqualTo(1.75));
        // d has more positives than its prior expects, which takes nothing from the others
        Assert.That(counted.Hidden, Is.EqualTo(0.25 + 0.5 + 0.5)); // of c two labels are unknown
        Assert.That(counted.TopK, Is.EqualTo(1));

        var withoutOne = HiddenPositives.Of([0.75f, float.NaN, 1, 0.5f], Data);
        Assert.That((withoutOne.Hidden, withoutOne.TopK), Is.EqualTo((0.75, 1)));
        Assert.That(HiddenPositives.Of([0, 0, 0, 0], Data).TopK, Is.Zero);
    }

    // A network that was hardly trained expects half of everything.
    [Test]
    public void NoMoreAreHiddenThanAreUnknown()
    {
        Assert.That(HiddenPositives.Of([1, 1, 1, 1], Data).Hidden, Is.EqualTo(0.5 + 0.75 + 0.5).Within(1e-9));
        var exclusive = new ImageDataset(
            new AttributeTable([new AttributeGroup("Neck", "neck", 3), new AttributeGroup("Fit", "fit", 2)]),
            [
                .. new sbyte[][] { [1, 0, 0, -1, -1], [-1, -1, -1, -1, -1], [0, 1, 0, 0, 1], [-1, -1, -1, 1, 0] }
                    .Select((labels, i) => new Sample($"{i}.png", $"{i}.png", labels)),
            ]);
        Assert.That(HiddenPositives.Of([0.5f, 0.5f, 0.5f, 0.5f, 0.5f], exclusive).Hidden, Is.EqualTo(0.5 + 0.5));
    }

    [Test]
    public void TheNumberReplacesTheOneOfTheOptionsAndIsSaid()
    {
        var (options, note) = HiddenPositives.Resolve(Automatic, [0.75f, 0.5f, 1, 0.5f], Data);
        Assert.That(options.Loss, Is.EqualTo(Automatic.Loss with { LikelihoodTopK = 1 }));
        Assert.That($"{note}", Does.Contain("left out: 1;").And.Contain("2.75").And.Contain("1.75"));

        var given = Automatic with { TopKFromPrior = false };
        Assert.That(HiddenPositives.Resolve(given, [1, 1, 1, 1], Data), Is.EqualTo((given, (Wording?)null)));
    }

    [Test]
    public void WithoutAPriorItIsRefusedBeforeAnythingIsWritten()
    {
        using var folder = new TemporaryFolder();
        var data = TinyTraining.Pictures(folder.Path);
        Assert.That(
            () => TinyTraining.Train(folder["run"], data, Automatic),
            Throws.TypeOf<InputException>().With.Message.Contains("no prior"));
        Assert.That(Directory.EnumerateFiles(folder["run"], "*.*"), Is.Empty);
    }

    [Test]
    public void TwoStagesTakeTheNumberFromTheFirst()
    {
        using var folder = new TemporaryFolder();
        var data = TinyTraining.Pictures(folder.Path);
        using var backend = Backend.Cpu(2);
        TwoStageResult Train(string name, TrainerOptions options, List<Trainer> trainers) =>
            new TwoStageTraining(backend, TwoStagePlan.Begin(folder[name], options), data, data)
            {
                TrainStage = trainer =>
                {
                    trainers.Add(trainer);
                    return trainer.Train();
                },
            }.Begin();

        var automatic = new List<Trainer>();
        var result = Train("automatic", Automatic, automatic);
        var expected = HiddenPositives.Of(result.Prior.Prior, data).TopK;
        Assert.That(automatic[0].Notes, Has.None.Matches<Wording>(note => $"{note}".Contains("likely labels")));
        Assert.That(automatic[1].Notes, Has.One.Matches<Wording>(note => $"{note}".Contains("likely labels")));

        var loss = Automatic.Loss with { LikelihoodTopK = expected };
        Train("given", Automatic with { TopKFromPrior = false, Loss = loss }, []);
        Assert.That(
            File.ReadAllBytes(folder["automatic/last.safetensors"]),
            Is.EqualTo(File.ReadAllBytes(folder["given/last.safetensors"])));
    }
}
