namespace Flixstock.Engine;

/// <summary>A run, as a report shows it.</summary>
/// <param name="Name">Short name, different from those of the other runs.</param>
/// <param name="Facts">What run.json says.</param>
/// <param name="Epochs">The rows of metrics.csv; empty if no epoch was finished.</param>
/// <param name="Steps">The loss by step, if the run kept it.</param>
internal sealed record RunReport(
    string Name, RunFacts Facts, IReadOnlyList<EpochSummary> Epochs, IReadOnlyList<StepLoss> Steps)
{
    /// <summary>The best weights on the validation pictures; null: <see cref="WhyNot"/>.</summary>
    public RunEvaluation? Evaluation { get; init; }

    /// <summary>See <see cref="TrainingStart.LabelsPerBatch"/>; NaN: unknown.</summary>
    public double LabelsPerBatch { get; init; } = double.NaN;

    /// <summary>What is drawn of its training.</summary>
    public RunCurves Curves => new(Name, Epochs, Steps) { LabelsPerBatch = LabelsPerBatch };

    /// <summary>What is not in the data set any more as it was when the run was begun; empty: nothing.</summary>
    public IReadOnlyList<string> DataChanges { get; init; } = [];

    /// <summary>Why the best weights could not be evaluated; null if they were.</summary>
    public string? WhyNot { get; init; }

    /// <summary>The epoch that best.safetensors is from; null if there is none yet.</summary>
    public EpochSummary? Best => Curves.Best;

    /// <summary>Time of all epochs with their validation.</summary>
    public TimeSpan Duration =>
        TimeSpan.FromSeconds(Epochs.Select(epoch => epoch.Seconds).Where(double.IsFinite).Sum());

    /// <summary>Reads what a run's folder says, without its pictures.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="name">Its name in the report.</param>
    /// <exception cref="InputException">No run is there, or a file of it is damaged.</exception>
    public static RunReport Read(string folder, string name)
    {
        var facts = RunFacts.Read(folder);
        var metrics = TrainingRun.At(folder).MetricsFile;
        return File.Exists(metrics)
            ? new RunReport(name, facts, RunMetrics.Read(metrics), StepLosses.Read(folder))
            {
                LabelsPerBatch = RunMetrics.LabelsPerBatch(metrics),
            }
            : new RunReport(name, facts, [], StepLosses.Read(folder));
    }

    /// <summary>Short names of folders: the last part, and as much before it as keeps them apart.</summary>
    public static IReadOnlyList<string> Names(IReadOnlyList<string> folders)
    {
        var parts = folders.Select(folder => Path.GetFullPath(folder).Split(
            Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries)).ToList();
        var most = parts.Max(path => path.Length);
        for (var length = 1; length <= most; length++)
        {
            var names = parts.ConvertAll(path => string.Join('/', path.TakeLast(length)));
            if (names.Distinct(StringComparer.Ordinal).Count() == names.Count)
                return names;
        }
        return [.. folders];
    }
}
