using System.Formats.Tar;
using System.Text;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>
/// Entries of files that no data set has by accident: each is refused in one line that names the file.
/// </summary>
public sealed class HostileEntriesTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void Prepare() => _folder = new TemporaryFolder();

    [TearDown]
    public void Remove() => _folder.Dispose();

    [TestCase(300L << 20, "300 MiB")]
    [TestCase(5L << 30, "5120 MiB")]
    public void APictureThatIsTooLargeIsRefusedBeforeItIsRead(long length, string expected)
    {
        Shard(
            ("a.cls", "1"u8.ToArray()), ("a.jpg", []), ("b.cls", "0"u8.ToArray()),
            ("b.jpg", TemporaryFolder.SmallJpeg(1)));
        var bytes = File.ReadAllBytes(_folder["train-0.tar"]);
        const int Header = 1024; // of a.jpg, behind that of a.cls and its block
        var size = Encoding.ASCII.GetBytes(Convert.ToString(length, 8).PadLeft(11, '0'));
        size.CopyTo(bytes, Header + 124);
        bytes.AsSpan(Header + 148, 8).Fill((byte)' ');
        var sum = bytes.AsSpan(Header, 512).ToArray().Sum(value => value);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(bytes, Header + 148);
        using (var file = File.Create(_folder["train-0.tar"])) // the picture is a hole
        {
            file.Write(bytes.AsSpan(0, Header + 512));
            file.Position += length;
            file.Write(bytes.AsSpan(Header + 512));
        }
        Refused("train-0.tar", expected);
    }

    [Test]
    public void JsonNextToANumberMayBeOfSomethingElseButMustBeJson()
    {
        Shard(
            ("a.cls", "1"u8.ToArray()), ("a.json", """{"where": "from"}"""u8.ToArray()),
            ("a.jpg", TemporaryFolder.SmallJpeg(1)));
        Assert.That(new DatasetSource(_folder.Path).Load("train").Samples, Has.Count.EqualTo(1));
        Shard(
            ("a.cls", "1"u8.ToArray()), ("a.json", """{"positive": ["""u8.ToArray()),
            ("a.jpg", TemporaryFolder.SmallJpeg(1)));
        Refused("a.json", "not valid JSON");
    }

    [Test]
    public void ANameWithAZeroByteIsRefusedWhereverItStands()
    {
        _folder.Write("dataset.json", AttributeTable.OfClasses(SmallDatasets.Classes).ToJson());
        Shard(
            ("a.json", """{"filename": "a\u0000b.jpg", "positive": ["cat"]}"""u8.ToArray()),
            ("a.jpg", TemporaryFolder.SmallJpeg(1)));
        Refused("a.json", "zero byte");
        Directory.CreateDirectory(_folder["coco/train2017"]);
        _folder.Write(
            "coco/annotations/instances_train2017.json",
            """{"images": [{"id": 1, "file_name": "a\u0000b.jpg"}], "annotations": [{"image_id": 1, "category_id": 1}], "categories": [{"id": 1, "name": "cat"}]}""");
        Assert.That(() => new DatasetSource(_folder["coco"]).Load("train"), Throws.TypeOf<InputException>().With.Message
            .Contains("instances_train2017.json").And.Message.Contains("no path"));
    }

    [Test]
    public void ThousandsOfCategoriesThatOnlyGroupOthersAreTwoThoughtsAndNotThousands()
    {
        var categories = Enumerable.Range(0, 4000).Select(k => k % 2 == 0
            ? $$"""{"id": {{k + 1}}, "name": "c{{k}}"}"""
            : $$"""{"id": {{k + 1}}, "name": "c{{k}}", "supercategory": "c{{k - 1}}"}""");
        _folder.Write(
            "annotations/instances_train2017.json",
            $$"""{"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [{"image_id": 1, "category_id": 2}], "categories": [{{string.Join(',', categories)}}]}""");
        _folder.Write("train2017/a.jpg", TemporaryFolder.SmallJpeg(1));
        var data = new DatasetSource(_folder.Path).Load("train");
        Assert.Multiple(() =>
        {
            Assert.That(data.Attributes.ClassCount, Is.EqualTo(2000));
            Assert.That(data.Notes, Has.Count.EqualTo(6).And.Some.StartsWith("1995 more categories"));
        });
    }

    [TestCase("""{"data": {}, "data": {}}""", "cannot be read")]
    [TestCase("""{"precision": "\ud800"}""", "half a character")]
    [TestCase("[1]", "no object")]
    public void ADescriptionOfARunThatCannotBeLookedIntoIsRefusedAtOnce(string json, string expected)
    {
        _folder.Write("run.json", json);
        var run = TrainingRun.Begun(_folder.Path)!;
        Assert.That(
            () => run.ReadPrecision(),
            Throws.TypeOf<InputException>().With.Message.Contains(_folder["run.json"]).And.Message.Contains(expected));
    }

    [Test]
    public void HalfACharacterInAGridIsRefused()
    {
        _folder.Write("grid.json", """{"train": {"out": "\ud800"}, "methods": [{"name": "a"}]}""");
        Assert.That(() => ExperimentFile.Read(_folder["grid.json"]), Throws.TypeOf<InputException>().With.Message
            .Contains(_folder["grid.json"]).And.Message.Contains("half a character"));
    }

    [Test]
    public void ASimulationOfAGridIsNamedWithItsFile()
    {
        _folder.Write("grid.json", """{"simulations": ["half"], "methods": [{"name": "a"}]}""");
        Assert.That(() => ExperimentFile.Read(_folder["grid.json"]).Cells(), Throws.TypeOf<InputException>().With
            .Message.StartsWith(_folder["grid.json"]).And.Message.Contains("'half'"));
    }

    [TestCase(257, 100_000_000u, 1u, TestName = "more strips than it has bytes")]
    [TestCase(257, 4u, 2_000_000_000u, TestName = "more offsets than it has bytes")]
    public void ATiffThatClaimsMoreThanItsFileCanHoldTakesNoMemory(int tag, uint value, uint offsets)
    {
        (int Tag, uint Count, uint Value)[] entries =
        [
            (256, 1, 1), (tag, 1, value), (258, 1, 8), (262, 1, 1), (273, offsets, 8), (278, 1, 1), (279, 1, 16),
        ];
        byte[] file =
        [
            .. "II*\0"u8, .. BitConverter.GetBytes(8), .. BitConverter.GetBytes((ushort)entries.Length),
            .. entries.SelectMany(entry => (byte[])[
                .. BitConverter.GetBytes((ushort)entry.Tag), 4, 0, .. BitConverter.GetBytes(entry.Count),
                .. BitConverter.GetBytes(entry.Value),
            ]),
            0, 0, 0, 0,
        ];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(
            () => PictureDecoder.Decode(file, "p.tif"),
            Throws.TypeOf<PictureException>().With.Message.StartsWith("p.tif: "));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(8 << 20));
    }

    private void Shard(params (string Name, byte[] Bytes)[] files)
    {
        using var tar = new TarWriter(File.Create(_folder["train-0.tar"]), TarEntryFormat.Ustar);
        foreach (var (name, bytes) in files)
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });
    }

    private void Refused(string named, string expected) => Assert.That(
        () => new DatasetSource(_folder.Path).Load("train"),
        Throws.TypeOf<InputException>().With.Message.Contains(_folder["train-0.tar"]).And.Message.Contains(named).And
            .Message.Contains(expected));
}
