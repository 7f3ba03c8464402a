namespace Flixstock.Engine;

/// <summary>Pictures that are the same or look alike, next to each other.</summary>
internal static class DuplicateSection
{
    private static readonly (FaultKind Kind, string Name, string Text)[] Kinds =
    [
        (FaultKind.Leak, "In two parts", "What is measured on one was learnt from the other."),
        (FaultKind.Contradiction, "The same file with other labels", "One of the two is wrong."),
        (FaultKind.Duplicate, "The same file twice in a part", "It counts twice."),
        (FaultKind.NearDuplicate, "Alike", "Found by a perceptual hash: worth a look, not certain."),
    ];

    /// <summary>A gallery for each kind that there is.</summary>
    public static Markup Of(DatasetFacts data, Thumbnails pictures, ReportOptions options)
    {
        var pairs = data.Look.Pairs.ToLookup(pair => pair.Fault.Kind);
        return pairs.Count == 0
            ? (Markup)$"<p>None.</p>"
            : Markup.Join(Kinds.Where(kind => pairs.Contains(kind.Kind)).Select(kind => Gallery(
                kind.Name, kind.Text, [.. pairs[kind.Kind]], data, pictures, options.Pictures)));
    }

    private static Markup Gallery(
        string name, string text, IReadOnlyList<DuplicatePair> pairs, DatasetFacts data, Thumbnails pictures, int most)
    {
        var figures = pairs.Take(most).Select(pair => Figure(pair, data, pictures)).OfType<Markup>().ToList();
        var shown = figures.Count < pairs.Count ? $"{figures.Count} of {pairs.Count}" : $"{pairs.Count}";
        return new Markup().Add($"<h4>{name} <small>{shown}</small></h4><p>{text}</p>")
            .Add($"<div class=\"pictures pairs\">{figures}</div>");
    }

    private static Markup? Figure(DuplicatePair pair, DatasetFacts data, Thumbnails pictures)
    {
        if (pictures.Show(pair.First.Sample, exifRotate: false) is not { } first
            || pictures.Show(pair.Second.Sample, exifRotate: false) is not { } second)
        {
            return null;
        }
        return new Markup()
            .Add($"<figure title=\"{Name(pair.First)} and {Name(pair.Second)}\"><div>").Add(first).Add(second)
            .Add($"</div><figcaption><span>{Name(pair.First)}</span><span>{Name(pair.Second)}</span>")
            .Add($"</figcaption></figure>");
    }

    private static string Name(SeenPicture picture) => $"{picture.Part}/{picture.Sample.File}";
}
