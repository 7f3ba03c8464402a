namespace Flixstock.Engine;

/// <summary>
/// A data set as a user names it. The one place that decides how it is read: every command loads its pictures and
/// labels through it.
/// </summary>
/// <param name="Path">The folder.</param>
/// <param name="Type">The layout.</param>
public sealed record DatasetSource(string Path, DatasetType Type = DatasetType.Auto)
{
    // In the order in which a folder is asked what it is.
    private static readonly DatasetFormat[] Formats =
    [
        new ShardFormat(), new IdxFormat(), new CocoFormat(), new LvisFormat(), new OpenImagesFormat(),
        new GarmentFormat(), new CsvFormat(), new CocoAlikeFormat(beforeFolders: true), new FolderFormat(),
        new CocoAlikeFormat(beforeFolders: false),
    ];

    /// <summary>Leave out missing pictures that the labels name, instead of refusing the data set.</summary>
    public bool SkipMissing { get; init; }

    /// <summary>
    /// Training and validation pictures are those of this fold of both; null: they are the data set's own parts.
    /// </summary>
    public DataFold? Fold { get; init; }

    /// <summary>Stops the reading of labels and the search for pictures.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Limits of its pictures.</summary>
    public PictureReading Pictures { get; init; } = PictureReading.Standard;

    /// <summary>Names of the types as options have them: <c>auto</c>, <c>garments</c>, ...</summary>
    public static IReadOnlyList<string> TypeNames { get; } = [.. Enum.GetValues<DatasetType>().Select(NameOf)];

    /// <summary>A type's name as options have it.</summary>
    public static string NameOf(DatasetType type) => type.ToString().ToLowerInvariant();

    /// <summary>The type of that name.</summary>
    /// <exception cref="InputException">No type has this name.</exception>
    public static DatasetType TypeOf(string name)
    {
        foreach (var type in Enum.GetValues<DatasetType>())
        {
            if (NameOf(type) == name)
                return type;
        }
        throw new InputException($"'{name}' is not a type of data set; use one of {string.Join(", ", TypeNames)}");
    }

    /// <summary>True if the folder exists and holds a data set of any known layout, divided if the layout is.</summary>
    public bool IsRecognised
    {
        get
        {
            StagedOutput.SettleAround(Path);
            return Directory.Exists(Path) && Formats.Any(format => format.Recognise(Path, Cancellation) is not null);
        }
    }

    /// <summary>Looks at what lies in the folder.</summary>
    /// <returns>The type; a line for people that says by what it was recognised, or null if it was given.</returns>
    /// <exception cref="InputException">There is no such folder, or nothing in it is known.</exception>
    public (DatasetType Type, Wording? Recognised) Resolve()
    {
        StagedOutput.SettleAround(Path); // a command that was killed while it replaced the data set
        if (!Directory.Exists(Path))
            throw new InputException($"{Path}: there is no such folder; give the folder of the data set");
        if (Type != DatasetType.Auto)
            return (Type, null);
        var found = Formats.Select(format => (format.Type, Sign: format.Recognise(Path, Cancellation)))
            .Where(entry => entry.Sign is not null).ToList();
        if (found.Count == 0)
        {
            throw new InputException($"{Path}: no data set is recognised there; run {Term.DatasetSplitter(Path)} if it "
                + $"holds attributes_cleaned.csv, or lay it out as docs/datasets.md says");
        }

        var also = string.Join(", ", found.Skip(1).Select(entry => NameOf(entry.Type)));
        var others = found.Count > 1
            ? (Wording)$" (also there: {also}; choose by {Term.DatasetType})"
            : "";
        return (found[0].Type, $"data set: {NameOf(found[0].Type)}, by {found[0].Sign}{others}");
    }

    /// <summary>The same source with its type decided.</summary>
    /// <exception cref="InputException">As <see cref="Resolve"/>.</exception>
    public DatasetSource Resolved() => Type == DatasetType.Auto ? this with { Type = Resolve().Type } : this;

    /// <summary>The pictures of a part with what is known about them.</summary>
    /// <param name="part"><c>train</c>, <c>val</c> or <c>test</c>.</param>
    /// <exception cref="InputException">
    /// There is no such data set or part, or its labels are wrong; names file and row.
    /// </exception>
    public ImageDataset Load(string part)
    {
        if (Fold is not { } fold || part == DatasetLayout.Parts[2])
            return Load(part, faults: null);
        var (own, training) = (this with { Fold = null }, DatasetLayout.Parts[0]);
        var first = own.Load(training);
        var second = own.Has(DatasetLayout.Parts[1]) ? first.Align(own.Load(DatasetLayout.Parts[1])) : null;
        return FoldedParts.Of(first, second, fold, part, Cancellation);
    }

    /// <summary>True if the data set has such a part.</summary>
    /// <exception cref="InputException">There is no such data set.</exception>
    public bool Has(string part) =>
        (Fold is not null && part == DatasetLayout.Parts[1]) || Format().Has(Path, part, Cancellation);

    /// <summary>
    /// Same as <see cref="Load(string)"/>, but faults of single pictures are collected instead of thrown, and such
    /// pictures left out.
    /// </summary>
    internal ImageDataset Load(string part, ICollection<DatasetFault>? faults)
    {
        if (!DatasetLayout.Parts.Contains(part))
            throw new InputException($"'{part}' is not a part of a data set; use train, val or test");
        var request = new PartRequest(Path, part, SkipMissing, faults) { Cancellation = Cancellation };
        var format = Format();
        var dataset = format.Load(request);
        if (dataset.Samples.Count == 0)
        {
            throw new InputException($"{Path}: no picture of the part '{part}' is left "
                + $"({string.Join("; ", request.Notes().DefaultIfEmpty("none is named"))}); at least one is needed");
        }
        var samples = Pictures == PictureReading.Standard
            ? dataset.Samples
            : [.. dataset.Samples.Select(sample => sample with { Reading = Pictures })];
        return new ImageDataset(dataset.Attributes, samples)
        {
            Type = format.Type,
            Folder = Path,
            SkipsMissing = SkipMissing,
            Notes = [.. dataset.Notes, .. request.Notes()],
            Order = dataset.Order,
            Others = dataset.Others,
            WithoutLabels = request.WithoutLabels,
        };
    }

    private DatasetFormat Format()
    {
        var type = Resolve().Type;
        return Formats.First(format => format.Type == type);
    }
}
