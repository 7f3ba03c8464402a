namespace Flixstock.Engine;

/// <summary>Loss, validation mAP and learning rate of one run, or of several in the same charts.</summary>
internal static class CurvesSection
{
    /// <summary>The charts.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="more">A chart that stands next to them; null: none.</param>
    public static Markup Of(IReadOnlyList<RunReport> runs, ChartPanel? more = null)
    {
        var added = more is null ? Markup.None : Html.Figure(more);
        if (runs.All(run => run.Epochs.Count == 0 && run.Steps.Count == 0))
            return $"<p class=\"missing\">No epoch is finished yet, so there are no curves.</p>{added}";
        var panels = TrainingCurves.Panels([.. runs.Select(run => run.Curves)]);
        return new Markup().Add($"<div class=\"charts\">").Add(Markup.Join(panels.Select(Html.Figure))).Add(added)
            .Add($"</div>");
    }
}
