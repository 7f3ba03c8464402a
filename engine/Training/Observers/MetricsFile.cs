namespace Flixstock.Engine;

/// <summary>Writes metrics.csv, a row for every epoch.</summary>
internal sealed class MetricsFile : ITrainingObserver
{
    private readonly List<EpochSummary> _epochs = [];
    private TrainingStart? _start;

    public void Begin(TrainingStart start)
    {
        _start = start;
        _epochs.Clear();
        _epochs.AddRange(start.Epochs);
    }

    public void EndEpoch(EpochSummary epoch)
    {
        _epochs.Add(epoch);
        RunMetrics.Write(_start!.Run.MetricsFile, _epochs, _start.LabelsPerBatch);
    }
}
