namespace Flixstock.Engine;

/// <summary>
/// Divides a data set: checks every picture and label, draws training, validation and test (80, 10, 10 per cent, the
/// very files of the Python project for the same seed), copies the originals byte for byte and adds changed copies of
/// training pictures with rare classes. The result depends on the seed and the data alone, and appears whole or not at
/// all.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
/// <param name="dataFolder">The data folder; see <see cref="DatasetLayout"/>.</param>
/// <param name="options">Options of the split.</param>
public sealed class DatasetSplitter(string dataFolder, SplitOptions options)
{
    private readonly DatasetLayout _layout = new(dataFolder);
    private IProgress<SplitProgress>? _progress;
    private CancellationToken _cancellation;

    /// <summary>
    /// Splits. Results of an earlier split are replaced only on request, and once the new ones are complete.
    /// </summary>
    /// <param name="progress">Told about every picture, from several threads.</param>
    /// <param name="cancellation">Stops; nothing is left behind.</param>
    /// <exception cref="InputException">
    /// A folder, file, row or picture is wrong, named; nothing was written.
    /// </exception>
    public SplitReport Run(IProgress<SplitProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (options.Workers < 1)
            throw new InputException($"{options.Workers} workers: at least 1 is needed");
        _progress = progress;
        _cancellation = cancellation;
        if (!Directory.Exists(dataFolder))
        {
            throw new InputException($"{dataFolder}: there is no such folder; give the folder that holds "
                + $"images_cleaned and attributes_cleaned.csv");
        }
        Files.RequireWritableFolder(dataFolder); // also puts right what a killed split has left
        using var held = FolderLock.Take(dataFolder, "split", options.TakeOver);
        if (!options.Overwrite
            && Outputs().Find(path => Path.Exists(path) && path != _layout.DistributionCsv) is { } present)
        {
            throw new InputException(
                $"{present}: the data set is divided already; replace the division with {Term.Overwrite}");
        }

        RequireOriginalsElsewhere();
        var notes = new List<string>();
        var described = LabelFile.Describe(_layout.CleanedCsv, _layout.CleanedCsv, notes.Add, cancellation)
            ?? AttributeTable.Garments;
        var table = described.Independent ? ByClass(described) : described;
        var csv = described.Independent
            ? AttributeCsv.OfLabels(
                _layout.CleanedCsv, table,
                LabelFile.Read(_layout.CleanedCsv, described, byClass: true, paths: false, cancellation))
            : AttributeCsv.Read(_layout.CleanedCsv, table, cancellation: cancellation);
        var skipped = new List<string>();
        var files = UsablePictures(csv, skipped);
        var classes = csv.Rows.ToDictionary(row => row.File, row => row.Classes, StringComparer.Ordinal);
        var parts = options.Stratified
            ? SplitChoice.Stratified(classes, files, table, options.Seed, cancellation)
            : SplitChoice.Random(files, options.Seed);
        var filled = SplitChoice.WithoutEmptyParts(parts, classes.ContainsKey);
        RequireParts(
            filled, classes, notes, changed: !filled[0].SequenceEqual(parts[0]) || !filled[1].SequenceEqual(parts[1]));
        var plan = new SplitPlan(table, csv, filled, options.Augment && !described.Independent);
        Write(plan);
        return new SplitReport
        {
            Distribution = described.Independent ? [] : plan.Distribution(),
            Skipped = skipped,
            Notes = notes,
            PassedOver = PassedOver.In(_layout.CleanedImages, cancellation).Others,
            Unlabelled = [.. files.Where(file => !classes.ContainsKey(file))],
            Train = plan.Rows[0].Count,
            Augmented = plan.Copies.Sum(copies => copies.Length),
            Validation = plan.Rows[1].Count,
            Test = plan.Rows[2].Count,
            Outputs = Outputs(),
        };
    }

    // Of an older division nothing stays: what is divided must not lie in it, or be links that lead there.
    private void RequireOriginalsElsewhere()
    {
        foreach (var output in new[] { _layout.SplitRoot, _layout.AugmentedRoot }.Where(Directory.Exists)
            .Select(FileIdentity.RealPath))
        {
            var links = FolderWalk.Files(_layout.CleanedImages).Select(name => Path.Combine(
                _layout.CleanedImages, name)).Where(file => new FileInfo(file).LinkTarget is not null);
            if (links.Prepend(_layout.CleanedImages).Append(_layout.CleanedCsv).FirstOrDefault(
                path => FileIdentity.RealPath(path)
                    .StartsWith(output + Path.DirectorySeparatorChar, StringComparison.Ordinal)) is { } inside)
            {
                throw new InputException($"{inside}: leads into {output}, which the division would replace; put the "
                    + $"originals somewhere else");
            }
        }
    }

    // Independent classes are distributed as attributes with the values present, absent or unknown.
    private static AttributeTable ByClass(AttributeTable table) =>
        new([.. table.ClassNames.Select(name => new AttributeGroup(name, name, 2))]);

    private void RequireParts(string[][] parts, Dictionary<string, int[]> classes, List<string> notes, bool changed)
    {
        var labelled = Array.ConvertAll(parts, files => files.Count(classes.ContainsKey));
        if (labelled[0] == 0 || labelled[1] == 0)
        {
            throw new InputException($"{_layout.CleanedCsv}: {labelled.Sum()} labelled picture is too few to divide: "
                + $"at least one is needed for training and one for validation; label more");
        }
        if (labelled[2] == 0)
        {
            notes.Add($"the test part is empty: {labelled.Sum()} labelled pictures are too few for three parts");
        }
        else if (changed)
        {
            notes.Add($"{labelled.Sum()} labelled pictures are too few for tenths: each part gets at least one, other "
                + $"ones than in the Python project; what so few measure means little");
        }
    }

    private List<string> UsablePictures(AttributeCsv csv, List<string> skipped)
    {
        var files = ImageDataset.FilesIn(_layout.CleanedImages).Where(PictureNames.IsPicture)
            .Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0)
        {
            throw new InputException($"{_layout.CleanedImages}: there are no pictures; put files there of a kind that "
                + $"is read ({PictureNames.Kinds})");
        }
        var present = files.ToHashSet(StringComparer.Ordinal);
        var nearest = new NearestFile(Path.GetDirectoryName(_layout.CleanedImages)!, _cancellation);
        foreach (var row in csv.Rows.Where(row => !present.Contains(row.File)))
        {
            Complain(
                ImageDataset.MissingPicture(_layout.CleanedCsv, row.Row, row.File, _layout.CleanedImages, nearest),
                skipped);
        }
        var failures = new BadPicture?[files.Count];
        InParallel("checking", files.Count, i => failures[i] = PictureCheck.Look("", SampleOf(files[i])));
        Complain([.. failures.OfType<BadPicture>()], skipped);
        var usable = files.Where((_, i) => failures[i] is null).ToList();
        if (!usable.Exists(csv.Rows.Select(row => row.File).ToHashSet(StringComparer.Ordinal).Contains))
        {
            throw new InputException(
                $"{_layout.CleanedCsv}: no row names a usable picture of {_layout.CleanedImages}; check the names");
        }
        return usable;
    }

    private void Complain(InputException failure, List<string> skipped)
    {
        if (!options.SkipBad)
            throw new InputException($"{failure.Wording} (or leave such pictures out with {Term.SkipBad})", failure);
        skipped.Add(failure.Message);
    }

    private void Complain(IReadOnlyList<BadPicture> bad, List<string> skipped)
    {
        if (bad.Count > 0 && !options.SkipBad)
        {
            var images = _layout.CleanedImages;
            throw bad.Count == 1
                ? new InputException($"{Path.Combine(images, bad[0].File)}: {bad[0].Problem}; replace or remove it "
                    + $"(or leave such pictures out with {Term.SkipBad})")
                : new InputException($"{images}: {bad.Count} pictures cannot be read: {BadPicture.Describe(bad)}; "
                    + $"replace or remove them (or leave them out with {Term.SkipBad})");
        }
        skipped.AddRange(bad.Select(one => $"{Path.Combine(_layout.CleanedImages, one.File)}: {one.Problem}"));
        if (skipped.Count > options.MostSkipped)
        {
            throw new InputException($"{_layout.CleanedImages}: {skipped.Count} pictures are missing or cannot be "
                + $"read, {Term.MostSkipped} {options.MostSkipped} allows fewer: the first is {skipped[0]}; replace or "
                + $"remove them, or allow {skipped.Count}");
        }
    }

    private void Write(SplitPlan plan)
    {
        using var staging = new StagedOutput(_layout.Root);
        var beside = new DatasetLayout(staging.Folder);
        var copies = new List<(string From, string To)>();
        for (var part = 0; part < 3; part++)
        {
            var folder = Directory.CreateDirectory(beside.SplitImages(DatasetLayout.Parts[part])).FullName;
            copies.AddRange(plan.Files[part].Select(
                file => (Path.Combine(_layout.CleanedImages, file), Path.Combine(folder, file))));
            PictureWriter.WriteWhole(
                beside.PartCsv(DatasetLayout.Parts[part]), System.Text.Encoding.UTF8.GetBytes(plan.PartCsv(part)));
        }
        var augmented = Directory.CreateDirectory(beside.AugmentedTrainImages).FullName;
        copies.AddRange(plan.Rows[0].Select(
            row => (Path.Combine(_layout.CleanedImages, row.File), Path.Combine(augmented, row.File))));
        WriteDistribution(beside, plan.Distribution());
        InParallel("copying", copies.Count, i => Copy(copies[i].From, copies[i].To));
        Augment(plan, augmented);
        staging.Publish();
    }

    // A table, and a chart for each attribute: published with the pictures, so that they are always of the same
    // division.
    private static void WriteDistribution(DatasetLayout layout, IReadOnlyList<ClassDistribution> distribution)
    {
        PictureWriter.WriteWhole(
            layout.DistributionCsv, System.Text.Encoding.UTF8.GetBytes(SplitPlan.DistributionCsv(distribution)));
        foreach (var attribute in distribution)
        {
            DistributionChart.Save(
                Path.Combine(layout.Root, SafeFileName.Of("class_distribution_", attribute.Group.Column, ".png")),
                attribute);
        }
    }

    private void Augment(SplitPlan plan, string folder)
    {
        var random = new SeededRandom(options.Seed);
        var sources = Enumerable.Range(0, plan.Rows[0].Count).Where(i => plan.Copies[i].Length > 0).ToArray();
        InParallel("augmenting", sources.Length, i =>
        {
            var file = plan.Rows[0][sources[i]].File;
            var picture = SampleOf(file).Decode(options.ExifRotate);
            foreach (var copy in plan.Copies[sources[i]])
            {
                _cancellation.ThrowIfCancellationRequested();
                var changed = SplitAugmentation.Apply(picture, random.Derive(file).Derive(copy.Number));
                PictureWriter.WriteJpeg(Path.Combine(folder, copy.Name), changed);
            }
        });
    }

    private Sample SampleOf(string file) =>
        new(file, Path.Combine(_layout.CleanedImages, file), []) { Reading = options.Pictures };

    private static void Copy(string from, string to)
    {
        try
        {
            File.Copy(from, to);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{to}: cannot be written: {e.Message}", e);
        }
    }

    private void InParallel(string stage, int count, Action<int> work)
    {
        var done = 0;
        _progress?.Report(new SplitProgress(stage, 0, count));
        PictureWorkers.Run(count, options.Workers, i =>
        {
            work(i);
            _progress?.Report(new SplitProgress(stage, Interlocked.Increment(ref done), count));
        }, _cancellation);
    }

    private List<string> Outputs() =>
    [
        .. DatasetLayout.Parts.Select(_layout.SplitImages), _layout.AugmentedTrainImages,
        .. DatasetLayout.Parts.Select(_layout.PartCsv), _layout.DistributionCsv,
    ];
}
