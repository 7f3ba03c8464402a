namespace Flixstock.Engine;

/// <summary>
/// IDX files, as of MNIST and Fashion-MNIST: grey pictures of one size and one of up to 256 exclusive classes each.
/// Names of the classes are in dataset.json, if it is there. Without a file of validation pictures every twelfth
/// training picture validates: 5,000 of 60,000.
/// </summary>
internal sealed class IdxFormat : DatasetFormat
{
    private const string Pictures = "images-idx3-ubyte", Labels = "labels-idx1-ubyte", Packed = ".gz";
    private const int HeldOutOf = 12;

    public override DatasetType Type => DatasetType.Idx;

    public override string? Recognise(string folder, CancellationToken cancellation = default)
    {
        var name = $"train-{Pictures}";
        return new[] { name, name + Packed }.FirstOrDefault(file => File.Exists(Path.Combine(folder, file)));
    }

    public override bool Has(string folder, string part, CancellationToken cancellation = default) => part == "val"
        ? Recognise(folder, cancellation) is not null
        : new[] { "", Packed }.Any(packed => File.Exists(Path.Combine(folder, Prefix(part) + Pictures + packed)));

    public override ImageDataset Load(PartRequest request)
    {
        // The part of the file; validation pictures are mostly held out of training's.
        var held = request.Part != "test" && !File.Exists(Path.Combine(request.Folder, Prefix("val") + Pictures));
        var of = held ? "train" : request.Part;
        var pictures = IdxFile.Read(Named(request.Folder, Prefix(of) + Pictures), dimensions: 3);
        var labels = IdxFile.Read(Named(request.Folder, Prefix(of) + Labels), dimensions: 1);
        if (labels.Count != pictures.Count)
        {
            throw new InputException($"{labels.Path}: {labels.Count} labels for the {pictures.Count} pictures of "
                + $"{Path.GetFileName(pictures.Path)}; the two must be of the same data");
        }
        var values = labels.Values();
        var attributes = Attributes(request.Folder);
        RequireKnown(labels, values, attributes.ClassCount);
        var samples = new List<Sample>();
        for (var i = 0; i < pictures.Count; i++)
        {
            request.Cancellation.ThrowIfCancellationRequested();
            if (!held || i % HeldOutOf == HeldOutOf - 1 == (request.Part == "val"))
                samples.Add(Picture(pictures, of, i, attributes.Labels([values[i]])));
        }
        return new ImageDataset(attributes, samples);
    }

    private static Sample Picture(IdxFile file, string part, int index, SampleLabels labels) =>
        new($"{part}-{index:d6}.png", file.Path, labels)
        {
            Offset = file.Begin + ((long)index * file.EntryBytes),
            ByteCount = file.EntryBytes,
            Grey = new GreyPixels(file.Sizes[2], file.Sizes[1]),
        };

    // MNIST calls its test part "ten thousand".
    private static string Prefix(string part) => part == "test" ? "t10k-" : $"{part}-";

    private static string Named(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        if (File.Exists(path))
            return path;
        throw new InputException(File.Exists(path + Packed)
            ? $"{path}{Packed}: the file is compressed; unpack it (gunzip {Path.GetFileName(path)}{Packed})"
            : $"{path}: there is no such file; the part of the name before the '-' is train, val, or t10k for the part "
                + $"test");
    }

    // The classes of training: another part need not have all.
    private static AttributeTable Attributes(string folder)
    {
        var training = Named(folder, Prefix("train") + Labels);
        if (File.Exists(Path.Combine(folder, AttributeTable.FileName)))
        {
            var table = AttributeTable.LoadBeside(training);
            return table.Groups is [{ Independent: false }] ? table : throw new InputException(
                $"{Path.Combine(folder, AttributeTable.FileName)}: IDX files have one class a picture: one attribute, "
                    + $"not {table.Groups.Count}");
        }
        var classes = IdxFile.Read(training, dimensions: 1).Values().Max() + 1;
        return new AttributeTable([new AttributeGroup("Class", "class", Math.Max(2, classes))]);
    }

    private static void RequireKnown(IdxFile labels, byte[] values, int classes)
    {
        var wrong = Array.FindIndex(values, value => value >= classes);
        if (wrong >= 0)
        {
            throw new InputException($"{labels.Path}: label {wrong} (from 0) is class {values[wrong]}, and there are "
                + $"{classes} classes; name all in {AttributeTable.FileName}");
        }
    }
}
