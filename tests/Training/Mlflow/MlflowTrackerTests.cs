using System.Net;
using Flixstock.Engine;

namespace Flixstock.Tests.Training.Mlflow;

/// <summary>
/// A training on an MLflow server: options, figures and end, each step once however often it was stopped; a server that
/// is away costs the run nothing.
/// </summary>
public sealed class MlflowTrackerTests
{
    private static readonly MlflowServer Server = MlflowServer.At("http://mlflow.test/track/");
    private static readonly string[] Times = ["epoch/images_per_second", "epoch/data_wait", "epoch/seconds"];

    private TemporaryFolder _folder = null!;
    private FakeMlflow _mlflow = null!;

    [SetUp]
    public void MakeFolder() => (_folder, _mlflow) = (new TemporaryFolder(), new FakeMlflow());

    [TearDown]
    public void RemoveFolder()
    {
        _folder.Dispose();
        _mlflow.Dispose();
    }

    [Test]
    public void OptionsFiguresAndTheEndAreLogged()
    {
        Assert.That(Train("run", Server with { Experiment = "garments" }), Is.Null);
        var run = _mlflow.Runs.Values.Single();
        var commit = RunFacts.Read(_folder["run"]).Commit.Split(',')[0];
        Assert.Multiple(() =>
        {
            Assert.That(_mlflow.Problems, Is.Empty);
            Assert.That(_mlflow.Experiments[run.Experiment], Is.EqualTo("garments"));
            Assert.That((run.Name, run.Status, run.Ended), Is.EqualTo(("run", "FINISHED", true)));
            Assert.That(run.Params["batchSize"], Is.EqualTo("4"));
            Assert.That(run.Params["layers"], Is.EqualTo("[1,1,1,1]"));
            Assert.That(run.Params["loss.gammaNegative"], Is.EqualTo("1"));
            Assert.That(run.Params["trainingPictures"], Is.EqualTo("10"));
            Assert.That(run.Tags["mlflow.source.type"], Is.EqualTo("LOCAL"));
            Assert.That(run.Tags.GetValueOrDefault("mlflow.source.git.commit", ""), Does.StartWith(commit));
            Assert.That(WithoutTimes(run.Metrics), Is.EquivalentTo(Figures("run")));
        });
    }

    [TestCase(1)]
    [TestCase(5)]
    [TestCase(6)]
    public void ARunThatWasStoppedIsTheSameRunWithEachStepOnce(int stopAfter)
    {
        Assert.That(Train("run", Server, stopAfter: stopAfter), Is.Null);
        var run = _mlflow.Runs.Values.Single();
        Assert.That((run.Status, run.Ended), Is.EqualTo(("KILLED", true)));
        Assert.That(run.Metrics.Count(metric => metric.Key == "step/loss"), Is.EqualTo(stopAfter));
        Assert.That(Train("run", Server, resume: true), Is.Null);
        Assert.That(_mlflow.Runs, Has.Count.EqualTo(1));
        Assert.That(run.Status, Is.EqualTo("FINISHED"));
        Assert.That(WithoutTimes(run.Metrics), Is.EquivalentTo(Figures("run")));
        Assert.That(_mlflow.Problems, Is.Empty);
    }

    // Killed when the server had more than the saved state.
    [Test]
    public void WhatHadArrivedBeforeAKillIsNotSentAgain()
    {
        Train("run", Server, stopAfter: 4);
        Directory.CreateDirectory(_folder["killed"]);
        foreach (var file in Directory.GetFiles(_folder["run"]))
            File.Copy(file, Path.Combine(_folder["killed"], Path.GetFileName(file)));
        Train("run", Server, resume: true);
        File.Copy(_folder["run/mlflow.json"], _folder["killed/mlflow.json"], overwrite: true);
        Train("killed", Server, resume: true);
        Assert.That(_mlflow.Runs, Has.Count.EqualTo(1));
        Assert.That(WithoutTimes(_mlflow.Runs["run0"].Metrics), Is.EquivalentTo(Figures("run")));
    }

    [Test]
    public void AServerThatGoesAwayCostsTheRunNothingAndGetsEverythingLater()
    {
        Train("whole", server: null);
        _mlflow.Instead = call => call == "POST runs/log-batch" && _mlflow.Runs["run0"].Params.Count > 0
            ? FakeMlflow.Text(HttpStatusCode.ServiceUnavailable, "<html>")
            : null;
        var problem = Train("run", Server, time: new OnlyPatience());
        Assert.That(problem, Does.StartWith("MlflowServer http://mlflow.test/track/: 12 steps and epochs could not be "
            + "sent (").And.EndWith("it is all in the run's folder, and resume sends what is missing"));
        Assert.That(_mlflow.Runs["run0"].Metrics, Is.Empty);
        foreach (var file in new[] { "last.safetensors", "state.safetensors", "steps.csv" })
        {
            Assert.That(
                File.ReadAllBytes(_folder[$"run/{file}"]), Same.As(File.ReadAllBytes(_folder[$"whole/{file}"])));
        }

        _mlflow.Instead = _ => null;
        Assert.That(Train("run", Server, resume: true), Is.Null);
        Assert.That(WithoutTimes(_mlflow.Runs["run0"].Metrics), Is.EquivalentTo(Figures("run")));
        Assert.That(_mlflow.Runs["run0"].Status, Is.EqualTo("FINISHED"));
        Assert.That(_mlflow.Problems, Is.Empty);
    }

    [Test]
    public void AServerThatRefusesIsNotAskedAgain()
    {
        _mlflow.Instead = call => call == "POST runs/log-batch" && _mlflow.Runs["run0"].Params.Count > 0
            ? FakeMlflow.Error(HttpStatusCode.Forbidden, "PERMISSION_DENIED", "only\nreaders.")
            : null;
        Assert.That(Train("run", Server), Does.Contain("could not be sent (403 Forbidden: only readers);"));
        Assert.That(_mlflow.Calls.Count(call => call == "POST runs/log-batch"), Is.EqualTo(2), "options, and one call");
    }

    [Test]
    public void ARunThatIsNotThereAnyMoreIsLoggedAnew([Values] bool deleted)
    {
        Train("run", Server, stopAfter: 5);
        if (deleted)
            _mlflow.Runs["run0"].Deleted = true;
        else
            Assert.That(_mlflow.Runs.Remove("run0"));
        Train("run", Server, resume: true);
        Assert.That(
            WithoutTimes(_mlflow.Runs.Values.Last().Metrics), Is.EquivalentTo(Figures("run")), "also what was before");
    }

    [Test]
    public void AnEarlierRunIsLoggedWhenItIsResumed()
    {
        Train("run", server: null);
        Assert.That(Train("run", Server, resume: true), Is.Null);
        Assert.That(WithoutTimes(_mlflow.Runs["run0"].Metrics), Is.EquivalentTo(Figures("run")));
        Assert.That(_mlflow.Runs["run0"].Status, Is.EqualTo("FINISHED"));
    }

    [Test]
    public void WithAnotherLearningRateTheStepsAreLoggedAgain()
    {
        Train("run", Server, stopAfter: 4);
        Train("run", Server, resume: true, options: TinyTraining.Options with
        {
            LearningRate = 5e-4,
            NewLearningRate = true,
        });
        var run = _mlflow.Runs["run0"];
        Assert.That(run.Tags["learningRate after step 4"], Is.EqualTo("0.0005"));
        Assert.That(run.Params["learningRate"], Is.EqualTo("0.001"), "as it began");
        Assert.That(WithoutTimes(run.Metrics), Is.EquivalentTo(Figures("run")));
        Assert.That(_mlflow.Problems, Is.Empty);
    }

    [Test]
    public void AFailureIsTheRunsEnd()
    {
        Assert.That(
            () => Train("run", Server, stopAfter: 3, fails: true), Throws.InvalidOperationException);
        Assert.That(_mlflow.Runs["run0"].Status, Is.EqualTo("FAILED"));
        Assert.That(_mlflow.Runs["run0"].Metrics, Has.Count.EqualTo(9));
    }

    private static IEnumerable<TestCaseData> Refusals()
    {
        static TestCaseData Of(string name, Func<HttpResponseMessage> answer, string message) =>
            new TestCaseData(answer, message).SetArgDisplayNames(name);
        yield return Of(
            "away", () => throw new HttpRequestException("x", new IOException("Connection refused")),
            "no MLflow server can be used there: Connection refused; check the address");
        yield return Of("slow", () => throw new TaskCanceledException(), "no answer within 20 seconds");
        yield return Of(
            "busy", () => FakeMlflow.Text(HttpStatusCode.BadGateway, "<html>"), "502 BadGateway: without a reason");
        yield return Of(
            "page", () => FakeMlflow.Text(HttpStatusCode.OK, "<html>"), "there is no MLflow server: it sends no JSON");
        yield return Of(
            "other", () => FakeMlflow.Text(HttpStatusCode.OK, "{}"), "it gives no experiment_id");
        yield return Of(
            "missing", () => FakeMlflow.Text(HttpStatusCode.NotFound, ""), "is that the address of an MLflow server?");
        yield return Of(
            "redirect", () => FakeMlflow.Text(HttpStatusCode.Found, ""), "302 Found");
        yield return Of(
            "locked", () => FakeMlflow.Error(HttpStatusCode.Unauthorized, "UNAUTHENTICATED", "who are you\u001b[2J?"),
            "401 Unauthorized: who are you");
    }

    [TestCaseSource(nameof(Refusals))]
    public void WhatIsWrongWithTheServerIsSaidBeforeTheTraining(Func<HttpResponseMessage> answer, string message)
    {
        _mlflow.Instead = _ => answer();
        using var tracker = new MlflowTracker(Server, _mlflow, time: null);
        Assert.That(tracker.Connect, Throws.TypeOf<InputException>().With.Message.Contains(message)
            .And.Message.StartsWith("MlflowServer http://mlflow.test/track/: ").And.Message.Not.Contains("\u001b"));
    }

    [Test]
    public void ADeletedExperimentIsRefusedAndAMissingOneMade()
    {
        _mlflow.Experiments.Add("1", "-gone");
        using var gone = new MlflowTracker(Server with { Experiment = "gone" }, _mlflow, time: null);
        Assert.That(gone.Connect, Throws.TypeOf<InputException>().With.Message.Contains("the experiment was deleted"));
        using var other = new MlflowTracker(Server with { Experiment = "new & own" }, _mlflow, time: null);
        other.Connect();
        Assert.That(_mlflow.Experiments["2"], Is.EqualTo("new & own"));
        Assert.That(_mlflow.Problems, Is.Empty);
    }

    [Test]
    public void UserAndTokenGoWithEveryCallAndAreNeverShown()
    {
        MlflowServer[] servers =
        [
            Server with { UserName = "me", Password = "sécret", Token = "t0ken" }, Server with { Token = "t0ken" },
            Server,
        ];
        foreach (var server in servers)
        {
            using var tracker = new MlflowTracker(server, new Passing(_mlflow), time: null);
            tracker.Connect();
            Assert.That($"{server}", Does.Not.Contain("sécret").And.Not.Contain("t0ken"));
        }
        Assert.That(
            _mlflow.Authorizations, Is.EqualTo(new[] { "Basic bWU6c8OpY3JldA==", "Bearer t0ken", null }));
    }

    [TestCase("localhost:5000", "give the address of a tracking server, as http://localhost:5000")]
    [TestCase("sqlite:///mlflow.db", "give the address of a tracking server")]
    [TestCase("", "give the address of a tracking server")]
    [TestCase("http://me:secret@host", "leave user and password out of the address")]
    public void AnAddressThatCannotBeIsRefused(string address, string message) => Assert.That(
        () => MlflowServer.At(address),
        Throws.TypeOf<InputException>().With.Message.Contains(message).And.Message.Not.Contains("secret"));

    [Test]
    public void ADamagedFileOfTheRunIsNamed([Values("{", "{}", "{ \"server\": 1 }", "[]")] string text)
    {
        Train("run", Server, stopAfter: 3);
        File.WriteAllText(_folder["run/mlflow.json"], text);
        Assert.That(() => Train("run", Server, resume: true), Throws.TypeOf<InputException>().With.Message
            .Contains("mlflow.json: cannot be read: ").And.Message.Contains("remove it"));
    }

    private string? Train(
        string name, MlflowServer? server, bool resume = false, int? stopAfter = null, bool fails = false,
        TimeProvider? time = null, TrainerOptions? options = null)
    {
        using var backend = Backend.Cpu(1);
        var data = TinyTraining.Pictures(_folder.Path);
        var run = resume ? TrainingRun.Open(_folder[name]) : TrainingRun.Create(_folder[name]);
        using var trainer = new Trainer(backend, data, data, options ?? TinyTraining.Options, run, resume);
        using var tracker = server is null ? null : new MlflowTracker(server, new Passing(_mlflow), time);
        if (tracker is not null)
            trainer.Observe(tracker);
        using var stop = new CancellationTokenSource();
        trainer.Observe(new Stopping(stop, stopAfter, fails));
        try
        {
            trainer.Train(cancellation: stop.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.That(stopAfter, Is.Not.Null);
        }
        return tracker?.Problem?.ToString();
    }

    // What the event file has, in double precision: from the run's tables.
    private List<(string, long, double)> Figures(string name)
    {
        var epochs = RunMetrics.Read(_folder[$"{name}/metrics.csv"]);
        return WithoutTimes(
        [
            .. StepsFile.Read(_folder[$"{name}/steps.csv"]).SelectMany(
                step => EventScalars.Of(step).Select(figure => (figure.Tag, (long)step.Step, figure.Value))),
            .. epochs.SelectMany(epoch => EventScalars.Of(epoch, 84).Select(
                figure => (figure.Tag, (long)epoch.Step, figure.Value))).Where(figure => double.IsFinite(figure.Value)),
        ]);
    }

    // They stand rounded in metrics.csv.
    private static List<(string, long, double)> WithoutTimes(List<(string Key, long Step, double Value)> figures) =>
        figures.ConvertAll(figure => Times.Contains(figure.Key) ? figure with { Value = 0 } : figure);

    // Handlers end with the tracker that has them; the server stays.
    private sealed class Passing(FakeMlflow server) : HttpMessageHandler
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
            server.Answer(
                request.Method.Method, request.RequestUri!, request.Headers.Authorization?.ToString(),
                request.Content?.ReadAsStringAsync(cancellationToken).Result ?? "");

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(Send(request, cancellationToken));
    }

    // Time stands still, but the patience at the end is over at once.
    private sealed class OnlyPatience : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(
                callback, state, dueTime >= TimeSpan.FromSeconds(10) ? TimeSpan.Zero : Timeout.InfiniteTimeSpan,
                period);
    }

    private sealed class Stopping(CancellationTokenSource stop, int? after, bool fails) : ITrainingObserver
    {
        public void Step(in StepReport step)
        {
            if (step.Step != after)
                return;
            if (fails)
                throw new InvalidOperationException("full");
            stop.Cancel();
        }
    }
}
