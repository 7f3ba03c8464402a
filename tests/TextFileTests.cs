using System.Text;
using System.Text.RegularExpressions;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>Every text that a user brings is UTF-8, or an error that names the place.</summary>
public class TextFileTests
{
    private static readonly UTF8Encoding WithMark = new(encoderShouldEmitUTF8Identifier: true);

    // Where the text of a user may be decoded, and what is no user's text: our own binary formats, sources of kernels,
    // the system's files.
    private static readonly string[] Exceptions =
    [
        "engine/TextFile.cs", "engine/Data/Labels/CsvTable.cs", "engine/Data/Labels/CsvSeparator.cs",
        "engine/Data/Formats/OpenImages/LabelIndex.cs", "engine/Data/Formats/Shards/TarEntries.cs",
        "engine/Data/Inspection/PictureCheckCache.cs", "engine/Training/Runs/PictureEntry.cs",
        "engine/Training/Profiling/StepTrace.cs", "engine/Devices/", "engine/Weights/", "engine/Export/",
        "engine/Drawing/EmbeddedFont.cs", "engine/Writing/WritingProcess.cs", "cli/StopSignals.cs", // of the system
    ];

    private static IEnumerable<TestCaseData> Layouts() =>
    [
        new TestCaseData(DatasetType.Csv, "train.csv", "cat", "row 1"),
        new TestCaseData(DatasetType.Csv, "train.csv", "p3.jpg", "row 5"),
        new TestCaseData(DatasetType.Garments, "attributes_train.csv", "p0", "row 2"),
        new TestCaseData(DatasetType.Coco, "annotations/instances_train2017.json", "dog", "byte "),
        new TestCaseData(DatasetType.Coco, "annotations/instances_train2017.json", "info", "byte 2"),
        new TestCaseData(DatasetType.Lvis, "lvis_v1_train.json", "synonyms", "byte "),
        new TestCaseData(
            DatasetType.OpenImages, "oidv6-train-annotations-human-imagelabels.csv", "0000000000abc001", "row "),
        new TestCaseData(DatasetType.OpenImages, "oidv6-class-descriptions.csv", "tree", "row 4"),
        new TestCaseData(DatasetType.OpenImages, "oidv6-classes-trainable.txt", "/m/2", "row 2"),
        new TestCaseData(DatasetType.Shards, "dataset.json", "tree", "row "),
        new TestCaseData(DatasetType.Shards, "train-000000.tar", "cat", "00000001.json"),
    ];

    [TestCaseSource(nameof(Layouts))]
    public void AByteOfAnotherEncodingIsNamedWithItsPlace(DatasetType type, string file, string at, string where)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Writers[type](folder);
        File.WriteAllBytes(folder[file], Latin1(File.ReadAllBytes(folder[file]), at));
        Assert.That(() => new DatasetSource(folder.Path, type).Load("train"), Throws.TypeOf<InputException>()
            .With.Message.Contains(Path.GetFileName(file)).And.Message.Contains(where).And.Message
            .Contains("not UTF-8; save it as").And.Message.Not.Contains("\ufffd"));
    }

    [TestCase("prior.csv", "index,name,prior\n0,cat,0.1\n1,dog,0.2\n", "dog", "row 3")]
    [TestCase("metrics.csv", "epoch,step\n", "step", "row 1")]
    [TestCase("two_stage.json", "{\n\"a\": 1}", "a", "row 2")]
    [TestCase("run.json", "{\"dataset\": 1}", "data", "row 1")]
    [TestCase("grid.json", "{\"methods\": []}", "methods", "row 1")]
    [TestCase("result.json", "{\"methods\": []}", "methods", "row 1")]
    [TestCase("ignored.csv", "epoch,\n", "epoch", "row 1")]
    [TestCase("pseudo_labels.csv", "epoch,\n", "epoch", "row 1")]
    public void SoAreOtherFiles(string file, string text, string at, string where)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(file, Latin1(Encoding.UTF8.GetBytes(text), at));
        Action read = file switch
        {
            "prior.csv" => () => PriorFile.Read(path, 2),
            "metrics.csv" => () => RunMetrics.Read(path),
            "two_stage.json" => () => TwoStagePlan.Open(folder.Path),
            "run.json" => () => TrainingRun.ReadDataset(folder.Path, new DatasetSource(folder.Path)),
            "grid.json" => () => ExperimentFile.Read(path),
            "result.json" => () => ExperimentResult.Read(path),
            "pseudo_labels.csv" => () => SelfLabelEpoch.Read(path),
            _ => () => IgnoredLabels.Read(path),
        };
        Assert.That(() => read(), Throws.TypeOf<InputException>().With.Message.StartsWith($"{path}: {where}").And
            .Message.Contains("not UTF-8; save it as"));
    }

    [TestCase(DatasetType.Csv, "train.csv")]
    [TestCase(DatasetType.Coco, "annotations/instances_train2017.json")]
    [TestCase(DatasetType.OpenImages, "oidv6-train-annotations-human-imagelabels.csv")]
    [TestCase(DatasetType.OpenImages, "oidv6-classes-trainable.txt")]
    [TestCase(DatasetType.Shards, "dataset.json")]
    public void AMarkOfUtf8IsPassedOver(DatasetType type, string file)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Writers[type](folder);
        var names = new DatasetSource(folder.Path, type).Load("train").Attributes.ClassNames;
        File.WriteAllBytes(folder[file], [.. WithMark.Preamble, .. File.ReadAllBytes(folder[file])]);
        Assert.That(new DatasetSource(folder.Path, type).Load("train").Attributes.ClassNames, Is.EqualTo(names));
    }

    [Test]
    public void Utf16And32WithAMarkAreRead()
    {
        foreach (var encoding in new Encoding[]
        {
            Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32, new UTF32Encoding(true, true), WithMark,
        })
        {
            Assert.That(
                TextFile.Decode((byte[])[.. encoding.Preamble, .. encoding.GetBytes("Größe 👕\n")], "x.csv"),
                Is.EqualTo("Größe 👕\n"), encoding.WebName);
        }
    }

    [TestCase("a\nb\r\nGr\u00f6\u00dfe", "x.csv: row 3 (byte 7): not UTF-8")]
    [TestCase("a\rb\rGr\u00f6\u00dfe", "x.csv: row 3 (byte 6): not UTF-8")]
    [TestCase("c\0a\0t\0", "x.csv: row 1 (byte 1): a zero byte")]
    [TestCase("\u00ff\u00fea", "x.csv: its mark says utf-16, but")]
    public void TheMessageNamesRowAndByte(string latin1, string message) =>
        Assert.That(
            () => TextFile.Decode(Encoding.Latin1.GetBytes(latin1), "x.csv"),
            Throws.TypeOf<InputException>().With.Message.StartsWith(message));

    [Test]
    public void APieceOfATextMayEndWithinACharacter()
    {
        var text = Encoding.UTF8.GetBytes("aß👕");
        for (var end = 0; end <= text.Length; end++)
        {
            Assert.That(Utf8Faults.FirstOfPart(text.AsSpan(0, end), out var whole), Is.EqualTo(-1));
            Assert.That(whole, Is.EqualTo(end switch { 2 => 1, 4 or 5 or 6 => 3, _ => end }));
        }
        Assert.That(Utf8Faults.FirstOfPart([0x61, 0xFC, 0x62], out _), Is.EqualTo(1));
    }

    [Test]
    public void ABadByteIsFoundWhereverTheBufferOfAJsonEnds()
    {
        var text = Encoding.UTF8.GetBytes("{\"größe\": \"👕👕👕\", \"x\": \"aaaa\u00e9\"}");
        for (var size = 4; size < 40; size++)
        {
            ReadAll(text, size);
            var bad = text.ToArray();
            bad[^3] = (byte)'x'; // cuts the é
            var offset = Array.LastIndexOf(bad, (byte)0xC3);
            Assert.That(
                () => ReadAll(bad, size),
                Throws.TypeOf<InputException>().With.Message.Contains($"byte {offset}: not UTF-8"), $"{size}");
        }

        static void ReadAll(byte[] bytes, int size)
        {
            var json = new JsonStream("x.json", new MemoryStream(bytes), size);
            while (json.Read())
            {
            }
        }
    }

    [Test]
    public void NobodyReadsAUsersTextPastTheCheck()
    {
        var direct = new Regex(@"\bFile\.(ReadAllText|ReadAllLines|ReadLines|OpenText)\b|new "
            + @"StreamReader\(|Encoding\.UTF8\.Get(String|Chars)\(|CsvReader\.");
        var root = Repository.Find();
        var offenders = new[] { "engine", "cli" }.SelectMany(
            part => Directory.EnumerateFiles(Path.Combine(root, part), "*.cs", SearchOption.AllDirectories))
            .Select(path => (Path: path, Name: Path.GetRelativePath(root, path).Replace('\\', '/'))).Where(
                file => !file.Name.Contains("/obj/", StringComparison.Ordinal) && !Exceptions.Any(file.Name.StartsWith))
            .Where(file => direct.IsMatch(File.ReadAllText(file.Path))).Select(file => file.Name).ToList();
        Assert.That(offenders, Is.Empty, "open them by TextFile or CsvTable");
    }

    private static byte[] Latin1(byte[] bytes, string at)
    {
        var place = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(at));
        Assert.That(place, Is.GreaterThanOrEqualTo(0), at);
        var changed = bytes.ToArray();
        changed[place] = 0xF6; // ö
        return changed;
    }
}
