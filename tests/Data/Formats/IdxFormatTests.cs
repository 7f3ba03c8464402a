using System.IO.Compression;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>IDX files, and the public data set that is made of them.</summary>
public sealed class IdxFormatTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        SmallDatasets.Idx(_folder);
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void PicturesAreTheirPixelsInThreeEqualColours()
    {
        var data = Load("train");
        Assert.That(data.Samples.Select(sample => sample.Labels.ToArray()), Is.EqualTo(
            Enumerable.Range(0, 8).Select(i => new sbyte[] { 0, 1, 2 }.Select(k => (sbyte)(k == i % 3 ? 1 : 0)))));
        var picture = data.Samples[5].Decode();
        Assert.That((picture.Width, picture.Height), Is.EqualTo((24, 20)));
        Assert.That(
            Enumerable.Range(0, 480).Select(at => picture.Pixels.AsSpan(at * 3, 3).ToArray()),
            Is.EqualTo(Enumerable.Range(0, 480).Select(at => Enumerable.Repeat((byte)(at * 6 % 251), 3))));
        var prepared = new byte[16 * 16 * 3];
        Assert.That(data.Samples[5].Prepare(new PicturePreparation(16), prepared), Is.EqualTo((24, 20)));
        Assert.That(prepared, Is.EqualTo(PictureResizer.Resize(picture, 16, 16).Pixels));
        Assert.That(
            PictureDecoder.Decode(data.Samples[5].FileBytes(), "as a file").Pixels, Is.EqualTo(picture.Pixels));
    }

    [Test]
    public void WithoutAFileEveryTwelfthTrainingPictureValidates()
    {
        File.Delete(_folder["val-images-idx3-ubyte"]);
        _folder.Write("train-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 36, 0, 0, 0, 1, 0, 0, 0, 1, .. new byte[36]]);
        _folder.Write("train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 36, .. new byte[36]]);
        Assert.That(Load("val").Samples.Select(sample => sample.File), Is.EqualTo(
            new[] { "train-000011.png", "train-000023.png", "train-000035.png" }));
        Assert.That(Load("train").Samples, Has.Count.EqualTo(33));
        Assert.That(new DatasetSource(_folder.Path).Has("test"), Is.False);
    }

    [Test]
    public void WithoutADescriptionClassesAreNumbers()
    {
        File.Delete(_folder["dataset.json"]);
        Assert.That(Load("train").Attributes.ClassNames, Is.EqualTo(new[] { "Class 0", "Class 1", "Class 2" }));
    }

    private static IEnumerable<TestCaseData<string, byte[], string>> Wrong()
    {
        const string Pictures = "train-images-idx3-ubyte", Labels = "train-labels-idx1-ubyte";
        yield return new(Pictures, [], "ends within its header");
        yield return new(Pictures, [0, 0, 8, 3, 0, 0], "ends within its header");
        yield return new(Pictures, [0x1f, 0x8b, .. new byte[40]], "a compressed file has to be unpacked");
        yield return new(Pictures, [0, 0, 13, 3, .. new byte[40]], "values of type 0x0d");
        yield return new(Pictures, [0, 0, 8, 1, .. new byte[40]], "in 1 dimensions");
        yield return new(
            Pictures, [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3], "1 x 2 x 2 bytes, and the file has 3");
        yield return new(Pictures, [0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 0, 2, 0, 0, 0, 2], "-1 x 2 x 2");
        yield return new(Labels, [0, 0, 8, 1, 0, 0, 0, 2, 0, 1], "2 labels for the 8 pictures");
        yield return new(Labels, [0, 0, 8, 1, 0, 0, 0, 8, 0, 1, 2, 3, 0, 0, 0, 0], "label 3 (from 0) is class 3");
    }

    [TestCaseSource(nameof(Wrong))]
    public void AFileThatIsNoneIsRefusedByNameInOneLine(string file, byte[] bytes, string said)
    {
        _folder.Write(file, bytes);
        var error = Assert.Throws<InputException>(() => Load("train"))!;
        Assert.That(error.Message, Does.Contain(file).And.Contain(said).And.Not.Contain("\n"));
    }

    [Test]
    public void APublishedDataSetIsUnpackedAndNamed()
    {
        using var published = new TemporaryFolder();
        foreach (var part in new[] { "train", "t10k" })
        {
            foreach (var kind in new[] { "images-idx3-ubyte", "labels-idx1-ubyte" })
                published.Write($"{part}-{kind}.gz", Packed(File.ReadAllBytes(_folder[$"train-{kind}"])));
        }
        Assert.That(FashionMnist.IsIn(published.Path), Is.True);
        FashionMnist.Unpack(published.Path, _folder["made"]);
        var data = new DatasetSource(_folder["made"]).Load("test");
        Assert.That(data.Samples, Has.Count.EqualTo(8));
        Assert.That(data.Attributes.ClassNames[9], Is.EqualTo("Garment ankle boot"));
        var error = Assert.Throws<InputException>(() => new DatasetSource(published.Path).Load("train"))!;
        Assert.That(error.Message, Does.Contain("gunzip train-labels-idx1-ubyte.gz").Or.Contain(
            "gunzip train-images-idx3-ubyte.gz"));
        published.Write("t10k-labels-idx1-ubyte.gz", [1, 2, 3]);
        Assert.Throws<InputException>(() => FashionMnist.Unpack(published.Path, _folder["other"]));
        Assert.That(Directory.Exists(_folder["other/t10k-labels-idx1-ubyte"]), Is.False);
    }

    [Test]
    public void TheRealDataSetIsRead()
    {
        if (!FashionMnist.IsIn(FashionMnist.InstalledFolder))
            Assert.Ignore($"the package {FashionMnist.Package} is not installed");
        FashionMnist.Unpack(FashionMnist.InstalledFolder, _folder["fashion"]);
        var source = new DatasetSource(_folder["fashion"]);
        Assert.That(
            new[] { "train", "val", "test" }.Select(part => source.Load(part).Samples.Count),
            Is.EqualTo(new[] { 55_000, 5_000, 10_000 }));
        Assert.That(
            PartSummary.Of("test", source.Load("test")).Classes.Select(count => count.Positive),
            Is.All.EqualTo(1000));
    }

    private ImageDataset Load(string part) => new DatasetSource(_folder.Path).Load(part);

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionMode.Compress))
            zip.Write(bytes);
        return packed.ToArray();
    }
}
