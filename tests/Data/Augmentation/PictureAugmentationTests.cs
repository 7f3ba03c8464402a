using Flixstock.Engine;

namespace Flixstock.Tests.Data;

public class PictureAugmentationTests
{
    private static System.Text.Json.JsonElement Pillow => Golden.Json("augmentation/pillow.json");

    private static IEnumerable<TestCaseData> Cases() => Golden.Cases(
        () => Pillow.GetProperty("cases").EnumerateArray().Select((item, i) => new TestCaseData(i)
            .SetArgDisplayNames($"{item.GetProperty("name").GetString()} {string.Join(' ', Arguments(item))}")),
        new object?[] { 0 });

    // Made by tools/peers/pillow_operations.py with Pillow 9.4.
    [TestCaseSource(nameof(Cases))]
    public void EveryOperationGivesPillowsPixels(int number)
    {
        var item = Pillow.GetProperty("cases")[number];
        var (width, height) = (Pillow.GetProperty("width").GetInt32(), Pillow.GetProperty("height").GetInt32());
        var pixels = Pillow.GetProperty("input").GetBytesFromBase64();
        var canvas = new PixelCanvas(pixels, new byte[pixels.Length], width, height);
        Run(canvas, item.GetProperty("name").GetString()!, Arguments(item));
        var expected = item.GetProperty("output").GetBytesFromBase64();
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.That(
                pixels[i], Is.EqualTo(expected[i]), $"pixel ({i / 3 % width}, {i / 3 / width}), channel {i % 3}");
        }
    }

    [Test]
    public void MagnitudeZeroLeavesThePictureAsItIs()
    {
        // What has a magnitude does nothing at 0; the table of Pillow's package begins there.
        foreach (var name in new[]
        {
            "cutout", "sharpness", "posterize", "shear x", "translate x", "translate y", "shear y", "rotate",
            "contrast", "color", "solarize", "brightness",
        })
        {
            var picture = TemporaryFolder.SmallPicture(3);
            byte[] pixels = [.. picture.Pixels];
            RandomOperations.Apply(
                new PixelCanvas(pixels, new byte[pixels.Length], picture.Width, picture.Height), name, 0,
                new SeededRandom(1));
            // A cubic at a whole place is the pixel, cut off to a whole number.
            Assert.That(pixels, Is.EqualTo(picture.Pixels), name);
        }
    }

    [Test]
    public void EveryOperationOfTheReferenceIsThereAndChangesSomething()
    {
        Assert.That(RandomOperations.Names, Is.EquivalentTo(new[]
        {
            "invert", "cutout", "sharpness", "autocontrast", "posterize", "shear x", "translate x", "translate y",
            "shear y", "rotate", "equalize", "contrast", "color", "solarize", "brightness",
        }));
        foreach (var name in RandomOperations.Names)
        {
            // Few levels and many pixels: what equalizes must find something to do.
            byte[] before = [.. Enumerable.Range(0, 40 * 40 * 3).Select(i => (byte)(60 + (i * i % 41)))];
            byte[] pixels = [.. before];
            RandomOperations.Apply(
                new PixelCanvas(pixels, new byte[pixels.Length], 40, 40), name, 9, new SeededRandom(1));
            Assert.That(pixels.AsSpan().SequenceEqual(before), Is.False, name);
        }
    }

    [Test]
    public void PicturesFollowFromSeedEpochAndSampleWhateverTheWorkers(
        [Values(AugmentationKind.Garments, AugmentationKind.RandAugment)] AugmentationKind kind)
    {
        using var folder = new TemporaryFolder();
        Sample[] samples = [.. Enumerable.Range(0, 9)
            .Select(i => new Sample($"{i}.jpg", folder.Write($"{i}.jpg", TemporaryFolder.SmallJpeg((ulong)i)), [1]))];
        var options = new BatchLoaderOptions
        {
            BatchSize = 4,
            Preparation = new(24),
            Workers = 0,
            Seed = 3,
            Shuffle = true,
            Augmentation = kind,
        };
        var expected = Epochs(samples, options, 1, 2);
        foreach (var workers in new[] { 1, 3 })
        {
            Assert.That(
                Epochs(samples, options with { Workers = workers, CacheBytes = workers == 1 ? 0 : 1 << 20 }, 1, 2),
                Is.EqualTo(expected));
        }
        Assert.That(Epochs(samples, options, 2), Is.EqualTo(expected.Skip(9)), "an epoch needs none before it");
        Assert.That(expected.Take(9), Is.Not.EqualTo(expected.Skip(9)), "epochs differ");
        Assert.That(Epochs(samples, options with { Seed = 4 }, 1), Is.Not.EqualTo(expected.Take(9)));
        // An epoch that is begun in its middle: the same pictures as if it had not been.
        using var loader = new BatchLoader(samples, 1, options);
        loader.StartEpoch(2, firstBatch: 1);
        Assert.That(loader.TryNext(out var batch));
        Assert.That(batch.Pixels[..(24 * 24 * 3)], Is.EqualTo(expected[9 + 4]));
    }

    [Test]
    public void ASampleThatComesTwiceIsChangedInTwoWays()
    {
        using var folder = new TemporaryFolder();
        Sample[] samples = [.. Enumerable.Range(0, 2)
            .Select(i => new Sample($"{i}.jpg", folder.Write($"{i}.jpg", TemporaryFolder.SmallJpeg((ulong)i)), [1]))];
        var pictures = Epochs(
            samples,
            new BatchLoaderOptions
            {
                BatchSize = 2,
                Preparation = new(24),
                Workers = 0,
                Order = new OnlyTheFirst(),
                Augmentation = AugmentationKind.Garments,
            },
            1);
        Assert.That(pictures[0], Is.Not.EqualTo(pictures[1]));
    }

    [Test]
    public void EveryPictureKeepsItsSizeAndTheKindsAreDescribed()
    {
        foreach (var kind in Enum.GetValues<AugmentationKind>())
        {
            Assert.That(PictureAugmentation.Describe(kind), Is.Not.Empty);
            for (var i = 0; i < 200; i++)
            {
                var pixels = new byte[5 * 4 * 3 + 2];
                (pixels[^1], pixels[^2]) = (77, 78);
                PictureAugmentation.Apply(kind, pixels.AsSpan(0, 60), 5, 4, new SeededRandom((ulong)i));
                Assert.That((pixels[^1], pixels[^2]), Is.EqualTo(((byte)77, (byte)78)), "nothing outside is written");
            }
        }
    }

    private static double[] Arguments(System.Text.Json.JsonElement item) =>
        [.. item.GetProperty("arguments").EnumerateArray().Select(value => value.GetDouble())];

    private static void Run(PixelCanvas canvas, string name, double[] a)
    {
        switch (name)
        {
            case "invert":
                canvas.Invert();
                break;
            case "autocontrast":
                canvas.AutoContrast();
                break;
            case "equalize":
                canvas.Equalize();
                break;
            case "posterize":
                canvas.Posterize((int)a[0]);
                break;
            case "solarize":
                canvas.Solarize(a[0]);
                break;
            case "brightness":
                canvas.Brightness((float)a[0]);
                break;
            case "contrast":
                canvas.Contrast((float)a[0]);
                break;
            case "color":
                canvas.Colour((float)a[0]);
                break;
            case "sharpness":
                canvas.Sharpness((float)a[0]);
                break;
            case "rotate":
                canvas.Rotate(a[0]);
                break;
            case "affine":
                canvas.AffineBicubic(a[0], a[1], a[2], a[3], a[4], a[5]);
                break;
            case "translate":
                canvas.Translate(a[0], a[1]);
                break;
            case "flip":
                canvas.Flip();
                break;
            default:
                Assert.Fail($"no such operation: {name}");
                break;
        }
    }

    private static List<byte[]> Epochs(Sample[] samples, BatchLoaderOptions options, params int[] epochs)
    {
        using var loader = new BatchLoader(samples, 1, options);
        var pictures = new List<byte[]>();
        var bytes = options.Preparation.ImageSize * options.Preparation.ImageSize * 3;
        foreach (var epoch in epochs)
        {
            loader.StartEpoch(epoch);
            while (loader.TryNext(out var batch))
            {
                for (var i = 0; i < batch.Count; i++)
                    pictures.Add(batch.Pixels[(i * bytes)..((i + 1) * bytes)]);
                loader.Return(batch);
            }
        }
        return pictures;
    }

    private sealed class OnlyTheFirst : IEpochOrder
    {
        public void Fill(int epoch, Span<int> order) => order.Clear();
    }
}
