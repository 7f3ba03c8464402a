namespace Flixstock.Engine;

/// <summary>The charts of an evaluation as files, and the model card that shows them.</summary>
internal static class EvaluationFolder
{
    /// <summary>Name of the model card.</summary>
    public const string CardName = "card.md";

    private const string ConfusionPrefix = "confusion_";

    private static readonly string[] Names =
        ["precision_recall", "precision_recall_by_class", "f1", "ap_by_frequency", "reliability", "probabilities"];

    /// <summary>Writes everything.</summary>
    /// <param name="folder">The folder, made if it does not exist; files of these names are replaced.</param>
    /// <param name="subject">What was evaluated.</param>
    /// <param name="evaluation">The evaluation.</param>
    /// <param name="cancellation">Stops between two charts.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Write(
        string folder, CardSubject subject, RunEvaluation evaluation, CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(folder);
        var charts = Charts(evaluation).ToList();
        foreach (var (name, panel) in charts)
        {
            cancellation.ThrowIfCancellationRequested();
            ChartFile.Save(Path.Combine(folder, name + ".png"), panel);
        }
        var card = new ModelCard(subject, evaluation);
        Files.WriteAtomically(
            Path.Combine(folder, CardName),
            card.ToMarkdown(
                [.. charts.Select(chart => (chart.Panel.Title, Uri.EscapeDataString($"{chart.Name}.png")))]));
    }

    /// <summary>Files in a folder that an earlier evaluation wrote: a new one may have fewer.</summary>
    public static IEnumerable<string> In(string folder) => !Directory.Exists(folder)
        ? []
        : Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Where(IsOwn);

    private static bool IsOwn(string file) => file == CardName
        || (Path.GetExtension(file) is ".png" or ".svg" && Path.GetFileNameWithoutExtension(file) is var name
            && (Names.Contains(name) || name.StartsWith(ConfusionPrefix, StringComparison.Ordinal)));

    private static IEnumerable<(string Name, ChartPanel Panel)> Charts(RunEvaluation evaluation)
    {
        var all = EvaluationCharts.Panels(evaluation);
        yield return (Names[0], all[0]);
        if (EvaluationCharts.PrecisionRecallByClass(evaluation) is { } byClass)
            yield return (Names[1], byClass);
        for (var i = 1; i < all.Count; i++)
            yield return (Names[i + 1], all[i]);
        foreach (var (group, matrix) in evaluation.Matrices)
        {
            var name = evaluation.Dataset.Attributes.Groups[group].Column;
            yield return (
                SafeFileName.Of(ConfusionPrefix, name, ""), EvaluationCharts.Confusion(evaluation, group, matrix));
        }
    }
}
