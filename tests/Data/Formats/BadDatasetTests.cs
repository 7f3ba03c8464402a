using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>Every wrong data set: one line that names the file, the row or byte, and what to do.</summary>
public class BadDatasetTests
{
    private const string CocoFile = "annotations/instances_train2017.json",
        LabelFile = "oidv6-train-annotations-human-imagelabels.csv";

    private static IEnumerable<TestCaseData> Faults()
    {
        yield return Csv(
            "3 and 4 columns mixed", text => text.Replace("p1.jpg,", "p1.jpg,1,", StringComparison.Ordinal),
            "train.csv", "line 3");
        yield return Csv(
            "a label that is none", text => Row(text, 2, "p1.jpg,2,0,1"), "row 3, column 'cat'", "'2' is no label");
        yield return Csv(
            "-1 as a label", text => Row(text, 2, "p1.jpg,-1,0,1"), "row 3, column 'cat'", "'-1' is no label");
        yield return Csv("a picture twice", text => text + text.Split('\n')[2], "row 10", "already named in row 3");
        yield return Csv(
            "a column twice", text => text.Replace("dog", "cat", StringComparison.Ordinal), "row 1",
            "'cat' occurs twice");
        yield return Csv(
            "no file names", text => text.Replace("filename", "name", StringComparison.Ordinal), "row 1",
            "'filename' is missing");
        yield return Csv("no labels", _ => "filename\np0.jpg\n", "row 1", "add a column");
        yield return Csv("no rows", _ => "filename,cat\n", "train.csv", "no rows");
        yield return Csv("an empty file", _ => "", "train.csv", "filename");
        yield return Csv(
            "a picture outside", text => text.Replace("p1.jpg", "../p1.jpg", StringComparison.Ordinal), "row 3",
            "below the folder");
        yield return Csv(
            "a missing picture", text => text.Replace("p1.jpg", "gone.jpg", StringComparison.Ordinal), "row 3",
            "'gone.jpg' is not in");
    }

    private static IEnumerable<TestCaseData> OtherFaults()
    {
        yield return Coco(
            "broken JSON", text => text.Insert(text.IndexOf("900", StringComparison.Ordinal), "?"),
            text => $"byte {text.IndexOf('?', StringComparison.Ordinal)}", "not valid JSON");
        yield return Coco(
            "broken JSON in a later line", text => text.Insert(text.LastIndexOf("0.5", StringComparison.Ordinal), "!"),
            text => $"byte {text.IndexOf('!', StringComparison.Ordinal)}", "not valid JSON");
        yield return Coco("cut JSON", text => text[..700], _ => "byte 700", "not valid JSON");
        yield return Coco("an empty file", _ => "", _ => "empty", "copy");
        yield return Coco("JSON of something else", _ => "[1, 2]", _ => "byte 0", "images");
        yield return Coco(
            "no annotations",
            _ => """{"images": [{"id": 1, "file_name": "p1.jpg"}], "annotations": [], "categories": [{"id": 1, "name": "cat"}]}""",
            _ => "\"annotations\" is missing or empty", "instances");
        yield return Coco(
            "an unknown category",
            text => text.Replace("\"category_id\": 8,", "\"category_id\": 99,", StringComparison.Ordinal),
            _ => "byte", "category 99");
        yield return Coco(
            "an unknown picture",
            text => text.Replace("\"image_id\": 103", "\"image_id\": 999", StringComparison.Ordinal),
            _ => "byte", "image 999");
        yield return Coco(
            "an image id twice", text => text.Replace("\"id\": 104}", "\"id\": 103}", StringComparison.Ordinal),
            _ => "byte", "image id 103 is used twice");
        yield return Coco(
            "a missing picture", text => text.Replace("p3.jpg", "gone.jpg", StringComparison.Ordinal),
            text => $"byte {text.IndexOf("{\"license\": 4, \"file_name\": \"gone", StringComparison.Ordinal)}",
            "gone.jpg");
        yield return Coco(
            "a picture outside", text => text.Replace("p3.jpg", "../../p3.jpg", StringComparison.Ordinal), _ => "byte",
            "no path below");
        yield return Coco(
            "a list for a number",
            text => text.Replace("\"image_id\": 103", "\"image_id\": [103]", StringComparison.Ordinal), _ => "byte",
            "a whole number is expected");
        yield return Coco(
            "half an id", text => text.Replace("\"image_id\": 103", "\"image_id\": 103.5", StringComparison.Ordinal),
            _ => "byte", "a whole number is expected");
        yield return Coco(
            "an empty id", text => text.Replace("\"image_id\": 103", "\"image_id\": \"\"", StringComparison.Ordinal),
            _ => "byte", "a whole number is expected");
        yield return Coco(
            "a category name twice", text => text.Replace("\"tree\"", "\"cat\"", StringComparison.Ordinal), _ => "byte",
            "used twice, by the ids 1 and 15");
        yield return Coco(
            "a category id twice", text => text.Replace("\"id\": 8,", "\"id\": 1,", StringComparison.Ordinal),
            _ => "byte", "the category id 1 is used twice");

        yield return OpenImages(
            "a row of 3 cells", text => Row(text, 2, "0000000000abc001,verification,/m/1"), "row 3", "3 cells, not 4");
        yield return OpenImages(
            "a row of 5 cells", text => Row(text, 2, "0000000000abc001,verification,/m/1,1,1"), "row 3",
            "5 cells, not 4");
        yield return OpenImages(
            "a confidence between", text => Row(text, 2, "0000000000abc001,machine,/m/1,0.7"), "row 3",
            "'0.7' is neither");
        yield return OpenImages(
            "NaN for a label", text => Row(text, 2, "0000000000abc001,verification,/m/1,NaN"), "row 3",
            "'NaN' is neither");
        yield return OpenImages(
            "an unknown class", text => Row(text, 2, "0000000000abc001,verification,/m/99,1"), "row 3",
            "'/m/99' is not among");
        yield return OpenImages(
            "a wrong header", text => text.Replace("ImageID", "Image", StringComparison.Ordinal), "row 1",
            "ImageID,Source");
        yield return OpenImages("no rows", text => text.Split('\n')[0], LabelFile, "no rows");
        yield return OpenImages("an empty file", _ => "", LabelFile, "empty");
        yield return OpenImages(
            "a missing picture", text => Row(text, 2, "00000000000000ff,verification,/m/1,1"), "row 3",
            "00000000000000ff.jpg");

        yield return new TestCaseData(
            DatasetType.Lvis, "lvis_v1_train.json",
            Change(text => text.Replace(
                "\"neg_category_ids\": [3]", "\"neg_category_ids\": [3,77]", StringComparison.Ordinal)),
            Named("byte"), "category 77").SetName("LVIS: an unknown negative category");
        yield return new TestCaseData(
            DatasetType.Lvis, "lvis_v1_train.json",
            Change(text => text.Replace(
                "\"neg_category_ids\": [3]", "\"neg_category_ids\": [1,2,3]", StringComparison.Ordinal)),
            Named("byte"), "is not there").SetName("LVIS: there and not there");

        yield return Shard("cut in a picture", bytes => bytes[..600], "byte 0", "cut within");
        yield return Shard("cut between files", bytes => bytes[..^1024], "byte", "end mark is missing");
        yield return Shard("cut in a header", bytes => bytes[..(Header(bytes, 1) + 100)], "byte", "cut");
        yield return Shard(
            "no tar file", bytes => [.. bytes.Select(value => (byte)(value ^ 0x55))], "byte 0",
            "no header of a tar file");
        yield return Shard(
            "labels that are no JSON", bytes => Replaced(bytes, "\"positive\"", "\"positive!"), "00000000.json",
            "not the JSON");
        yield return Shard("an unknown class", bytes => Replaced(bytes, "\"cat\"", "\"cow\""), ".json", "'cow'");
    }

    [TestCaseSource(nameof(Faults))]
    [TestCaseSource(nameof(OtherFaults))]
    public void AFaultIsOneLineThatNamesThePlace(
        DatasetType type, string file, Func<byte[], byte[]> change, Func<byte[], string> place, string what)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Writers[type](folder);
        var (before, after) = (File.ReadAllBytes(folder[file]), change(File.ReadAllBytes(folder[file])));
        Assert.That(after, Is.Not.EqualTo(before), "the fault is planted");
        File.WriteAllBytes(folder[file], after);
        var files = Directory.GetFiles(folder.Path);
        var failure = Assert.Throws<InputException>(() => new DatasetSource(folder.Path, type).Load("train"));
        Assert.That(
            failure!.Message,
            Does.Contain(Path.GetFileName(file)).And.Contain(place(after)).And.Contain(what).And.Not.Contain("\n"));
        Assert.That(failure.Message, Does.Contain(';').Or.Contain("must"), "a remedy");
        Assert.That(Directory.GetFiles(folder.Path), Is.EqualTo(files), "nothing half-written");
    }

    [TestCase(DatasetType.OpenImages, "oidv6-classes-trainable.txt", "/m/1\n/m/77\n", "row 2")]
    [TestCase(DatasetType.OpenImages, "oidv6-classes-trainable.txt", "/m/1\n/m/1\n", "row 2")]
    [TestCase(DatasetType.OpenImages, "oidv6-classes-trainable.txt", "", "empty")]
    [TestCase(DatasetType.OpenImages, "oidv6-class-descriptions.csv", "LabelName\n/m/1\n", "LabelName,DisplayName")]
    [TestCase(DatasetType.Shards, "dataset.json", "{", "description")]
    [TestCase(DatasetType.Csv, "dataset.json", "{}", "attributes")]
    public void AWrongFileOfClassesIsNamed(DatasetType type, string file, string text, string what)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Writers[type](folder);
        folder.Write(file, text);
        Assert.That(
            () => new DatasetSource(folder.Path, type).Load("train"),
            Throws.InstanceOf<InputException>().With.Message.Contains(file).And.Message.Contains(what));
    }

    [TestCase(DatasetType.Csv, "train.csv")]
    [TestCase(DatasetType.Coco, CocoFile)]
    [TestCase(DatasetType.Lvis, "lvis_v1_train.json")]
    [TestCase(DatasetType.OpenImages, LabelFile)]
    [TestCase(DatasetType.OpenImages, ".flixstock/openimages-train.index")]
    [TestCase(DatasetType.Shards, "train-000001.tar")]
    public void HoweverAFileIsBrokenItIsReadOrRefusedByName(DatasetType type, string file)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Writers[type](folder);
        var source = new DatasetSource(folder.Path, type);
        source.Load("train"); // writes the index, where there is one
        var sound = File.ReadAllBytes(folder[file]);
        var random = new SeededRandom(11);
        var refused = 0;
        for (var round = 0; round < 150; round++)
        {
            var broken = round % 3 == 0 ? sound[..random.Next(sound.Length)] : sound.ToArray();
            for (var i = random.Next(4); i >= 0 && broken.Length > 0; i--)
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(folder[file], broken);
            try
            {
                Assert.That(source.Load("train").Samples, Is.Not.Empty);
            }
            catch (InputException e)
            {
                refused++;
                Assert.That(e.Message, Does.Contain(folder.Path));
            }
        }
        if (!file.EndsWith(".index", StringComparison.Ordinal))
            Assert.That(refused, Is.GreaterThan(50));
    }

    [Test]
    public void AFolderOfNothingKnownIsRefused()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            () => new DatasetSource(folder.Path).Load("train"),
            Throws.InstanceOf<InputException>().With.Message.Contains("no data set is recognised"));
        Assert.That(
            () => new DatasetSource(folder["x"]).Load("train"),
            Throws.InstanceOf<InputException>().With.Message.Contains("no such folder"));
    }

    [Test]
    public void APartThatIsNotThereIsNamed(
        [ValueSource(typeof(SmallDatasets), nameof(SmallDatasets.Types))] DatasetType type)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Writers[type](folder);
        if (type != DatasetType.Garments)
        {
            Assert.That(
                () => new DatasetSource(folder.Path, type).Load("test"),
                Throws.InstanceOf<InputException>().With.Message.Contains(folder.Path).And.Message.Contains("test"));
        }
    }

    private static TestCaseData Csv(string name, Func<string, string> change, string place, string what) =>
        new TestCaseData(DatasetType.Csv, "train.csv", Change(change), Named(place), what).SetName($"CSV: {name}");

    private static TestCaseData Coco(
        string name, Func<string, string> change, Func<string, string> place, string what) =>
        new TestCaseData(
            DatasetType.Coco, CocoFile, Change(change),
            (Func<byte[], string>)(bytes => place(Text(bytes))), what).SetName($"COCO: {name}");

    private static TestCaseData OpenImages(string name, Func<string, string> change, string place, string what) =>
        new TestCaseData(DatasetType.OpenImages, LabelFile, Change(change), Named(place), what)
            .SetName($"OpenImages: {name}");

    private static TestCaseData Shard(string name, Func<byte[], byte[]> change, string place, string what) =>
        new TestCaseData(DatasetType.Shards, "train-000000.tar", change, Named(place), what).SetName($"Shards: {name}");

    private static Func<byte[], byte[]> Change(Func<string, string> change) =>
        bytes => System.Text.Encoding.UTF8.GetBytes(change(Text(bytes)));

    private static Func<byte[], string> Named(string place) => _ => place;

    private static string Text(byte[] bytes) => System.Text.Encoding.UTF8.GetString(bytes);

    private static string Row(string text, int index, string row)
    {
        var rows = text.Split('\n');
        rows[index] = row;
        return string.Join('\n', rows);
    }

    private static int Header(byte[] bytes, int number)
    {
        var at = 0;
        for (var i = 0; i < number; i++)
            at += 512 + ((Convert.ToInt32(Text(bytes[(at + 124)..(at + 135)]).Trim('\0', ' '), 8) + 511) / 512 * 512);
        return at;
    }

    private static byte[] Replaced(byte[] bytes, string from, string to)
    {
        var at = bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(from));
        var result = bytes.ToArray();
        System.Text.Encoding.UTF8.GetBytes(to).CopyTo(result, at);
        return result;
    }
}
