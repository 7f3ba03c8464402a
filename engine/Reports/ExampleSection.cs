namespace Flixstock.Engine;

/// <summary>Some pictures of every class, as they are labelled.</summary>
internal static class ExampleSection
{
    private const int MostClasses = 100, OfAClass = 4;

    /// <summary>Pictures of the first part in which a class is positive, from all over it.</summary>
    public static Markup Of(DatasetFacts data, Thumbnails pictures, ReportOptions options)
    {
        if (options.Pictures == 0)
            return $"<p>Not asked for.</p>";
        var (_, first) = data.Look.Parts[0];
        var counts = data.Summary.Parts[0].Classes;
        var rows = LabelChart.Shown(counts, MostClasses).Where(k => counts[k].Positive > 0)
            .Select(k => Row(data, first, k, counts[k].Positive, pictures)).ToList();
        return new Markup()
            .Add(counts.Count > MostClasses ? $"<p>The {MostClasses} commonest classes.</p>" : Markup.None)
            .Add($"<div class=\"examples\">{rows}</div>");
    }

    private static Markup Row(DatasetFacts data, ImageDataset part, int index, int positives, Thumbnails pictures)
    {
        var shown = Spread(part, index, positives).Select(sample => pictures.Show(sample, exifRotate: false))
            .OfType<Markup>().ToList();
        return new Markup()
            .Add($"<figure><figcaption>{part.Attributes.ClassNames[index]} <span>{positives}</span></figcaption>")
            .Add($"<div>{shown}</div></figure>");
    }

    private static IEnumerable<Sample> Spread(ImageDataset part, int index, int positives)
    {
        var step = Math.Max(1, positives / OfAClass);
        return part.Samples.Where(sample => sample.Labels[index] == 1).Where((_, i) => i % step == 0).Take(OfAClass);
    }
}
