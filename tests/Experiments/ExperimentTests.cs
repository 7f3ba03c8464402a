using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Experiments;

[NonParallelizable]
public class ExperimentTests
{
    private const string Grid = """
        {
          // four trainings of a tiny network
          "seeds": [1, 2], "simulations": ["fpc 5"],
          "train": { "layers": [1, 1, 1, 1], "width": 0.1, "image-size": 32, "epochs": 2, "lr": 1e-3, "batch_size": 8 },
          "methods": [
            { "name": "Ignore, CE", "train": { "partial-loss-mode": "ignore", "gamma-neg": 0, "gamma-unann": 0 } },
            { "name": "Selective", "train": { "partial-loss-mode": "selective", "gamma-neg": 1 }, "fpc": { "gamma-neg": 3 }, "twoStage": { "gamma-neg": 0 } },
          ],
        }
        """;

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("flixstock-grid").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void AGridThatIsStoppedGoesOnToTheSameNumbersAndDoesNothingTwice()
    {
        SceneSynthesizer.Draw(In("data"), new SceneOptions { Count = 60, Size = 32, Seed = 2 });
        File.WriteAllText(In("grid.json"), Grid);
        Assert.That(Run("whole"), Is.Zero);
        // Stopped in its fourth epoch: the second cell, whose first stage is the first cell, is not done.
        using var stop = new CancellationTokenSource();
        using var output = new StopAtLine(stop, "epoch 1/2", times: 2);
        Assert.That(Run("stopped", output, cancellation: stop.Token), Is.EqualTo(CommandLine.Stopped));
        Assert.That(
            Directory.GetFiles(In("stopped"), "result.json", SearchOption.AllDirectories), Has.Length.EqualTo(1));
        Assert.That(Run("stopped"), Is.Zero);
        foreach (var file in Directory.GetFiles(In("whole"), "*.safetensors", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "state.safetensors"))
        {
            Assert.That(
                File.ReadAllBytes(file.Replace(In("whole"), In("stopped"), StringComparison.Ordinal)),
                Same.As(File.ReadAllBytes(file)), file);
        }
        Assert.That(
            Directory.GetDirectories(In("whole"), "ignore", SearchOption.AllDirectories), Is.Empty,
            "the stage is shared with the training in mode ignore");

        var before = File.GetLastWriteTimeUtc(In("whole/fpc-5/selective/seed-2/best.safetensors"));
        using var again = new StringWriter();
        Assert.That(Run("whole", again), Is.Zero);
        Assert.That(again.ToString(), Does.Contain("4 trainings, 4 of them done").And.Not.Contain("epoch 1/2"));
        Assert.That(File.GetLastWriteTimeUtc(In("whole/fpc-5/selective/seed-2/best.safetensors")), Is.EqualTo(before));
        var rows = File.ReadAllLines(In("whole/results.csv"));
        Assert.That(rows, Has.Length.EqualTo(5));
        Assert.That(
            File.ReadAllText(In("whole/tables.md")),
            Does.Contain("| Ignore, CE | ").And.Contain(" ± ").And.Contain("fpc 5, Selective"));
        AssertCounts(In("whole/fpc-5/selective/seed-1"));

        File.WriteAllText(In("grid.json"), Grid.Replace("\"lr\": 1e-3", "\"lr\": 2e-3", StringComparison.Ordinal));
        Assert.That(Run("whole"), Is.EqualTo(CommandLine.WrongInput), "another grid does not mix with these results");
    }

    [TestCase("{ \"methods\": [ { \"name\": \"a\", \"train\": { \"lrr\": 1 } } ] }", "--lrr")]
    [TestCase("{ \"methods\": [ { \"name\": \"a\" }, { \"name\": \"A\" } ] }", "named twice")]
    [TestCase("{ \"methods\": [ { \"name\": \"a\" } ], \"simulations\": [ \"rps\" ] }", "'rps'")]
    [TestCase("{ \"methods\": [ { \"name\": \"a\" } ], \"seed\": [ 1 ] }", "seed")]
    [TestCase("{ \"methods\": [ { \"name\": \"a\" } ", "not an experiment")]
    [TestCase("{ \"methods\": [] }", "at least one")]
    public void AFileThatCannotBeIsRefusedByName(string text, string expected)
    {
        File.WriteAllText(In("grid.json"), text);
        using var error = new StringWriter();
        Assert.That(Run("run", error: error), Is.EqualTo(CommandLine.WrongInput));
        Assert.That(error.ToString(), Does.Contain(expected));
    }

    [Test]
    public void ATableHasMeanAndDeviationOverSeeds()
    {
        ExperimentResult One(ulong seed, double map) => new()
        {
            Method = "M",
            Simulation = "rps 0.5",
            Seed = seed,
            MeanAp = map,
            LastMeanAp = map,
            CommonMeanAp = map,
            RareMeanAp = map,
            MacroF1 = double.NaN,
            KnownShare = 50,
            ClassAp = [],
            Seconds = 1,
            Options = "{}",
        };
        var table = ExperimentTables.Of([One(1, 60), One(2, 62), One(3, 64)]).Single();
        Assert.That(table.Title, Is.EqualTo("rps 0.5, 50.0 % of the training labels known, 3 seeds, percent"));
        Assert.That(table.Rows.Single(), Is.EqualTo(
            new[] { "M", "62.00 ± 2.00", "62.00 ± 2.00", "62.00 ± 2.00", "62.00 ± 2.00", "-", "1.00 ± 0.00", "3" }));
    }

    [Test]
    public void SpearmansRankCorrelationIsThePublishedFormula()
    {
        // 1 - 6 * sum(d^2) / (n (n^2 - 1)) without ties; d = 0, 2, -1, -1, 0
        Assert.That(
            RankCorrelation.Spearman([1, 2, 3, 4, 5], [10, 40, 20, 30, 50]),
            Is.EqualTo(1 - (6 * 6 / (5.0 * 24))).Within(1e-12));
        Assert.That(RankCorrelation.Spearman([1, 2, 2, 3], [1, 2, 2, 3]), Is.EqualTo(1).Within(1e-12));
        Assert.That(RankCorrelation.Spearman([1, 2, 3], [3, 2, 1]), Is.EqualTo(-1).Within(1e-12));
    }

    // Top-k leaves out three un-annotated labels of every picture; hidden positives are no more than all positives.
    private void AssertCounts(string folder)
    {
        var training = new DatasetSource(In("data")).Load("train");
        var hidden = new PartialSimulation(SimulationKind.Fpc, 5, 1).Apply(training);
        foreach (var epoch in IgnoredLabels.Read(Path.Combine(folder, "ignored.csv")))
        {
            Assert.That(epoch.Unannotated, Is.EqualTo(hidden.After.Sum(frequency => frequency.Unknown)));
            Assert.That(epoch.UnannotatedPositive, Is.EqualTo(hidden.Before.Sum(frequency => frequency.Positives)
                - hidden.After.Sum(frequency => frequency.Positives)));
            Assert.That(epoch.ByTopK + epoch.ByPrior, Is.GreaterThanOrEqualTo(3 * training.Samples.Count));
            Assert.That(epoch.ByTopKPositive, Is.InRange(0, epoch.ByTopK));
        }
    }

    [Test]
    public void PseudoLabelsBelongToTheSecondStageAlone()
    {
        SceneSynthesizer.Draw(In("data"), new SceneOptions { Count = 30, Size = 32, Seed = 2 });
        File.WriteAllText(In("grid.json"), """
            {
              "seeds": [1], "simulations": ["rps 0.5"],
              "train": { "layers": [1, 1, 1, 1], "width": 0.1, "image-size": 32, "epochs": 2, "batch_size": 8 },
              "methods": [{
                "name": "CAP", "train": { "self-labels": "cap", "cap-warmup": 1, "partial-loss-mode": "ignore" },
                "twoStage": {}
              }],
            }
            """);
        Assert.That(Run("grid"), Is.Zero);
        var second = TrainingRun.OptionsIn(In("grid/rps-0.5/cap/seed-1"))!;
        Assert.That((second.Cap, second.Loss.Mode), Is.EqualTo((new CapOptions(Warmup: 1), PartialLossMode.Ignore)));
        Assert.That(second.PriorPath, Does.EndWith("prior.csv"));
        Assert.That(TrainingRun.OptionsIn(In("grid/rps-0.5/cap/seed-1/ignore"))!.Cap, Is.Null);
        Assert.That(SelfLabelEpoch.Read(In("grid/rps-0.5/cap/seed-1/pseudo_labels.csv"))[0].PositiveKnown, Is.Positive);
    }

    private string In(string path) => Path.Combine(_folder, path);

    private int Run(
        string output, TextWriter? to = null, TextWriter? error = null, CancellationToken cancellation = default) =>
        CommandLine.Run(
            [
                "experiment", In("grid.json"), "--data", In("data"), "--out", In(output), "--device", "cpu",
                "--threads", "2",
            ],
            to ?? TextWriter.Null, error ?? TextWriter.Null, cancellation);

    private sealed class StopAtLine(CancellationTokenSource stop, string text, int times) : StringWriter
    {
        private int _left = times;

        public override void WriteLine(string? value)
        {
            if (value?.StartsWith(text, StringComparison.Ordinal) == true && --_left == 0)
                stop.Cancel();
        }
    }
}
