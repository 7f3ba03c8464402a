using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>
/// Packs of pixels: what is read from them is what would have been decoded, and nothing else can be asked of them.
/// </summary>
public sealed class RawShardTests
{
    private static readonly PicturePreparation Standard = new(24);

    private static IEnumerable<PicturePreparation> Preparations() =>
    [
        Standard, new(24, ResizeFilter.Bicubic), new(24, ExifRotate: true), new(40), new(1),
    ];

    [TestCaseSource(nameof(Preparations))]
    public void PixelsAreThoseOfTheOriginals(PicturePreparation preparation)
    {
        using var data = new TemporaryFolder();
        using var pack = new TemporaryFolder();
        var (originals, raw) = Packed(data, pack, preparation);
        Assert.That(raw.Samples.Select(sample => sample.File), Is.EqualTo(originals.Samples.Select(one => one.File)));
        foreach (var (original, stored) in originals.Samples.Zip(raw.Samples))
        {
            var (expected, actual) = (Prepared(original, preparation), Prepared(stored, preparation));
            Assert.That(actual, Is.EqualTo(expected), original.File);
            Assert.That(stored.Decode().Pixels, Is.EqualTo(expected), "and can be looked at");
            Assert.That(stored.Labels, Is.EqualTo(original.Labels));
        }
    }

    [Test]
    public void TheTurnedPictureIsAnotherOne()
    {
        using var data = new TemporaryFolder();
        SmallDatasets.Csv(data);
        Turn(data["images/p0.jpg"]);
        var sample = new DatasetSource(data.Path).Load("train").Samples[0];
        Assert.That(Prepared(sample, Standard with { ExifRotate = true }), Is.Not.EqualTo(Prepared(sample, Standard)));
    }

    [Test]
    public void TrainingSeesTheSameBatchesAsFromTheOriginals([Values(0, 3)] int workers)
    {
        using var data = new TemporaryFolder();
        using var pack = new TemporaryFolder();
        var (originals, raw) = Packed(data, pack, Standard);
        Assert.That(raw.Order, Is.Null, "no order of shards: that of single files");
        var options = new BatchLoaderOptions
        {
            BatchSize = 3,
            Preparation = Standard,
            Workers = workers,
            Seed = 5,
            Shuffle = true,
            Augmentation = AugmentationKind.Garments,
        };
        Assert.That(Epoch(raw, options), Is.EqualTo(Epoch(originals, options)));
    }

    [TestCase(48, ResizeFilter.Bilinear, false)]
    [TestCase(24, ResizeFilter.Bicubic, false)]
    [TestCase(24, ResizeFilter.Bilinear, true)]
    public void EverythingElseIsRefusedBeforeTheFirstBatch(int size, ResizeFilter filter, bool rotate)
    {
        using var data = new TemporaryFolder();
        using var pack = new TemporaryFolder();
        var raw = Packed(data, pack, Standard).Raw;
        var wanted = new PicturePreparation(size, filter, rotate);
        foreach (var use in new Action[]
        {
            () => new BatchLoader(raw.Samples, 3, new BatchLoaderOptions { Preparation = wanted }).Dispose(),
            () => raw.Samples[0].Prepare(wanted, new byte[size * size * 3]),
            () => ShardPacker.Pack(
                new DatasetSource(pack.Path), data["again"], new ShardPackerOptions { Raw = wanted }),
        })
        {
            Assert.That(
                () => use(),
                Throws.TypeOf<InputException>().With.Message.Contains(pack["train-000000.tar"])
                    .And.Message.Contains("24 x 24 (bilinear, EXIF orientation ignored)")
                    .And.Message.Contains(RawPixels.Describe(wanted))
                    .And.Message.Contains("pack the original data set again"));
        }
        Assert.That(Directory.Exists(data["again"]), Is.False);
    }

    [Test]
    public void APackOfPixelsThatIsPackedAgainStaysOne()
    {
        using var data = new TemporaryFolder();
        using var pack = new TemporaryFolder();
        using var again = new TemporaryFolder();
        var raw = Packed(data, pack, Standard).Raw;
        ShardPacker.Pack(new DatasetSource(pack.Path), again.Path, 2);
        var second = new DatasetSource(again.Path).Load("train");
        Assert.That(second.Samples.Select(sample => sample.Path).Distinct().Count(), Is.EqualTo(4));
        Assert.That(
            second.Samples.Select(sample => Prepared(sample, Standard)),
            Is.EqualTo(raw.Samples.Select(sample => Prepared(sample, Standard))));
    }

    [Test, Platform(Exclude = "Win", Reason = "a mapped file cannot be cut there")]
    public void AFileThatWasCutIsNamedWithItsPicture()
    {
        using var data = new TemporaryFolder();
        using var pack = new TemporaryFolder();
        var raw = Packed(data, pack, Standard).Raw;
        var last = raw.Samples[7];
        Prepared(last, Standard);
        Cut(last.Path, last.Offset + 100);
        Assert.That(
            () => Prepared(last, Standard),
            Throws.TypeOf<PictureException>().With.Message.StartsWith(
                $"{last.Name}: the file ends within the picture"));
        Assert.That(last.Name, Does.Contain(last.Path).And.Contain(last.File));
        Assert.That(() => new DatasetSource(pack.Path).Load("train"), Refused(last.Path, "the file was cut within"));
        File.Delete(last.Path);
        Assert.That(
            () => Prepared(last with { Raw = new RawPixels(last.Path, Standard) }, Standard),
            Throws.TypeOf<PictureException>().With.Message.Contains(last.Path).And.Message.Contains("no such picture"));
    }

    [TestCase("""{ "imageSize": 25, "resize": "bilinear", "exifRotate": false }""", "1,875")]
    [TestCase("""{ "imageSize": 0, "resize": "bilinear", "exifRotate": false }""", "imageSize 0")]
    [TestCase("""{ "imageSize": 24, "resize": "nearest", "exifRotate": false }""", "resize 'nearest'")]
    [TestCase("""{ "imageSize": 24, "resize": "bilinear" }""", "exifRotate")]
    [TestCase("""{ "imageSize": 24, "resize": "bilinear", "exifRotate": false, "crop": 3 }""", "crop")]
    [TestCase("""{ "imageSize": "24" }""", "line 1: $.imageSize does not take that kind of value")]
    [TestCase("""{ "imageSize": 24, "resize": "\ud800", "exifRotate": false }""", "half a character")]
    [TestCase("null", "it is empty")]
    [TestCase("pixels", "pixels.json")]
    [TestCase(null, "pixels.json, which says of what size, is missing")]
    public void ANoteThatDoesNotFitIsRefused(string? note, string named)
    {
        using var data = new TemporaryFolder();
        using var pack = new TemporaryFolder();
        Packed(data, pack, Standard);
        if (note is null)
            File.Delete(pack[RawNote.FileName]);
        else
            File.WriteAllText(pack[RawNote.FileName], note);
        Assert.That(() => new DatasetSource(pack.Path).Load("train"), Refused(pack.Path, named));
    }

    [Test]
    public void NoDataSetOfPicturesIsMadeOfPixels()
    {
        using var data = new TemporaryFolder();
        using var pack = new TemporaryFolder();
        var raw = Packed(data, pack, Standard).Raw;
        var simulated = new PartialSimulation(SimulationKind.Rps, 0.5).Apply(raw);
        Assert.That(
            () => SimulatedDatasetWriter.Write(
                data["simulated"], simulated, new Dictionary<string, ImageDataset>(), copyPictures: true),
            Refused(raw.Samples[0].Path, "holds pixels and no files of pictures"));
        Assert.That(Directory.Exists(data["simulated"]), Is.False);
    }

    private static NUnit.Framework.Constraints.Constraint Refused(string file, string what) =>
        Throws.TypeOf<InputException>().With.Message.Contains(file).And.Message.Contains(what)
            .And.Message.Not.Contains("\n").And.Message.Not.Contains("Flixstock.");

    private static (ImageDataset Originals, ImageDataset Raw) Packed(
        TemporaryFolder data, TemporaryFolder pack, PicturePreparation preparation)
    {
        SmallDatasets.Csv(data);
        Turn(data["images/p0.jpg"]);
        ShardPacker.Pack(
            new DatasetSource(data.Path), pack.Path, new ShardPackerOptions { Raw = preparation, Workers = 2 });
        return (new DatasetSource(data.Path).Load("train"), new DatasetSource(pack.Path).Load("train"));
    }

    private static byte[] Prepared(Sample sample, PicturePreparation preparation)
    {
        var pixels = new byte[preparation.ImageSize * preparation.ImageSize * 3];
        sample.Prepare(preparation, pixels);
        return pixels;
    }

    private static List<byte[]> Epoch(ImageDataset data, BatchLoaderOptions options)
    {
        using var loader = new BatchLoader(data.Samples, data.Attributes.ClassCount, options);
        var batches = new List<byte[]>();
        for (var epoch = 0; epoch < 2; epoch++)
        {
            loader.StartEpoch(epoch);
            while (loader.TryNext(out var batch))
            {
                batches.Add([.. batch.Pixels.Take(batch.Count * 24 * 24 * 3), .. Labels(batch)]);
                loader.Return(batch);
            }
        }
        return batches;
    }

    private static IEnumerable<byte> Labels(Batch batch) =>
        batch.Labels.Take(batch.Count * batch.Classes).Select(label => (byte)label);

    private static void Cut(string path, long length)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(length);
    }

    // A JPEG whose EXIF says that it lies on its side.
    private static void Turn(string path)
    {
        byte[] exif =
        [
            .. "Exif\0\0II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0,
        ];
        var jpeg = File.ReadAllBytes(path);
        File.WriteAllBytes(path, [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]]);
    }
}
