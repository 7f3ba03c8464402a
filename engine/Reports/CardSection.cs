namespace Flixstock.Engine;

/// <summary>The model card as a part of a page.</summary>
internal static class CardSection
{
    /// <summary>The card of a run whose weights were evaluated.</summary>
    public static Markup Of(RunReport run, RunEvaluation evaluation)
    {
        var card = new ModelCard(new CardSubject(run.Name, run.Facts.DataFolder, "val"), evaluation);
        return new Markup()
            .Add($"<h4>Data</h4><p>{card.Data}</p>")
            .Add(run.Facts.Commit.Length > 0 ? (Markup)$"<p>Trained at commit {run.Facts.Commit}.</p>" : $"")
            .Add(Html.Table(card.Labels.Headings, card.Labels.Rows))
            .Add($"<h4>Metrics on the validation pictures</h4>")
            .Add(Html.Table(card.Metrics.Headings, card.Metrics.Rows))
            .Add($"<h4>Limits</h4><ul>")
            .Add(Markup.Join(card.Limits.Select(limit => (Markup)$"<li>{limit}</li>")))
            .Add($"</ul>");
    }
}
