namespace Flixstock.Engine;

/// <summary>What a page shows of a data set.</summary>
/// <param name="Path">The data set's folder.</param>
/// <param name="Summary">Its labels, counted.</param>
/// <param name="Look">Its pictures and their faults.</param>
internal sealed record DatasetFacts(string Path, DatasetSummary Summary, DatasetLook Look);

/// <summary>
/// One HTML file that shows a data set before anything is learnt from it: labels and what is unknown, classes that
/// occur together, sizes, duplicates and pictures that lie in two parts. Equal data sets give equal bytes.
/// </summary>
internal static class DatasetPage
{
    private const int MostNotes = 20;

    private static readonly (string Id, string Name)[] Sections =
    [
        ("faults", "faults"), ("same", "same pictures"), ("labels", "labels"), ("classes", "classes"),
        ("together", "together"), ("sizes", "sizes"), ("examples", "examples"),
    ];

    /// <summary>The page.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="options">How many pictures are shown.</param>
    /// <param name="cancellation">Stops between pictures.</param>
    public static string Of(DatasetFacts data, ReportOptions options, CancellationToken cancellation = default)
    {
        var pictures = new Thumbnails(options.ThumbnailBytes, options.Places, cancellation);
        // What is wrong is worth most: there may not be room for all pictures.
        var same = DuplicateSection.Of(data, pictures, options);
        var examples = ExampleSection.Of(data, pictures, options);
        var main = new Markup()
            .Add($"<main>").Add(Parts(data.Summary)).Add(Notes(data.Summary))
            .Add(Headed("faults", "Faults", FaultSection.Of(data.Look.Report)))
            .Add(Headed("same", "Pictures that are the same or look alike", same))
            .Add(Headed("labels", "Labels", LabelSection.Charts(data, cancellation)))
            .Add(Headed("classes", "Classes", LabelSection.Classes(data.Summary)))
            .Add(Headed("together", "Classes that occur together", CoOccurrenceSection.Of(data, cancellation)))
            .Add(Headed("sizes", "Sizes", SizeSection.Of(data.Look.Seen)))
            .Add(Headed("examples", "What each class looks like", examples))
            .Add($"</main>");
        return HtmlPage.Of($"Data set: {data.Path}", new Markup()
            .Add(pictures.Definitions()).Add(Head(data)).Add(main));
    }

    private static Markup Head(DatasetFacts data)
    {
        var errors = data.Look.Report.Errors;
        var warnings = data.Look.Report.Faults.Count - errors;
        var links = Sections.Select(section => (Markup)$"<a href=\"#{section.Id}\">{section.Name}</a>");
        return new Markup()
            .Add($"<header><h1>{data.Path}</h1><p>{DatasetSource.NameOf(data.Summary.Type)}, ")
            .Add($"{data.Summary.Attributes.ClassCount} classes, {data.Look.Report.Pictures} pictures; ")
            .Add($"{Count(errors, "error")}, {Count(warnings, "warning")}</p><nav>{links}</nav></header>");
    }

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

    private static Markup Headed(string id, string title, Markup content) =>
        new Markup().Add($"<h3 id=\"{id}\">{title}</h3>").Add(content);

    private static Markup Parts(DatasetSummary summary) => new Markup()
        .Add($"<h3>Parts</h3>")
        .Add(Html.Table(
            ["part", "pictures", "positive, %", "negative, %", "unknown, %"],
            summary.Parts.Select(part => new[]
            {
                part.Part, $"{part.Pictures}", Share(part, count => count.Positive),
                Share(part, count => count.Negative), Share(part, count => count.Unknown),
            })))
        .Add($"<p>Shares of all labels: pictures times classes.</p>");

    private static Markup Notes(DatasetSummary summary)
    {
        var notes = summary.Parts.SelectMany(part => part.Notes).Distinct(StringComparer.Ordinal)
            .Concat(summary.PassedOver.Lines(all: false)).ToList();
        return notes.Count == 0
            ? Markup.None
            : new Markup().Add($"<ul>")
                .Add(Markup.Join(notes.Take(MostNotes).Select(note => (Markup)$"<li>{note}</li>")))
                .Add(notes.Count > MostNotes ? $"<li>and {notes.Count - MostNotes} more</li>" : Markup.None)
                .Add($"</ul>");
    }

    private static string Share(PartSummary part, Func<ClassCount, int> count) => Html.Percent(
        100 * part.Classes.Sum(entry => (double)count(entry)) / ((double)part.Pictures * part.Classes.Count));
}
