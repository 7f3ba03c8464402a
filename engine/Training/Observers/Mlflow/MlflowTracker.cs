namespace Flixstock.Engine;

/// <summary>
/// Logs a training to an MLflow tracking server: its options, its figures by step (as thin as steps.csv) and by epoch,
/// and how it ended. A run that continues is the same run there, and what has not arrived is sent then.
/// </summary>
/// <remarks>
/// Threads: one at a time. A server that is slow or away does not delay the training, but for 10 seconds at its end.
/// </remarks>
public sealed class MlflowTracker : ITrainingObserver, IDisposable
{
    private const int LongestValue = 500; // of a parameter, on servers of any version
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), PatienceOfUsers = TimeSpan.FromSeconds(3);

    private readonly MlflowServer _server;
    private readonly MlflowClient _client;
    private readonly TimeProvider _time;
    private MlflowSender? _sender;
    private string? _experiment;
    private Wording? _notNoted;
    private int _stride = 1, _labelsPerBatch = 1, _sentStep, _sentEpoch;
    private bool _ended, _disposed;

    /// <summary>A tracker of one training. Nothing is sent before <see cref="Connect"/>.</summary>
    /// <param name="server">The server.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <exception cref="InputException">The address cannot be reached from this machine.</exception>
    public MlflowTracker(MlflowServer server, TimeProvider? time = null)
        : this(server, new SocketsHttpHandler { AllowAutoRedirect = false }, time)
    {
    }

    internal MlflowTracker(MlflowServer server, HttpMessageHandler handler, TimeProvider? time)
    {
        server.Require();
        (_server, _client, _time) = (server, new MlflowClient(server, handler), time ?? TimeProvider.System);
    }

    /// <summary>
    /// What could not be sent, when the training has ended; null: everything was. One line.
    /// </summary>
    public Wording? Problem { get; private set; }

    /// <summary>Finds or makes the experiment: proves before a training that the server can be used.</summary>
    /// <exception cref="InputException">The server does not answer, or refuses; says why.</exception>
    public void Connect()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _experiment ??= Ask(() => _client.Experiment(_server.Experiment));
    }

    /// <inheritdoc />
    /// <exception cref="InputException">The server does not answer, or refuses; says why.</exception>
    public void Begin(TrainingStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        Connect();
        var file = Ask(() => Continued(start) ?? Begun(start));
        (_stride, _labelsPerBatch) = (StepThinning.StrideOf(start.Steps), start.LabelsPerBatch);
        (_sentStep, _sentEpoch) = (file.Step, file.Epoch);
        var path = start.Run.MlflowFile;
        _sender = new MlflowSender(
            _client, file.Run, (step, epoch) => Note(path, file with
            {
                Step = Math.Max(step, file.Step),
                Epoch = Math.Max(epoch, file.Epoch),
            }),
            _time);
        SendMissing(start);
        _sender.Start();
    }

    /// <inheritdoc />
    public void Step(in StepReport step)
    {
        if (step.Step % _stride == 0 && step.Step > _sentStep)
            _sender?.Add(new MlflowEntry(Now, step, null, _labelsPerBatch));
    }

    /// <inheritdoc />
    public void EndEpoch(EpochSummary epoch)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        if (epoch.Epoch > _sentEpoch)
            _sender?.Add(new MlflowEntry(Now, default, epoch, _labelsPerBatch));
    }

    /// <inheritdoc />
    public void End(Exception? failure)
    {
        if (_sender is null || _ended)
            return;
        _ended = true;
        var killed = failure is OperationCanceledException;
        _sender.Finish(
            failure is null ? "FINISHED" : killed ? "KILLED" : "FAILED", killed ? PatienceOfUsers : Patience);
        Problem = WhatIsMissing(_sender) ?? _notNoted;
    }

    /// <summary>Ends the sending; a run that has not ended then has failed.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        End(new ObjectDisposedException(nameof(MlflowTracker)));
        _sender?.Dispose();
        _client.Dispose();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private T Ask<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (MlflowException e) when (e.Passes)
        {
            throw new InputException($"{Term.MlflowServer} {_server.Address}: no MLflow server can be used there: "
                + $"{e.Message}; check the address and that it is running, or train without it", e);
        }
        catch (MlflowException e)
        {
            throw new InputException($"{Term.MlflowServer} {_server.Address}: {e.Message}", e);
        }
    }

    // Null: nothing was logged there yet, or it was deleted.
    private MlflowRunFile? Continued(TrainingStart start)
    {
        if (MlflowRunFile.Read(start.Run.MlflowFile) is not { } file || file.Server != _server.Address.ToString()
            || !_client.HasRun(file.Run))
        {
            return null;
        }
        _client.Update(file.Run, "RUNNING", end: null, default);
        if (!start.Options.NewLearningRate)
            return file;
        // The same steps again, with other losses; an option once logged cannot be changed.
        _client.LogOptions(
            file.Run, [],
            [($"learningRate after step {start.StepsDone}", MlflowFacts.Text(start.Options.LearningRate))]);
        return file with
        {
            Step = Math.Min(file.Step, start.StepsDone),
            Epoch = Math.Min(file.Epoch, start.Epochs.Count),
        };
    }

    private MlflowRunFile Begun(TrainingStart start)
    {
        var facts = new MlflowFacts(start.Run);
        var run = _client.CreateRun(_experiment!, facts.Name, Now, facts.Tags());
        var file = new MlflowRunFile(_server.Address.ToString(), run, 0, 0);
        file.Write(start.Run.MlflowFile);
        _client.LogOptions(run, facts.Options(LongestValue), []);
        return file;
    }

    // What was trained before and has not arrived, from the run's own tables.
    private void SendMissing(TrainingStart start)
    {
        var now = Now;
        foreach (var step in StepsFile.Read(start.Run.StepsFile).Where(step => step.Step <= start.StepsDone))
        {
            if (step.Step > _sentStep)
                _sender!.Add(new MlflowEntry(now, step, null, _labelsPerBatch));
        }
        foreach (var epoch in start.Epochs.Where(epoch => epoch.Epoch > _sentEpoch))
            _sender!.Add(new MlflowEntry(now, default, epoch, _labelsPerBatch));
    }

    // On the sending thread. Without it what has arrived is sent twice if the run continues.
    private void Note(string path, MlflowRunFile file)
    {
        try
        {
            if (Directory.Exists(Path.GetDirectoryName(path)))
                file.Write(path);
        }
        catch (EngineException e)
        {
            _notNoted = e.Wording;
        }
    }

    private Wording? WhatIsMissing(MlflowSender sender)
    {
        var missing = sender.Missing;
        if (missing == 0 && sender.HasEnded)
            return null;
        var what = missing > 0 ? $"{missing} steps and epochs" : "how the run ended";
        var why = sender.Problem ?? "no time was left";
        return $"{Term.MlflowServer} {_server.Address}: {what} could not be sent ({why}); it is all in the "
            + $"run's folder, and {Term.Resume} sends what is missing";
    }
}
