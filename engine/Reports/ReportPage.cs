namespace Flixstock.Engine;

/// <summary>
/// One HTML file that shows a training run, or several next to each other. It asks for nothing: style sheet, script,
/// charts and pictures are inside, and a content policy forbids everything else. Equal runs give equal bytes.
/// </summary>
internal static class ReportPage
{
    /// <summary>Largest number of runs in a page: as many as there are colours.</summary>
    public const int MostRuns = 8;

    private static readonly (string Id, string Name)[] Parts =
    [
        ("curves", "curves"), ("quality", "quality"), ("confusion", "confusion"), ("classes", "classes"),
        ("pictures", "pictures"), ("card", "model card"),
    ];

    /// <summary>The page.</summary>
    /// <param name="runs">At least one run, at most <see cref="MostRuns"/>.</param>
    /// <param name="options">How much is shown.</param>
    /// <param name="live">True: the page is served, and asks its server for a newer one every two seconds.</param>
    /// <param name="cancellation">Stops between pictures.</param>
    public static string Of(
        IReadOnlyList<RunReport> runs, ReportOptions options, bool live = false,
        CancellationToken cancellation = default)
    {
        var pictures = new Thumbnails(options.ThumbnailBytes, options.Places, cancellation);
        // First of every run what is worth most: there may not be room for all.
        var galleries = runs.Select(run => run.Evaluation is { } evaluation
            ? PicturesSection.Of(evaluation, pictures, options)
            : Markup.None).ToList();
        var sections = runs.Select((run, i) => new Markup()
            .Add($"<section id=\"run{i}\" class=\"run\">")
            .Add(runs.Count > 1 ? $"<h2>{run.Name} <small>{run.Facts.Folder}</small></h2>" : Markup.None)
            .Add(Section(run, $"run{i}", galleries[i], pictures, options)).Add($"</section>")).ToList();
        var title = $"Report: {string.Join(", ", runs.Select(run => run.Name))}";
        return HtmlPage.Of(title, new Markup()
            .Add(pictures.Definitions())
            .Add(Head(runs, live))
            .Add($"<main>")
            .Add(runs.Count > 1 ? Compared(runs) : Markup.None)
            .Add(Markup.Join(sections))
            .Add($"</main>"), live);
    }

    /// <summary>A live page that says why there is nothing to show yet.</summary>
    public static string Message(string text) => HtmlPage.Of("Report", new Markup()
        .Add($"<header><h1>Training run</h1><p id=\"live\"></p></header>")
        .Add($"<main><p class=\"missing\">{text}</p></main>"), live: true);

    private static Markup Head(IReadOnlyList<RunReport> runs, bool live)
    {
        var links = runs.Count > 1
            ? [$"<a href=\"#compare\">comparison</a>", .. runs.Select((run, i) =>
                (Markup)$"<a class=\"end t{i}\" href=\"#run{i}\">{run.Name}</a>")]
            : Parts.Take(runs[0].Evaluation is null ? 1 : Parts.Length).Select(
                part => (Markup)$"<a href=\"#run0-{part.Id}\">{part.Name}</a>");
        return new Markup().Add($"<header><h1>{(runs.Count > 1 ? "Training runs" : runs[0].Name)}</h1>")
            .Add(runs.Count > 1 ? Markup.None : $"<p>{runs[0].Facts.Folder}</p>")
            .Add(live ? $"<p id=\"live\"></p>" : Markup.None)
            .Add($"<nav>{links}</nav></header>");
    }

    private static Markup Compared(IReadOnlyList<RunReport> runs)
    {
        var page = new Markup().Add($"<section id=\"compare\"><h2>Comparison</h2>").Add(SummarySection.Of(runs));
        if (runs.All(run => run.Evaluation is null))
            return page.Add(CurvesSection.Of(runs)).Add($"</section>");
        var evaluated = runs.Select((run, i) => (run.Name, Tone: $"t{i}", run.Evaluation))
            .Where(run => run.Evaluation is not null).Select(run => (run.Name, run.Tone, run.Evaluation!)).ToList();
        return page.Add(CurvesSection.Of(runs, EvaluationCharts.PrecisionRecall(evaluated)))
            .Add($"<h3>Average precision of every class</h3>").Add(ClassSection.Compare(runs)).Add($"</section>");
    }

    private static Markup Section(
        RunReport run, string id, Markup gallery, Thumbnails pictures, ReportOptions options)
    {
        var section = new Markup().Add(SummarySection.Of(run))
            .Add($"<h3 id=\"{id}-curves\">Training</h3>").Add(CurvesSection.Of([run]));
        if (run.Evaluation is not { } evaluation)
            return section.Add($"<p class=\"missing\" id=\"{id}-quality\">{run.WhyNot}</p>");
        if (run.DataChanges.Count > 0)
        {
            section.Add($"<p class=\"missing\">The data set is not as it was when the run was begun, so what follows is ")
                .Add($"not what the run saw: {string.Join("; ", run.DataChanges)}.</p>");
        }
        return section
            .Add($"<h3 id=\"{id}-quality\">Best weights on the validation pictures</h3>")
            .Add(QualitySection.Of(evaluation))
            .Add($"<h3 id=\"{id}-confusion\">Confusion</h3>")
            .Add(new ConfusionSection(id, evaluation, pictures, options.Pictures > 0).ToMarkup())
            .Add($"<h3 id=\"{id}-classes\">Classes</h3>").Add(ClassSection.Of(id, evaluation))
            .Add($"<div id=\"{id}-pictures\">{gallery}</div>")
            .Add($"<h3 id=\"{id}-card\">Model card</h3>").Add(CardSection.Of(run, evaluation));
    }
}
