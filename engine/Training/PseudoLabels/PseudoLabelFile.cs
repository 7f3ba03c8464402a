namespace Flixstock.Engine;

/// <summary>
/// Scores that another model gave: a CSV file with the columns <c>filename,class,score</c>. In a training they are the
/// targets of labels that nobody gave; what is known stays as it is.
/// </summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="Path">The file.</param>
/// <param name="Digest">Digest of its content when the run was begun: another content would give other numbers.</param>
public sealed record PseudoLabelFile(string Path, string Digest)
{
    private const int HexDigits = 32;
    private static readonly string[] Columns = ["filename", "class", "score"];

    /// <summary>A file as it is now.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static PseudoLabelFile Of(string path)
    {
        var hash = new Sha256();
        hash.Append(TextFile.ReadUtf8(path).Span);
        return new PseudoLabelFile(path, Convert.ToHexStringLower(hash.GetHashAndReset())[..HexDigits]);
    }

    /// <summary>The data set with soft targets.</summary>
    /// <param name="training">The pictures to train on.</param>
    /// <returns>The data set, and a line on what was used and what was not.</returns>
    /// <exception cref="InputException">
    /// The file has changed, a row is wrong (names it), or no row is about an unknown label of these pictures.
    /// </exception>
    internal (ImageDataset Dataset, Wording Note) Apply(ImageDataset training)
    {
        if (Of(Path).Digest != Digest)
        {
            throw new InputException($"{Path}: the pseudo-labels have changed since the run was begun; put the file back "
                + $"as it was, or start a new run");
        }
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (place, sample) in training.Samples.Index())
            places.TryAdd(sample.File, place);
        var targets = new float[training.Samples.Count][];
        var (used, known, elsewhere) = (0, 0, 0);
        foreach (var (name, classIndex, score) in Rows(training.Attributes))
        {
            if (!places.TryGetValue(name, out var place))
            {
                elsewhere++;
                continue;
            }
            var labels = training.Samples[place].Labels;
            if (labels[classIndex] >= 0)
            {
                known++;
                continue;
            }
            targets[place] ??= [.. labels.ToArray().Select(label => (float)label)];
            targets[place][classIndex] = score;
            used++;
        }
        if (used == 0)
        {
            throw new InputException($"{Path}: none of its rows is about an unknown label of the training pictures: "
                + $"{known} are about known labels, {elsewhere} name other pictures; file names must be as in the "
                + $"labels, for example '{training.Samples[0].File}'");
        }
        Sample[] samples = [.. training.Samples.Select((sample, i) =>
            targets[i] is { } soft ? sample with { SoftLabels = soft } : sample)];
        Wording note = $"{Path}: {used} pseudo-labels for {targets.Count(soft => soft is not null)} pictures; "
            + $"not used: {known} of known labels, {elsewhere} of other pictures";
        return (training.WithSamples(samples), note);
    }

    private IEnumerable<(string File, int Class, float Score)> Rows(AttributeTable attributes)
    {
        using var table = CsvTable.Open(Path, Columns);
        var places = table.Headings.FindAll(Columns, missing => new InputException(
            $"{Path}: row 1: there is no column '{missing}'; pseudo-labels have the columns {string.Join(", ", Columns)}"));
        var classes = Classes(attributes);
        while (table.Read())
        {
            if (!classes.TryGetValue(table.Cell(places[1]), out var classIndex))
            {
                throw table.Wrong(places[1], $"'{table.Cell(places[1])}' is none of the classes; write a name as "
                    + $"'{attributes.ClassNames[0]}'");
            }
            if (classIndex < 0)
            {
                throw table.Wrong(places[1], $"several attributes have a class '{table.Cell(places[1])}'; write the "
                    + $"attribute before it, as '{attributes.ClassNames[0]}'");
            }
            var score = table.Number(places[2]);
            if (score is not (>= 0 and <= 1))
            {
                throw table.Wrong(places[2], $"'{table.Cell(places[2])}' is no score from 0 to 1; correct it");
            }
            yield return (table.Cell(places[0]), classIndex, (float)score);
        }
    }

    // A class by its whole name, "Neck round", and by its own, "round", if only one attribute has it; -1: several have.
    private static Dictionary<string, int> Classes(AttributeTable attributes)
    {
        var classes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (group, attribute) in attributes.Groups.Index())
        {
            for (var k = 0; attribute.ClassNames is { } names && k < names.Count; k++)
            {
                if (!classes.TryAdd(names[k], attributes.Offset(group) + k))
                    classes[names[k]] = -1;
            }
        }
        foreach (var (k, name) in attributes.ClassNames.Index())
            classes[name] = k;
        return classes;
    }
}
