using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Training;

[NonParallelizable]
public class TwoStageTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("flixstock-stages").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void ItGoesOnInWhicheverStageItWasStopped()
    {
        SceneSynthesizer.Draw(In("data"), new SceneOptions { Count = 40, Size = 32, Seed = 2 });
        using var whole = new StringWriter();
        Assert.That(Run(["--out", In("whole"), "--two-stage", .. Begin], whole), Is.Zero);
        Assert.That(
            whole.ToString(),
            Does.Contain("Labels hidden deliberately (rps 0.5, seed 4)").And
                .Contain("hidden positives learnt as negatives")
                .And.Contain("The classes seen most often (prior)").And.Contain("rank correlation"));
        foreach (var file in new[]
        {
            "ignore/prior.csv", "ignore/prior.png", "simulation.csv", "simulation.png", "ignored.csv",
        })
        {
            Assert.That(File.Exists(In($"whole/{file}")), file);
        }
        foreach (var stopAt in new[] { 1, 3 })
        {
            using var stop = new CancellationTokenSource();
            var run = $"stopped{stopAt}";
            Assert.That(
                Run(
                    ["--out", In(run), "--two-stage", .. Begin], new StopAtEpoch(stop, stopAt),
                    cancellation: stop.Token),
                Is.EqualTo(CommandLine.Stopped));
            // The second time without saying so: the folder knows.
            Assert.That(
                Run(["--out", In(run), "--resume", .. stopAt == 1 ? (string[])["--two-stage"] : []], TextWriter.Null),
                Is.Zero);
            foreach (var file in new[]
            {
                "best.safetensors", "last.safetensors", "prior.csv", "ignored.csv", "ignore/last.safetensors",
                "ignore/prior.csv",
            })
            {
                Assert.That(
                    File.ReadAllBytes(In($"{run}/{file}")), Same.As(File.ReadAllBytes(In($"whole/{file}"))),
                    $"{run}/{file}");
            }
        }
        using var error = new StringWriter();
        Assert.That(
            Run(["--out", In("whole"), "--two-stage", .. Begin], TextWriter.Null, error: error),
            Is.EqualTo(CommandLine.WrongInput));
        Assert.That(error.ToString(), Does.Contain("--resume"));
        Assert.That(
            Run(["--out", In("whole"), "--resume", "--weight-decay", "0.5"], TextWriter.Null, error: error),
            Is.EqualTo(CommandLine.WrongInput));
        Assert.That(error.ToString(), Does.Contain("weightDecay"));
        Assert.That(
            Run(["--out", In("whole"), "--resume", "--lr", "0.5"], TextWriter.Null, error: error),
            Is.EqualTo(CommandLine.WrongInput));
        Assert.That(error.ToString(), Does.Contain("--lr 0.5: all epochs of the run are trained"));
        Assert.That(
            Run(["--out", In("nothing"), "--resume", "--two-stage"], TextWriter.Null, error: error),
            Is.EqualTo(CommandLine.WrongInput));
    }

    [Test]
    public void AnotherLearningRateIsThatOfTheStageItIsGivenToAndOfThoseAfter([Values(1, 3)] int stopAt)
    {
        SceneSynthesizer.Draw(In("data"), new SceneOptions { Count = 40, Size = 32, Seed = 2 });
        using var stop = new CancellationTokenSource();
        Assert.That(
            Run(["--out", In("run"), "--two-stage", .. Begin], new StopAtEpoch(stop, stopAt), cancellation: stop.Token),
            Is.EqualTo(CommandLine.Stopped));
        using var again = new CancellationTokenSource();
        Assert.That(
            Run(["--out", In("run"), "--resume", "--lr", "5e-4"], new StopAtEpoch(again, 1), cancellation: again.Token),
            Is.EqualTo(stopAt == 1 ? CommandLine.Stopped : CommandLine.Done), "the second stage had one epoch left");
        Assert.That(
            Run(["--out", In("run"), "--resume"], TextWriter.Null), Is.Zero, "without the option it is remembered");
        Assert.That(
            (TrainingRun.OptionsIn(In("run/ignore"))!.LearningRate, TrainingRun.OptionsIn(In("run"))!.LearningRate),
            Is.EqualTo((stopAt == 1 ? 5e-4 : 1e-3, 5e-4)));
    }

    [Test]
    public void APlanThatAKilledCommandWasPuttingIntoPlaceIsOpened()
    {
        var staging = In($"run/.writing-{(WritingProcess.Current with { Id = int.MaxValue - 1 }).Text}-0123456789ab");
        var options = new TrainerOptions { Epochs = 7 };
        Directory.CreateDirectory(Path.Combine(staging, "new"));
        File.WriteAllText(Path.Combine(staging, "new", "two_stage.json"), options.ToJson());
        File.WriteAllText(
            Path.Combine(staging, "plan.json"),
            """{"Published":["two_stage.json"],"Removed":[],"Restored":[],"Dropped":[]}""");
        Assert.That(TwoStagePlan.Open(In("run")).Options, Is.EqualTo(options));
        Assert.That(Directory.Exists(staging), Is.False);
    }

    private static string[] Begin =>
    [
        "--layers", "1,1,1,1", "--width", "0.1", "--image-size", "32", "--epochs", "2", "--lr", "1e-3",
        "--batch-size", "8", "--simulate-partial-type", "rps", "--simulate_partial_param", "0.5",
        "--simulate-partial-seed", "4", "--count-ignored",
    ];

    private string In(string path) => Path.Combine(_folder, path);

    private int Run(
        string[] arguments, TextWriter output, TextWriter? error = null, CancellationToken cancellation = default) =>
        CommandLine.Run(
            ["train", "--data", In("data"), "--device", "cpu", .. arguments], output,
            error ?? TextWriter.Null, cancellation);

    private sealed class StopAtEpoch(CancellationTokenSource stop, int times) : StringWriter
    {
        private int _left = times;

        public override void WriteLine(string? value)
        {
            if (value?.StartsWith("epoch ", StringComparison.Ordinal) == true && --_left == 0)
                stop.Cancel();
        }
    }
}
