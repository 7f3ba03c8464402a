namespace Flixstock.Engine;

/// <summary>Labels of a data set: charts of the parts, and every class in a table.</summary>
internal static class LabelSection
{
    private const int Bins = 20;

    /// <summary>Labels of each part by class, and known labels of a picture.</summary>
    public static Markup Charts(DatasetFacts data, CancellationToken cancellation)
    {
        var panels = data.Summary.Parts.Select(part => LabelChart.Panel(data.Summary.Attributes, part, width: 460))
            .Append(KnownOfAPicture(data, cancellation));
        return new Markup().Add($"<div class=\"charts\">").Add(Markup.Join(panels.Select(Html.Figure))).Add($"</div>");
    }

    /// <summary>Every class, to be sorted and searched.</summary>
    public static Markup Classes(DatasetSummary summary)
    {
        var attributes = summary.Attributes;
        var groups = attributes.Groups.SelectMany(group => Enumerable.Repeat(group.Name, group.Classes)).ToList();
        var columns = summary.Parts.SelectMany(part => new HtmlColumn[]
        {
            new($"{part.Part}, positive", true), new($"{part.Part}, negative", true),
            new($"{part.Part}, unknown", true),
        });
        return Html.SortableTable(
            "classes-table",
            [new("class"), new("attribute"), .. columns, new("positive, % of known", true), new("unknown, %", true)],
            Enumerable.Range(0, attributes.ClassCount).Select(k => Row(summary, k, groups[k])));
    }

    private static HtmlCell[] Row(DatasetSummary summary, int index, string attribute)
    {
        var counts = summary.Parts.Select(part => part.Classes[index]).ToList();
        var (there, absent, unknown) = (
            counts.Sum(count => count.Positive), counts.Sum(count => count.Negative),
            counts.Sum(count => count.Unknown));
        return
        [
            new(summary.Attributes.ClassNames[index]), new(attribute),
            .. counts.SelectMany(count => new[]
            {
                HtmlCell.Of(count.Positive), HtmlCell.Of(count.Negative), HtmlCell.Of(count.Unknown),
            }),
            HtmlCell.Percent(there + absent == 0 ? double.NaN : 100.0 * there / (there + absent)),
            HtmlCell.Percent(100.0 * unknown / Math.Max(1, there + absent + unknown)),
        ];
    }

    // How much of a picture is known: all of it, a few classes, nothing.
    private static ChartPanel KnownOfAPicture(DatasetFacts data, CancellationToken cancellation)
    {
        var chart = new Chart(
            "Known labels of a picture", new ChartAxis(0, 100) { Name = "known labels of a picture, %" },
            new ChartAxis(0, 100) { Name = "% of the pictures" });
        foreach (var ((part, pictures), i) in data.Look.Parts.Select((one, i) => (one, i)))
        {
            var counts = new int[Bins];
            foreach (var sample in pictures.Samples)
            {
                cancellation.ThrowIfCancellationRequested();
                var share = (double)sample.Labels.Known().Count() / data.Summary.Attributes.ClassCount;
                counts[Math.Min(Bins - 1, (int)(share * Bins))]++;
            }
            var all = Math.Max(1, pictures.Samples.Count);
            chart.Line(
                [(0, 100.0 * counts[0] / all), .. counts.Select((count, bin) => (
                    100 * (bin + 1.0) / Bins, 100.0 * count / all))],
                $"t{i}", part, steps: true);
        }
        return new ChartPanel("Known labels of a picture", $"In {Bins} bins; the last is of complete pictures.", chart);
    }
}
