using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>OpenImages' files as the download pages of versions 4 to 7 call them.</summary>
public class OpenImagesNamesTests
{
    private const string V6Train = "oidv6-train-annotations-human-imagelabels.csv",
        V6Validation = "validation-annotations-human-imagelabels.csv";
    private const string V6Descriptions = "oidv6-class-descriptions.csv", V6Trainable = "oidv6-classes-trainable.txt";

    [TestCase(V6Train, V6Validation, V6Descriptions, V6Trainable)]
    [TestCase(
        "oidv7-train-annotations-human-imagelabels.csv", "oidv7-val-annotations-human-imagelabels.csv",
        "oidv7-class-descriptions.csv", "oidv7-classes-trainable.txt")]
    [TestCase(
        "train-annotations-human-imagelabels.csv", V6Validation, "class-descriptions.csv", "classes-trainable.txt")]
    [TestCase(
        "train-annotations-human-imagelabels-boxable.csv", "validation-annotations-human-imagelabels-boxable.csv",
        "class-descriptions-boxable.csv", null)]
    [TestCase(
        "metadata/oidv7-train-annotations-human-imagelabels.csv", "labels/oidv7-val-annotations-human-imagelabels.csv",
        "metadata/oidv7-class-descriptions.csv", null)]
    public void EveryVersionIsFound(string train, string validation, string descriptions, string? trainable)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.OpenImages(folder);
        var before = Load(folder);
        Move(
            folder, (V6Train, train), (V6Validation, validation), (V6Descriptions, descriptions),
            (V6Trainable, trainable));
        var source = new DatasetSource(folder.Path);
        Assert.That(DatasetLayout.Parts.Select(source.Has), Is.EqualTo(new[] { true, true, false }));
        Assert.That(Load(folder), Is.EqualTo(before));
    }

    [TestCase("val")]
    [TestCase("valid")]
    [TestCase("Validation")]
    [TestCase("images/val")]
    public void ThePicturesOfAPartMayLieInAFolderOfAnotherName(string pictures)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.OpenImages(folder);
        var before = Load(folder);
        Directory.CreateDirectory(Path.GetDirectoryName(folder[pictures])!);
        Directory.Move(folder["validation"], folder[pictures]);
        Assert.That(Load(folder), Is.EqualTo(before));
    }

    [TestCase("/m/1,cat\n/m/2,dog\n/m/3,tree\n/m/4,\"stone, grey\"\n")]
    [TestCase("DisplayName;LabelName\ncat;/m/1\ndog;/m/2\ntree;/m/3\nstone, grey;/m/4\n")]
    [TestCase("LABELNAME\tDisplayname\t\n/m/1\tcat\t\n/m/2\tdog\t\n/m/3\ttree\t\n/m/4\tstone, grey\t\n")]
    [TestCase("id,name\n/m/1,cat\n/m/2,dog\n/m/3,tree\n/m/4,\"stone, grey\"\n")]
    public void DescriptionsMayHaveNoHeadingOrOthers(string text)
    {
        using var folder = new TemporaryFolder();
        var names = ClassDescriptions.Read(folder.Write("class-descriptions.csv", text));
        Assert.That(
            names.Select(pair => $"{pair.Key} {pair.Value}"),
            Is.EqualTo(new[] { "/m/1 cat", "/m/2 dog", "/m/3 tree", "/m/4 stone, grey" }));
    }

    [Test]
    public void OneClassOfTwoNamesIsRefused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("d.csv", "LabelName,DisplayName\n/m/1,cat\n/m/1,dog\n");
        Assert.That(() => ClassDescriptions.Read(path), Throws.TypeOf<InputException>().With.Message.Contains("row 3")
            .And.Message.Contains("'/m/1' is called 'dog', but above 'cat'"));
    }

    [TestCase("imageid;source;labelname;CONFIDENCE\n", ';')]
    [TestCase("\"ImageID\",\"Source\",\"LabelName\",\"Confidence\"\n", ',')]
    [TestCase("sep=;\nImageID;Source;LabelName;Confidence\n", ';')]
    [TestCase("ImageID\tSource\tLabelName\tConfidence\n", '\t')]
    public void LabelsOfASpreadsheetAreRead(string header, char separator)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.OpenImages(folder);
        var before = Load(folder);
        var rows = File.ReadAllText(folder[V6Train]).Split('\n')[1..].Select(
            row => header.StartsWith('"') && row.Length > 0
                ? '"' + row.Replace(",", "\",\"") + '"'
                : row.Replace(',', separator));
        File.WriteAllText(folder[V6Train], header + string.Join("\r\n", rows) + "\r\n");
        Assert.That(Load(folder), Is.EqualTo(before));
    }

    [Test]
    public void AMissingPartIsNamedAsBothVersionsCallIt()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.OpenImages(folder);
        File.Delete(folder[V6Validation]);
        Assert.That(() => new DatasetSource(folder.Path).Load("val"), Throws.TypeOf<InputException>()
            .With.Message.Contains(V6Validation).And.Message.Contains("oidv7-val-annotations-human-imagelabels.csv"));
    }

    [Test]
    public void LabelsOfAMachineAreNotTaken()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.OpenImages(folder);
        Move(folder, (V6Validation, "oidv7-val-annotations-machine-imagelabels.csv"));
        Assert.That(new DatasetSource(folder.Path).Has("val"), Is.False);
    }

    private static void Move(TemporaryFolder folder, params (string From, string? To)[] files)
    {
        foreach (var (from, to) in files.Where(file => file.From != file.To))
        {
            if (to is null)
            {
                File.Delete(folder[from]);
                continue;
            }
            Directory.CreateDirectory(Path.GetDirectoryName(folder[to])!);
            File.Move(folder[from], folder[to]);
        }
    }

    // Without the list of classes to learn there is one class more, which is known of the first picture.
    private static string[] Load(TemporaryFolder folder) =>
        [.. new[] { "train", "val" }.SelectMany(part => new DatasetSource(folder.Path).Load(part).Samples)
            .Select(sample => $"{sample.File}: {string.Join(' ', sample.Labels.ToArray().Take(3))}")];
}
