namespace Flixstock.Engine;

/// <summary>Numbers of a part's pictures in which a class is positive, negative or unknown.</summary>
/// <param name="Positive">Pictures with label 1.</param>
/// <param name="Negative">Pictures with label 0.</param>
/// <param name="Unknown">Pictures with label -1.</param>
public readonly record struct ClassCount(int Positive, int Negative, int Unknown);

/// <summary>The labels of one part, counted.</summary>
/// <param name="Part">train, val or test.</param>
/// <param name="Pictures">Number of pictures.</param>
/// <param name="Classes">[classes] counts of each class.</param>
/// <param name="Notes">Notes from reading the part.</param>
public sealed record PartSummary(
    string Part, int Pictures, IReadOnlyList<ClassCount> Classes, IReadOnlyList<string> Notes)
{
    /// <summary>Counts the labels of a part.</summary>
    public static PartSummary Of(string part, ImageDataset data, CancellationToken cancellation = default)
    {
        var classes = data.Attributes.ClassCount;
        var (positive, negative) = (new int[classes], new int[classes]);
        foreach (var sample in data.Samples)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var (k, label) in sample.Labels.Known())
                (label == 1 ? positive : negative)[k]++;
        }
        var pictures = data.Samples.Count;
        return new PartSummary(
            part, pictures,
            [.. Enumerable.Range(0, classes)
                .Select(k => new ClassCount(positive[k], negative[k], pictures - positive[k] - negative[k]))],
            data.Notes);
    }
}

/// <summary>Contents of a data set.</summary>
/// <param name="Type">The layout from which it was read.</param>
/// <param name="Attributes">The classes.</param>
/// <param name="Parts">The parts that it has.</param>
/// <param name="PassedOver">Files among the pictures that belong to no part.</param>
public sealed record DatasetSummary(
    DatasetType Type, AttributeTable Attributes, IReadOnlyList<PartSummary> Parts, PassedOver PassedOver)
{
    /// <summary>Counts all parts that the data set has.</summary>
    /// <exception cref="InputException">A part cannot be read, or the data set has none.</exception>
    public static DatasetSummary Of(DatasetSource source)
    {
        source = source.Resolved();
        AttributeTable? attributes = null;
        var (parts, loaded) = (new List<PartSummary>(), new List<ImageDataset>());
        foreach (var part in DatasetLayout.Parts.Where(source.Has))
        {
            var data = source.Load(part);
            attributes ??= data.Attributes;
            if (!attributes.ClassNames.SequenceEqual(data.Attributes.ClassNames, StringComparer.Ordinal))
            {
                throw new InputException($"{source.Path}: the part '{part}' has other classes than '{parts[0].Part}'; "
                    + $"all parts of a data set need the same");
            }
            parts.Add(PartSummary.Of(part, data, source.Cancellation));
            loaded.Add(data);
        }
        return attributes is null
            ? throw new InputException($"{source.Path}: the data set has none of the parts train, val and test")
            : new DatasetSummary(source.Type, attributes, parts, DatasetSurvey.Of(source, loaded, source.Cancellation));
    }

    /// <summary>A CSV with a row for every class and part, LF line ends.</summary>
    public string ToCsv()
    {
        var text = new System.Text.StringBuilder("class,part,positive,negative,unknown\n");
        for (var k = 0; k < Attributes.ClassCount; k++)
        {
            foreach (var part in Parts)
            {
                text.Append($"{CsvCell.Of(Attributes.ClassNames[k])},{part.Part},{part.Classes[k].Positive},"
                    + $"{part.Classes[k].Negative},{part.Classes[k].Unknown}\n");
            }
        }
        return text.ToString();
    }
}
