using System.CommandLine;
using Flixstock.Cli;
using Flixstock.Engine;
using Flixstock.Tests.Training.Mlflow;
using static Flixstock.Tests.Cli.NamedDatasets;

namespace Flixstock.Tests.Cli;

/// <summary><c>train --mlflow</c>: what is logged, and what is refused before anything is written.</summary>
[NonParallelizable]
public sealed class TrackingCommandTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = new TemporaryFolder();
        WriteFolders(_folder, "data");
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void BothStagesAreLoggedAndAResumedRunGoesOn()
    {
        using var mlflow = new MlflowListener();
        string[] line =
        [
            "train", "--data", _folder["data"], "--out", _folder["run"], "--two-stage", "--epochs", "2",
            "--batch-size", "4", "--mlflow", mlflow.Address, "--mlflow-experiment", "shirts", .. Tiny,
        ];
        Done([.. line, "--stop-epoch", "1"]);
        Done("train", "--out", _folder["run"], "--resume", "--mlflow", mlflow.Address, "--threads", "1");
        var runs = mlflow.Server.Runs.Values;
        Assert.Multiple(() =>
        {
            Assert.That(runs.Select(run => run.Name), Is.EqualTo(new[] { "run/ignore", "run" }));
            Assert.That(runs.Select(run => run.Status), Is.All.EqualTo("FINISHED"));
            Assert.That(runs.Select(run => run.Params["loss.mode"]), Is.EqualTo(new[] { "ignore", "selective" }));
            Assert.That(runs.Select(run => mlflow.Server.Experiments[run.Experiment]), Is.All.EqualTo("shirts"));
            Assert.That(runs.Select(run => run.Metrics.Count(one => one.Key == "epoch/loss")), Is.All.EqualTo(2));
            Assert.That(mlflow.Server.Problems, Is.Empty);
        });
    }

    [TestCase("http://127.0.0.1:1", "--mlflow http://127.0.0.1:1/: no MLflow server can be used there: ")]
    [TestCase("databricks", "--mlflow 'databricks': give the address of a tracking server, as http://localhost:5000")]
    public void AServerThatCannotBeUsedIsAnErrorBeforeAnythingIsWritten(string address, string message)
    {
        var error = Refused(
            ["train", "--data", _folder["data"], "--out", _folder["run"], "--mlflow", address, .. Tiny]);
        Assert.That(error, Does.Contain(message));
        Assert.That(error.Trim(), Does.Not.Contain("\n"));
        Assert.That(Directory.Exists(_folder["run"]), Is.False);
    }

    [Test]
    public void TheEnvironmentSaysWhatOptionsDoNotAndNothingWithoutThem()
    {
        var environment = new Dictionary<string, string>
        {
            ["MLFLOW_TRACKING_URI"] = "https://of.environment/path",
            ["MLFLOW_EXPERIMENT_NAME"] = "theirs",
            ["MLFLOW_TRACKING_USERNAME"] = "me",
            ["MLFLOW_TRACKING_PASSWORD"] = "secret",
            ["MLFLOW_TRACKING_TOKEN"] = "",
        };
        Assert.Multiple(() =>
        {
            Assert.That(Read(environment), Is.Null, "nothing is sent unasked");
            Assert.That(Read(environment, "--mlflow"), Is.EqualTo(
                MlflowServer.At("https://of.environment/path") with
                {
                    Experiment = "theirs",
                    UserName = "me",
                    Password = "secret",
                }));
            Assert.That(
                Read(environment, "--mlflow", "http://here:5000", "--mlflow-experiment", "mine"),
                Is.EqualTo(MlflowServer.At("http://here:5000") with
                {
                    Experiment = "mine",
                    UserName = "me",
                    Password = "secret",
                }));
            Assert.That(Read([], "--mlflow", "http://here")!.Experiment, Is.EqualTo("Default"));
            Assert.That(
                () => Read([], "--mlflow"), Throws.TypeOf<InputException>().With.Message.EqualTo(
                    "--mlflow: give the server's address, as http://localhost:5000, or set MLFLOW_TRACKING_URI"));
            Assert.That(
                () => Read(environment, "--mlflow-experiment", "mine"), Throws.TypeOf<InputException>().With.Message
                    .EqualTo("--mlflow-experiment: without --mlflow nothing is logged; leave it out"));
        });
    }

    private static MlflowServer? Read(Dictionary<string, string> environment, params string[] arguments)
    {
        var (command, options) = (new Command("train"), new TrackingOptions());
        options.AddTo(command);
        return options.Read(command.Parse(arguments), environment.GetValueOrDefault);
    }
}
