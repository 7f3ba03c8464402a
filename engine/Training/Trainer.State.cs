using System.Globalization;

namespace Flixstock.Engine;

// state.safetensors: everything a run needs to continue to the same bits. The loader's order follows from seed, epoch
// and batch alone.
public sealed partial class Trainer
{
    private const string NetworkPrefix = "network.", OptimizerPrefix = "optimizer.", LossPrefix = "loss.",
        PriorSums = "prior_sums", AverageTracked = "average_batches_tracked";
    private const string Format = SafetensorsFile.OurFormats + "state", Diverged = "diverged", Skipped = "skipped",
        Metrics = "metrics", Losses = "losses", IgnoredEpochs = "ignored_epochs", BestNamed = "best_named";

    private RunPosition? _saved; // of the newest state on the disk
    // the newest state on the disk can be continued from: it was not saved because of a loss that is not finite
    private bool _isGood;

    private void SaveState()
    {
        _run.StayPresent();
        _observers.Save();
        var state = new StateDict();
        foreach (var tensor in _network.PresentState(_network.Buffer.Values, _network.BatchesTracked))
            state.Add(tensor with { Name = NetworkPrefix + tensor.Name });
        foreach (var tensor in _step.Adam.PresentState())
            state.Add(tensor with { Name = OptimizerPrefix + tensor.Name });
        state.Add(StateTensors.From(
            PriorSums, [_training.Attributes.ClassCount], _backend.Device.ToHost<float>(_step.PriorSums)));
        foreach (var (name, values) in _loss.Statistics)
            state.Add(StateTensors.From(LossPrefix + name, [(int)values.Count], _backend.Device.ToHost<float>(values)));
        var tracked = _step.Average.BatchesTracked;
        for (var i = 0; i < tracked.Count; i++)
            state.Add(StateTensors.From($"{AverageTracked}.{i}", tracked[i]));
        _selfLabels?.Save(state);
        foreach (var (key, value) in Describe())
            state.Metadata[key] = value;
        // Before and after a validation the weights are the same: the older state is one of other weights.
        var keepsOlder = _isGood && _options.KeepStates > 1
            && _saved?.Steps(StepsPerEpoch) != _position.Steps(StepsPerEpoch);
        SafetensorsFile.Write(_run.StateFile, state, keepAs: keepsOlder ? _run.PreviousStateFile : null);
        (_saved, _isGood) = (_position, !_diverged);
    }

    private IEnumerable<(string Key, string Value)> Describe()
    {
        yield return (SafetensorsFile.FormatKey, Format);
        yield return (RunIdentity.Key, _run.ReadIdentity().ToJson());
        yield return ("epoch", Text(_position.Epoch));
        yield return ("batch", Text(_position.Batch));
        yield return ("pictures_seen", Text(_picturesSeen));
        yield return ("loss_sum", _lossSum.ToString("R", CultureInfo.InvariantCulture));
        yield return (Losses, _history.Save());
        yield return ("best_map", _best.MeanAp.ToString("R", CultureInfo.InvariantCulture));
        yield return ("best_loss", _best.ValidationLoss.ToString("R", CultureInfo.InvariantCulture));
        if (double.IsFinite(_best.Named))
            yield return (BestNamed, _best.Named.ToString("R", CultureInfo.InvariantCulture));
        yield return ("best_epoch", Text(_bestEpoch));
        yield return ("best_weights", _bestWeights.ToString());
        yield return (Metrics, RunMetrics.ToText(_epochs.Where(epoch => epoch.Epoch < _position.Epoch)));
        if (_skipped > 0)
            yield return (Skipped, Text(_skipped));
        if (_diverged)
            yield return (Diverged, "true");
        if (_ignored is null)
            yield break;
        yield return ("ignored", _ignored.Save());
        yield return (IgnoredEpochs, _ignored.SaveEpochs());
    }

    private void RequirePrecision(string begun)
    {
        if (begun == _backend.PrecisionName)
            return;
        if (begun.StartsWith(_backend.Precision.Name(), StringComparison.Ordinal))
        {
            throw new InputException($"{Term.Resume} {_run.Folder}: the run was begun "
                + $"{(_backend.IsExact ? "without" : "with")} {Term.Exact}; continue it in the same way");
        }
        throw new InputException($"{Term.Resume} {_run.Folder}: the run was begun with {Term.Precision} {begun}, "
            + $"not {_backend.Precision.Name()}; give the same one");
    }

    private void LoadState()
    {
        RequirePrecision(_run.ReadPrecision());
        var saved = _run.ReadOptions();
        var differences = _options.DifferencesTo(saved);
        if (differences.Count > 0)
        {
            throw new InputException($"{Term.Resume} {_run.Folder}: the run was begun with other options: "
                + $"{string.Join(", ", differences)}; give the same ones");
        }

        var newRate = saved.LearningRate != _options.LearningRate;
        if (newRate)
            _run.RequireUnfinished(_options);
        LoadNewest(newRate);
        RepairTables();
        if (!newRate)
            return;
        _run.ChangeLearningRate(_options.LearningRate);
        SaveState(); // what is newest belongs to the new schedule
    }

    // The older of two states, if the newer is damaged or has the weights that a new learning rate is meant to avoid.
    private void LoadNewest(bool newRate)
    {
        var older = File.Exists(_run.PreviousStateFile);
        if (!File.Exists(_run.StateFile))
        {
            _notes.Add(
                $"{_run.StateFile} does not exist; continuing from the state before it, {_run.PreviousStateFile}");
            Load(_run.PreviousStateFile);
            return;
        }

        try
        {
            if (newRate && older && IsDiverged(_run.StateFile))
            {
                Load(_run.PreviousStateFile);
                _notes.Add($"with another {Term.LearningRate} the run continues from the state that was saved before "
                    + $"the loss stopped being finite: epoch {_position.Epoch}, step {_position.Batch + 1} of "
                    + $"{StepsPerEpoch}");
                return;
            }

            _isGood = Load(_run.StateFile);
            _saved = _position;
        }
        catch (InputException e) when (older && e is not StateMismatchException)
        {
            _notes.Add($"{e.Message.TrimEnd('.')}; continuing from the state before it, {_run.PreviousStateFile}");
            Load(_run.PreviousStateFile);
        }
    }

    private static bool IsDiverged(string path)
    {
        using var file = WeightsFile.Read(path, asStored: true);
        return file.State.Metadata.ContainsKey(Diverged);
    }

    /// <returns>False if it was saved because of a loss that is not finite.</returns>
    private bool Load(string path)
    {
        using var file = WeightsFile.Read(path, asStored: true);
        var state = file.State;
        try
        {
            _run.RequireSame(
                state.Metadata.TryGetValue(RunIdentity.Key, out var identity) ? RunIdentity.FromJson(identity) : null);
            LoadTensors(state);
            LoadCounts(state);
            return !state.Metadata.ContainsKey(Diverged);
        }
        catch (Exception e) when (e is FormatException or OverflowException or KeyNotFoundException or ArgumentException
            || (e is InputException && e is not StateMismatchException))
        {
            throw new InputException(
                $"{path}: the state does not belong to this run or is damaged: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private void LoadTensors(StateDict state)
    {
        _network.Load(Part(state, NetworkPrefix));
        _step.Adam.LoadState(Part(state, OptimizerPrefix));
        _backend.Device.CopyFromHost<float>(state[PriorSums].ToFloats(), _step.PriorSums);
        foreach (var (name, values) in _loss.Statistics)
            _backend.Device.CopyFromHost<float>(state[LossPrefix + name].ToFloats(), values);
        _selfLabels?.Load(state);
        _step.Average.Load(
            [.. _step.Average.BatchesTracked.Select((_, i) => state[$"{AverageTracked}.{i}"].ToIntegers()[0])],
            _step.Adam.StepsTaken);
    }

    private void LoadCounts(StateDict state)
    {
        var text = state.Metadata;
        _position = new RunPosition((int)Number(state, "epoch"), (int)Number(state, "batch"));
        _picturesSeen = Number(state, "pictures_seen");
        _lossSum = double.Parse(text["loss_sum"], CultureInfo.InvariantCulture);
        _skipped = text.ContainsKey(Skipped) ? (int)Number(state, Skipped) : 0;
        _history.Load(text.GetValueOrDefault(Losses));
        // States from before there was a validation loss have none.
        _best = new ModelScore(
            double.Parse(text["best_map"], CultureInfo.InvariantCulture),
            text.TryGetValue("best_loss", out var loss)
                ? double.Parse(loss, CultureInfo.InvariantCulture)
                : double.NaN)
        {
            Named = text.TryGetValue(BestNamed, out var named)
                ? double.Parse(named, CultureInfo.InvariantCulture)
                : double.NaN,
        };
        _bestEpoch = (int)Number(state, "best_epoch");
        _bestWeights = EnumNames.Parse<WeightsKind>(text["best_weights"], "best_weights");
        _ignored?.Load(text["ignored"], text.GetValueOrDefault(IgnoredEpochs), _run.IgnoredFile, _position.Epoch);
        _epochs.Clear();
        if (text.TryGetValue(Metrics, out var metrics))
            _epochs.AddRange(RunMetrics.FromText(metrics));
        else if (File.Exists(_run.MetricsFile)) // states from before they had them
            _epochs.AddRange(RunMetrics.Read(_run.MetricsFile).Where(epoch => epoch.Epoch < _position.Epoch));
    }

    // The state has every epoch's figures but the times, which are in metrics.csv alone.
    private void RepairTables()
    {
        if (_epochs.Count == 0)
            return;
        IReadOnlyList<EpochSummary> written = [];
        var problem = "it does not exist";
        try
        {
            if (File.Exists(_run.MetricsFile))
                (written, problem) = (RunMetrics.Read(_run.MetricsFile), "rows are missing or changed");
        }
        catch (InputException e)
        {
            problem = e.Message;
        }

        var repaired = 0;
        for (var i = 0; i < _epochs.Count; i++)
        {
            if (!double.IsNaN(_epochs[i].Seconds))
                continue; // read from metrics.csv itself
            var times = written.FirstOrDefault(epoch => epoch.Epoch == _epochs[i].Epoch);
            var row = _epochs[i] with
            {
                Seconds = times?.Seconds ?? double.NaN,
                ImagesPerSecond = times?.ImagesPerSecond ?? double.NaN,
                DataWait = times?.DataWait ?? double.NaN,
            };
            repaired += row.Equals(times) ? 0 : 1;
            _epochs[i] = row;
        }

        if (repaired == 0)
            return;
        RunMetrics.Write(_run.MetricsFile, _epochs, LabelsPerBatch);
        _notes.Add(
            $"{_run.MetricsFile} is repaired from the state ({problem}); times of {repaired} epochs may be missing");
    }

    private static StateDict Part(StateDict state, string prefix)
    {
        var part = new StateDict();
        foreach (var tensor in state)
        {
            if (tensor.Name.StartsWith(prefix, StringComparison.Ordinal))
                part.Add(tensor with { Name = tensor.Name[prefix.Length..] });
        }
        return part;
    }

    private static long Number(StateDict state, string key) =>
        long.Parse(state.Metadata[key], CultureInfo.InvariantCulture);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
