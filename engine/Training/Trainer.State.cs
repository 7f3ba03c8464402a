using System.Globalization;

namespace Flixstock.Engine;

// state.safetensors: everything a run needs to go on to the same bits. The loader's order follows from seed, epoch and batch alone.
public sealed partial class Trainer
{
    private const string NetworkPrefix = "network.", OptimizerPrefix = "optimizer.", PriorSums = "prior_sums", AverageTracked = "average_batches_tracked";

    private void SaveState(int epoch, int batch)
    {
        var state = new StateDict();
        foreach (var tensor in _network.ToStateDict())
            state.Add(tensor with { Name = NetworkPrefix + tensor.Name });
        foreach (var tensor in _step.Adam.SaveState())
            state.Add(tensor with { Name = OptimizerPrefix + tensor.Name });
        state.Add(StateTensors.From(PriorSums, [_training.Attributes.ClassCount], _backend.Device.ToHost<float>(_step.PriorSums)));
        var tracked = _step.Average.BatchesTracked;
        for (var i = 0; i < tracked.Count; i++)
            state.Add(StateTensors.From($"{AverageTracked}.{i}", tracked[i]));
        state.Metadata["epoch"] = Text(epoch);
        state.Metadata["batch"] = Text(batch);
        state.Metadata["pictures_seen"] = Text(_picturesSeen);
        state.Metadata["loss_sum"] = _lossSum.ToString("R", CultureInfo.InvariantCulture);
        state.Metadata["best_map"] = _best.MeanAp.ToString("R", CultureInfo.InvariantCulture);
        state.Metadata["best_loss"] = _best.ValidationLoss.ToString("R", CultureInfo.InvariantCulture);
        state.Metadata["best_epoch"] = Text(_bestEpoch);
        state.Metadata["best_weights"] = _bestWeights.ToString();
        if (_ignored is not null)
            state.Metadata["ignored"] = _ignored.Save();
        SafetensorsFile.Write(_run.StateFile, state);
    }

    private void LoadState()
    {
        if (_run.ReadPrecision() is var begun && begun != _backend.Precision.Option())
            throw new InputException($"--resume {_run.Folder}: the run was begun with --precision {begun}, not {_backend.Precision.Option()}; give the same one");
        var differences = _options.DifferencesTo(_run.ReadOptions());
        if (differences.Count > 0)
            throw new InputException($"--resume {_run.Folder}: the run was begun with other options: {string.Join(", ", differences)}; give the same ones");
        using var file = WeightsFile.Read(_run.StateFile, asStored: true);
        var state = file.State;
        try
        {
            _network.Load(Part(state, NetworkPrefix));
            _step.Adam.LoadState(Part(state, OptimizerPrefix));
            _backend.Device.CopyFromHost<float>(state[PriorSums].ToFloats(), _step.PriorSums);
            _step.Average.Load([.. _step.Average.BatchesTracked.Select((_, i) => state[$"{AverageTracked}.{i}"].ToIntegers()[0])], _step.Adam.StepsTaken);
            (_firstEpoch, _firstBatch) = ((int)Number(state, "epoch"), (int)Number(state, "batch"));
            _picturesSeen = Number(state, "pictures_seen");
            _lossSum = double.Parse(state.Metadata["loss_sum"], CultureInfo.InvariantCulture);
            // States from before there was a validation loss have none.
            _best = new ModelScore(
                double.Parse(state.Metadata["best_map"], CultureInfo.InvariantCulture),
                state.Metadata.TryGetValue("best_loss", out var loss) ? double.Parse(loss, CultureInfo.InvariantCulture) : double.NaN);
            _bestEpoch = (int)Number(state, "best_epoch");
            _bestWeights = EnumNames.Parse<WeightsKind>(state.Metadata["best_weights"], "best_weights");
            _ignored?.Load(state.Metadata["ignored"], _run.IgnoredFile, _firstEpoch);
        }
        catch (Exception e) when (e is InputException or FormatException or KeyNotFoundException or ArgumentException)
        {
            throw new InputException($"{_run.StateFile}: the state does not belong to this run or is damaged: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        if (File.Exists(_run.MetricsFile))
            _epochs.AddRange(RunMetrics.Read(_run.MetricsFile).Where(epoch => epoch.Epoch < _firstEpoch));
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

    private static long Number(StateDict state, string key) => long.Parse(state.Metadata[key], CultureInfo.InvariantCulture);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
