using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flixstock.Engine;

// What a run knows about its data set: its folder, its classes, and fingerprints of its pictures.
public sealed partial class TrainingRun
{
    private const string Data = "data", DataFolder = "folder", UnreadableFiles = "unreadable", Classes = "attributes",
        Train = "train", Val = "val";

    // Above it only counts and digests are kept: the list would take longer to write than it is worth.
    private const int MostListed = 2_000_000;

    private static readonly JsonSerializerOptions Camel = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    // The pictures of both parts as they were compared; empty for runs from before there were digests.
    private readonly Dictionary<string, PictureEntry[]> _pictures = new(StringComparer.Ordinal);

    // Looked at once, though asked for before a run's pictures are checked and when its trainer is built.
    private (
        ImageDataset Training, ImageDataset Validation, (ClassMatch, (ImageDataset, ImageDataset)) Result)? _checked;

    /// <summary>
    /// pictures.csv.gz: name, size and fingerprint of the labels of every picture, by which resuming names what has
    /// changed.
    /// </summary>
    public string PicturesFile => In("pictures.csv.gz");

    /// <summary>True: on resuming, classes of other names are taken by their order.</summary>
    public bool ClassesByPosition { get; private init; }

    /// <summary>Notes from continuing the run: classes in another order. One line each.</summary>
    public IReadOnlyList<string> Notes { get; private set; } = [];

    /// <summary>
    /// The data set of a run that continues, its labels in the order of the run's classes. Runs from before there were
    /// digests are checked by their classes alone.
    /// </summary>
    /// <exception cref="InputException">
    /// Classes, pictures or labels are not those that the run was begun with; names what has changed.
    /// </exception>
    internal (ImageDataset Training, ImageDataset Validation) Continue(ImageDataset training, ImageDataset validation)
    {
        var (match, arranged) = Check(training, validation);
        Notes =
            match.Note(Folder, training.Folder.Length > 0 ? training.Folder : "the data set") is { } note ? [note] : [];
        if (!match.Attributes.ClassNames.SequenceEqual(ReadAttributes()?.ClassNames ?? match.Attributes.ClassNames))
            Rename(match.Attributes, arranged.Training, arranged.Validation);
        return arranged;
    }

    /// <summary>The pictures that the run was begun with: without those that could not be read then.</summary>
    /// <param name="training">As loaded; pictures that were left out since come back.</param>
    /// <param name="validation">The same.</param>
    /// <exception cref="InputException">run.json is missing or damaged.</exception>
    public (ImageDataset Training, ImageDataset Validation) AsBegun(ImageDataset training, ImageDataset validation)
    {
        var leftOut = ReadLeftOut();
        ImageDataset Of(ImageDataset data, string part) => data.Whole.Without(leftOut.Where(one => one.Part == part));
        return (Of(training, Train), Of(validation, Val));
    }

    /// <summary>
    /// Refuses a data set that is not the one the run was begun with: before work that would be for nothing.
    /// </summary>
    /// <exception cref="InputException">As <see cref="Continue"/>.</exception>
    public void RequireSameData((ImageDataset Training, ImageDataset Validation) data) =>
        Check(data.Training, data.Validation);

    /// <summary>
    /// What is not as it was when the run was begun, in words; empty if nothing is, or if the run is from before there
    /// were digests.
    /// </summary>
    /// <param name="training">The training pictures as they are loaded now.</param>
    /// <param name="validation">The validation pictures as they are loaded now.</param>
    /// <exception cref="InputException">
    /// The data set has other classes, or run.json is missing or damaged.
    /// </exception>
    internal IReadOnlyList<string> ChangesSince(ImageDataset training, ImageDataset validation)
    {
        (training, validation) = AsBegun(training, validation);
        var match = MatchClasses(training.Attributes);
        return Changes(match.Arrange(training), match.Arrange(training.Align(validation)));
    }

    /// <summary>The data set that a run was begun with.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="asked">Why it is asked for, in messages; null: to continue the run.</param>
    /// <param name="fold">The fold that is asked for; null: the run's.</param>
    /// <exception cref="InputException">
    /// run.json does not name it, or it no longer exists, or the run has another fold.
    /// </exception>
    public static DatasetSource DatasetOf(string folder, Wording? asked = null, DataFold? fold = null)
    {
        asked ??= $"{Term.Resume} {folder}";
        var run = new TrainingRun(folder);
        if (!File.Exists(run.DescriptionFile))
            run = TwoStagePlan.Exists(folder) ? At(TwoStagePlan.IgnoreFolderOf(folder)) : run;
        if (!File.Exists(run.DescriptionFile))
            throw new InputException($"{asked}: {run.WhyNot()}");
        if (run.Read(Data)?[DataFolder]?.ToString() is not { Length: > 0 } data)
        {
            throw new InputException($"{asked}: {run.DescriptionFile} does not say where the data set "
                + $"is; give its folder by {Term.DatasetSource}");
        }

        if (!Directory.Exists(data))
        {
            throw new InputException($"{asked}: the data set was in {data}, which is not there any "
                + $"more; give its folder by {Term.DatasetSource}");
        }

        return run.ReadDataset(new DatasetSource(data) { Fold = fold });
    }

    /// <summary>
    /// The fold of the run that weights are of, if they lie in its folder and the data set is the run's: other pictures
    /// than that fold's were trained on. Null: none.
    /// </summary>
    /// <param name="weights">The weights' file.</param>
    /// <param name="data">The data set's folder.</param>
    /// <exception cref="InputException">run.json is damaged.</exception>
    public static DataFold? FoldOfWeights(string weights, string data)
    {
        var run = new TrainingRun(Path.GetDirectoryName(Path.GetFullPath(weights))!);
        return File.Exists(run.DescriptionFile) && run.ReadFold() is { } fold
            && run.Read(Data)?[DataFolder]?.ToString() == Path.GetFullPath(data) ? fold : null;
    }

    private (ClassMatch Match, (ImageDataset Training, ImageDataset Validation) Arranged) Check(
        ImageDataset training, ImageDataset validation)
    {
        if (_checked is { } known && ReferenceEquals(known.Training.Samples, training.Samples)
            && ReferenceEquals(known.Validation.Samples, validation.Samples))
        {
            return known.Result;
        }

        var match = MatchClasses(training.Attributes);
        var arranged = (Training: match.Arrange(training), Validation: match.Arrange(training.Align(validation)));
        var changes = Changes(arranged.Training, arranged.Validation);
        if (changes.Count > 0)
        {
            throw new InputException($"{Term.Resume} {Folder}: the data set has changed since the run was begun: "
                + $"{string.Join("; ", changes)}; give it the data set as it was, or start a new run");
        }
        _checked = (training, validation, (match, arranged));
        return (match, arranged);
    }

    private AttributeTable? ReadAttributes() =>
        Read(Classes) is { } attributes
            ? Named(() => AttributeTable.FromJson(
                new JsonObject { ["attributes"] = attributes.DeepClone() }.ToJsonString()))
            : null;

    private ClassMatch MatchClasses(AttributeTable data)
    {
        if (ReadAttributes() is not { } begun)
            return ClassMatch.ByPosition(data, data)!;
        if (ClassesByPosition && ClassMatch.ByPosition(begun, data, sameGroups: true) is { } byPosition)
        {
            return Read("options")?["simulation"] is null
                || byPosition.Attributes.ClassNames.SequenceEqual(begun.ClassNames)
                ? byPosition
                : throw new InputException($"{Term.Resume} {Folder}: which labels are hidden deliberately depends on "
                    + $"the names of the classes; give the data set its names back, or start a new run");
        }
        var remedy = ClassMatch.ByPosition(begun, data, sameGroups: true) is null
            ? ""
            : (Wording)$", or give {Term.ClassesByPosition} if only the names differ";
        return ClassMatch.ByName(begun, data, out var difference) ?? throw new InputException(
            $"{Term.Resume} {Folder}: the data set has other classes than the run was begun with: {difference}; "
                + $"give it the data set as it was, or start a new run{remedy}");
    }

    private IReadOnlyList<string> Changes(ImageDataset training, ImageDataset validation)
    {
        if (Read(Data) is not JsonObject saved)
            return [];
        var names = OldNames(training);
        return [.. Changes(saved, Train, training, names), .. Changes(saved, Val, validation, names)];
    }

    private IEnumerable<string> Changes(
        JsonObject saved, string part, ImageDataset dataset, Func<string, string>? names)
    {
        if (Digest(saved, part) is not { } before)
            yield break;
        var pictures = PictureEntry.Of(dataset, before.SizesOfEvery, names, Unreadable(saved));
        var now = DataDigest.Of(pictures, before.SizesOfEvery);
        if (now == before)
        {
            _pictures[part] = pictures;
            yield break;
        }
        if (PictureEntry.Read(PicturesFile, part) is { Count: > 0 } listed)
        {
            yield return $"{part}: {PictureChanges.Describe(listed, pictures)}";
        }
        else if (now.Pictures != before.Pictures)
        {
            yield return $"{part}: {now.Pictures} pictures instead of {before.Pictures}";
        }
        else
        {
            var changed = now.Names != before.Names ? "names or order of pictures"
                : now.Labels != before.Labels ? "labels"
                : "sizes of pictures";
            yield return $"{part}: {changed}";
        }
    }

    /// <summary>
    /// Writes the list of the pictures again if it is damaged, missing or another run's: the digests prove that these
    /// are the run's.
    /// </summary>
    /// <returns>A line that says so; null if the list is right.</returns>
    internal string? RepairPictures()
    {
        if (_pictures.Count < 2 || _pictures.Values.Sum(pictures => pictures.Length) > MostListed
            || _pictures.All(part => PictureEntry.Read(PicturesFile, part.Key)?.SequenceEqual(part.Value) == true))
        {
            return null;
        }

        PictureEntry.Write(
            PicturesFile, new[] { Train, Val }.Select(part => (part, (IReadOnlyList<PictureEntry>)_pictures[part])));
        return $"{PicturesFile} is repaired from the data set, which is the one the run was begun with";
    }

    private static PictureEntry[] List(ImageDataset dataset, int sizesOfEvery) =>
        PictureEntry.Of(dataset, sizesOfEvery);

    private JsonObject DescribeData(ImageDataset training, ImageDataset validation)
    {
        var parts = new[] { (Part: Train, Dataset: training), (Part: Val, Dataset: validation) }
            .Select(entry => (entry.Part, Every: DataDigest.EveryOf(entry.Dataset.Samples.Count), entry.Dataset))
            .Select(entry => (entry.Part, entry.Every, Pictures: List(entry.Dataset, entry.Every))).ToList();
        if (parts.Sum(entry => entry.Pictures.Length) <= MostListed)
        {
            PictureEntry.Write(
                PicturesFile, parts.Select(entry => (entry.Part, (IReadOnlyList<PictureEntry>)entry.Pictures)));
        }
        var data =
            new JsonObject { [DataFolder] = training.Folder.Length > 0 ? Path.GetFullPath(training.Folder) : "" };
        foreach (var (part, every, pictures) in parts)
        {
            data[part] = JsonSerializer.SerializeToNode(DataDigest.Of(pictures, every), Camel);
            _pictures[part] = pictures;
        }

        return data;
    }

    /// <summary>A picture that could not be read may come back in another size: the run continues with it.</summary>
    internal void NoteUnreadable(string file)
    {
        var description = Description();
        if (description[Data] is not JsonObject data || PictureEntry.Read(PicturesFile, Train) is not { } training
            || PictureEntry.Read(PicturesFile, Val) is not { } validation)
        {
            return;
        }

        var parts = new[] { (Part: Train, Pictures: training), (Part: Val, Pictures: validation) };
        foreach (var (part, pictures) in parts)
        {
            for (var i = 0; i < pictures.Count; i++)
                pictures[i] = pictures[i].File == file ? pictures[i] with { Bytes = -1 } : pictures[i];
            data[part] = JsonSerializer.SerializeToNode(
                DataDigest.Of(pictures, Digest(data, part)?.SizesOfEvery ?? 0), Camel);
        }
        data[UnreadableFiles] = new JsonArray([.. Unreadable(data).Append(file).Distinct(StringComparer.Ordinal)
            .Select(name => JsonValue.Create(name))]);
        PictureEntry.Write(
            PicturesFile, parts.Select(entry => (entry.Part, (IReadOnlyList<PictureEntry>)entry.Pictures)));
        Files.WriteAtomically(DescriptionFile, description.ToJsonString(Indented) + "\n");
    }

    private DataDigest? Digest(JsonObject data, string part)
    {
        try
        {
            return data[part].Deserialize<DataDigest>(Camel);
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"{DescriptionFile}: what it says about the pictures of {part} is damaged: "
                    + $"{e.Message.ReplaceLineEndings(" ")}",
                e);
        }
    }

    private static HashSet<string> Unreadable(JsonObject data) =>
        data[UnreadableFiles] is JsonArray files ? [.. files.Select(file => file?.ToString() ?? "")] : [];

    // If folders are classes, a renamed class is a renamed folder.
    private Func<string, string>? OldNames(ImageDataset dataset)
    {
        if (!ClassesByPosition || dataset.Type != DatasetType.Folders
            || ReadAttributes() is not { Groups: [{ ClassNames: { } old }] }
            || dataset.Attributes.Groups is not [{ ClassNames: { } now }])
        {
            return null;
        }

        var before = now.Zip(old).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        return file => file.IndexOf('/') is > 0 and var slash && before.TryGetValue(file[..slash], out var name)
            ? name + file[slash..]
            : file;
    }

    // The data set's names are the run's from now on.
    private void Rename(AttributeTable attributes, ImageDataset training, ImageDataset validation)
    {
        Change(description =>
        {
            description[Classes] = JsonNode.Parse(attributes.ToJson())!["attributes"]!.DeepClone();
            if (description[Data] is not null)
                description[Data] = DescribeData(training, validation);
        });
    }
}
