namespace Flixstock.Engine;

/// <summary>Charts of how well the probabilities of a run's best weights fit the labels.</summary>
internal static class QualitySection
{
    /// <summary>The charts of one run.</summary>
    /// <param name="evaluation">Its evaluation.</param>
    public static Markup Of(RunEvaluation evaluation) => new Markup()
        .Add($"<div class=\"charts\">")
        .Add(Markup.Join(EvaluationCharts.Panels(evaluation).Select(Html.Figure)))
        .Add($"</div>")
        .Add(Multiples(evaluation));

    private static Markup Multiples(RunEvaluation evaluation)
    {
        var (drawn, which) = EvaluationCharts.Drawn(evaluation);
        return drawn.Count == 0
            ? Markup.None
            : new Markup().Add($"<h3>Precision and recall by class: {which}</h3><div class=\"multiples\">")
                .Add(Markup.Join(drawn.Select(Multiple))).Add($"</div>");
    }

    private static Markup Multiple((ClassMetrics Class, ThresholdCurve Curve) one) => new Markup()
        .Add($"<figure><figcaption title=\"{one.Class.Name}\">{one.Class.Name}</figcaption>")
        .Add(SvgPaper.Of(EvaluationCharts.OfClass(one)))
        .Add($"<small>{EvaluationCharts.AveragePrecision(one.Class)}</small></figure>");
}
