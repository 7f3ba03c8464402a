using System.Net;
using Flixstock.Engine;

namespace Flixstock.Tests.Training.Mlflow;

/// <summary>When figures are sent, how many by one call, and what happens when they cannot be.</summary>
public sealed class MlflowSenderTests
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(5);
    private readonly List<(int Step, int Epoch)> _arrived = [];
    private FakeMlflow _mlflow = null!;
    private MlflowClient _client = null!;
    private MlflowSender _sender = null!;
    private bool _away;

    [SetUp]
    public void Begin()
    {
        (_mlflow, _away) = (new FakeMlflow(), false);
        _arrived.Clear();
        _mlflow.Instead = _ => _away ? FakeMlflow.Text(HttpStatusCode.TooManyRequests, "") : null;
        _client = new MlflowClient(MlflowServer.At("http://mlflow.test"), _mlflow);
        var run = _client.CreateRun("0", "run", 1, []);
        _mlflow.Calls.Clear();
        _sender = new MlflowSender(_client, run, (step, epoch) => _arrived.Add((step, epoch)), TimeProvider.System);
    }

    [TearDown]
    public void End()
    {
        _sender.Dispose();
        _client.Dispose();
        _mlflow.Dispose();
    }

    [Test]
    public void OneCallHasAsMuchAsTheServerAllows()
    {
        for (var number = 1; number <= 200; number++)
            Add(number, epoch: number != 100);
        Assert.That(Turns(3), Is.EqualTo(new[] { TimeSpan.Zero, Usual, Usual }));
        Assert.That(_mlflow.Calls, Is.EqualTo(Enumerable.Repeat("POST runs/log-batch", 3)));
        Assert.That(_arrived, Is.EqualTo(new[] { (0, 80), (100, 160), (100, 200) }));
        Assert.That((_sender.Missing, _mlflow.Runs["run0"].Metrics.Count), Is.EqualTo((0, (199 * 12) + 3)));
        Assert.That(_mlflow.Problems, Is.Empty);
    }

    [Test]
    public void AServerThatIsAwayIsAskedLaterAndLater()
    {
        _away = true;
        Add(1);
        Assert.That(
            Turns(9).Select(pause => pause!.Value.TotalSeconds), Is.EqualTo(new[] { 1, 2, 4, 8, 16, 32, 60, 60, 60 }));
        Assert.That((_sender.Missing, _sender.Problem), Is.EqualTo((1, "429 TooManyRequests: without a reason")));
        _away = false;
        Assert.That(Turns(2), Is.EqualTo(new[] { Usual, Usual }));
        Assert.That((_sender.Missing, _sender.Problem), Is.EqualTo((0, (string?)null)));
        _away = true;
        Add(2);
        Assert.That(Turns(1), Is.EqualTo(new[] { TimeSpan.FromSeconds(1) }));
        Assert.That(_mlflow.Runs["run0"].Metrics, Has.Count.EqualTo(3), "each figure once");
    }

    [Test]
    public void WhatTheQueueHasNoPlaceForIsCountedAndNothingAfterItCountsAsArrived()
    {
        _away = true;
        for (var step = 1; step <= MlflowSender.MostWaiting + 7; step++)
            Add(step);
        Assert.That((_sender.Missing, _sender.Lost), Is.EqualTo((MlflowSender.MostWaiting + 7, 7)));
        _away = false;
        while (Turns(1)[0] == TimeSpan.Zero)
        {
        }
        Assert.That(_sender.Missing, Is.EqualTo(7));
        Assert.That(_arrived, Is.Empty, "a run that continues sends what is missing in the middle");
    }

    [Test]
    public void WhatIsNoNumberIsLeftOut()
    {
        _sender.Add(new MlflowEntry(1, new StepReport(1, 1, float.NaN, double.PositiveInfinity, 0.5), null, 1));
        Turns(1);
        Assert.That(_mlflow.Runs["run0"].Metrics, Is.EqualTo(new[] { ("step/learning_rate", 1L, 0.5) }));
        Assert.That(_mlflow.Problems, Is.Empty);
    }

    private TimeSpan?[] Turns(int count) => [.. Enumerable.Range(0, count).Select(_ => _sender.Turn())];

    private void Add(int number, bool epoch = false) => _sender.Add(new MlflowEntry(
        1, new StepReport(number, 1, 2, 3, 4),
        epoch
            ? new EpochSummary(number, number, 1, 2, 3, 4, 5, 6, false, 7, 8, 9, 10, 0) { Named = 1, AverageNamed = 2 }
            : null,
        1));
}
