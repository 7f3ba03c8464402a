namespace Flixstock.Engine;

/// <summary>An ordered list of labelled pictures.</summary>
/// <remarks>Threads: any number.</remarks>
public sealed class ImageDataset
{
    /// <summary>A data set of these samples.</summary>
    public ImageDataset(AttributeTable attributes, IReadOnlyList<Sample> samples)
    {
        Attributes = attributes;
        Samples = samples;
    }

    /// <summary>The attributes and their classes.</summary>
    public AttributeTable Attributes { get; }

    /// <summary>The pictures in the order of the CSV.</summary>
    public IReadOnlyList<Sample> Samples { get; }

    /// <summary>The layout from which it was read.</summary>
    public DatasetType Type { get; init; } = DatasetType.Garments;

    /// <summary>The folder it was read from, as given; empty if it was made in memory.</summary>
    public string Folder { get; init; } = "";

    /// <summary>True if missing pictures were left out.</summary>
    public bool SkipsMissing { get; init; }

    /// <summary>
    /// Notes about the reading that are not faults: pictures left out, labels that say nothing. One line each.
    /// </summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>
    /// The order of an epoch that suits how the pictures are stored, by seed; null: any order is as good.
    /// </summary>
    public Func<ulong, IEpochOrder>? Order { get; init; }

    /// <summary>The fold of which this is a part; null: the data set's own part.</summary>
    public DataFold? Fold { get; init; }

    /// <summary>Files among the pictures that were not read as pictures.</summary>
    public PassedOver Others { get; init; } = new();

    /// <summary>
    /// Paths of pictures that the labels name and that give no sample: without annotations, or with labels that say
    /// nothing.
    /// </summary>
    internal IReadOnlyCollection<string> WithoutLabels { get; init; } = [];

    /// <summary>All labels, [pictures, classes]: 1, 0, or -1 if unknown.</summary>
    public sbyte[] AllLabels()
    {
        var classes = Attributes.ClassCount;
        var labels = new sbyte[Samples.Count * classes];
        for (var i = 0; i < Samples.Count; i++)
            Samples[i].Labels.CopyTo(labels.AsSpan(i * classes, classes));
        return labels;
    }

    /// <summary>The same data set with other labels: everything but the samples is kept.</summary>
    /// <param name="samples">The new samples, of the same pictures in the same order.</param>
    public ImageDataset WithSamples(IReadOnlyList<Sample> samples) => With(Attributes, samples);

    /// <summary>The pictures that were left out because they cannot be read.</summary>
    public IReadOnlyList<BadPicture> LeftOut { get; private init; } = [];

    /// <summary>
    /// The data set as it was loaded, before pictures were left out; this data set itself if none were.
    /// </summary>
    public ImageDataset Whole => Before ?? this;

    private ImageDataset? Before { get; init; }

    /// <summary>The same data set without some pictures.</summary>
    /// <param name="bad">The pictures to leave out, by index, and why.</param>
    public ImageDataset Without(IReadOnlyDictionary<int, BadPicture> bad)
    {
        if (bad.Count == 0)
            return this;
        var kept = Enumerable.Range(0, Samples.Count).Where(place => !bad.ContainsKey(place)).ToArray();
        return new ImageDataset(Attributes, Array.ConvertAll(kept, place => Samples[place]))
        {
            Type = Type,
            Folder = Folder,
            SkipsMissing = SkipsMissing,
            Notes = Notes,
            Fold = Fold,
            Order = Order is { } whole ? seed => new ThinnedOrder(whole(seed), kept, Samples.Count) : null,
            LeftOut = [.. LeftOut, .. bad.OrderBy(one => one.Key).Select(one => one.Value)],
            Before = Whole,
        };
    }

    /// <summary>The same data set without pictures that are named; names that it does not have say nothing.</summary>
    public ImageDataset Without(IEnumerable<BadPicture> named)
    {
        var bad = named.DistinctBy(one => one.File, StringComparer.Ordinal)
            .ToDictionary(one => one.File, StringComparer.Ordinal);
        return bad.Count == 0
            ? this
            : Without(Enumerable.Range(0, Samples.Count).Where(place => bad.ContainsKey(Samples[place].File))
                .ToDictionary(place => place, place => bad[Samples[place].File]));
    }

    /// <summary>The same data set with other labels of other classes.</summary>
    internal ImageDataset With(AttributeTable attributes, IReadOnlyList<Sample> samples) =>
        new(attributes, samples)
        {
            Type = Type,
            Folder = Folder,
            SkipsMissing = SkipsMissing,
            Notes = Notes,
            Fold = Fold,
            Order = Order,
            LeftOut = LeftOut,
            Before = Before,
        };

    /// <summary>A part of one fold, of the pictures of this and another part.</summary>
    internal ImageDataset InFold(DataFold fold, IReadOnlyList<Sample> samples, IReadOnlyList<string> notes) =>
        new(Attributes, samples)
        {
            Type = Type,
            Folder = Folder,
            SkipsMissing = SkipsMissing,
            Notes = notes,
            Fold = fold, // and no order, which is of the files of one part
        };

    /// <summary>Another part of the same data set, its labels in this part's order of classes.</summary>
    /// <exception cref="InputException">Its classes have other names; names them.</exception>
    public ImageDataset Align(ImageDataset other) =>
        ClassMatch.ByName(Attributes, other.Attributes, out var difference)?.Arrange(other)
        ?? throw new InputException($"{Samples[0].Path} and {other.Samples[0].Path}: the parts have different classes: "
            + $"in the second {difference}; all parts of a data set need the same");

    internal static InputException MissingPicture(
        string csvPath, int row, string file, string imageFolder, NearestFile nearest) =>
        new($"{csvPath}: row {row}, column '{LabelColumns.FileColumn}': the picture '{file}' is not in "
            + $"{imageFolder}{nearest.Describe(file, imageFolder)}; add it, correct the name or remove the row");

    /// <summary>Names of the files in a folder of pictures.</summary>
    internal static HashSet<string> FilesIn(string folder)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFiles().Select(file => file.Name)];
        }
        catch (DirectoryNotFoundException e)
        {
            throw new InputException(
                $"{folder}: there is no such folder; it must hold the pictures that the CSV names", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{folder}: cannot be read: {e.Message}", e);
        }
    }
}
