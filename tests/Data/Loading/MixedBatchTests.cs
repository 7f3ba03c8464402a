using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>Batches with mixed pictures behind their own.</summary>
public sealed class MixedBatchTests
{
    private const int Size = 24, Classes = 3;

    private static readonly BatchLoaderOptions Plain = new()
    {
        BatchSize = 8,
        Preparation = new(Size),
        Workers = 0,
        Seed = 3,
        Shuffle = true,
        Augmentation = AugmentationKind.Garments,
    };

    private static readonly BatchLoaderOptions Mixing = Plain with { SpliceMix = 0.25 };

    private TemporaryFolder _folder = null!;
    private Sample[] _samples = null!;

    [OneTimeSetUp]
    public void MakePictures()
    {
        _folder = new TemporaryFolder();
        _samples = [.. Enumerable.Range(0, 21).Select(i => new Sample(
            $"{i}.jpg", _folder.Write($"{i}.jpg", TemporaryFolder.SmallJpeg((ulong)i)),
            [(sbyte)(i % 2), (sbyte)(i % 3 - 1), (sbyte)(i % 7 == 0 ? 1 : i % 2 - 1)]))];
    }

    [OneTimeTearDown]
    public void RemovePictures() => _folder.Dispose();

    [Test]
    public void WithoutItBatchesAreAsTheyWereAndWithItTheirOwnPicturesAre()
    {
        var (without, with) = (Batches(Plain, 2), Batches(Mixing, 2));
        Assert.That(without.Select(batch => (batch.Count, batch.Mixed)), Is.EqualTo(new[] { (8, 0), (8, 0), (5, 0) }));
        Assert.That(without[0].Pixels, Has.Length.EqualTo(8 * Size * Size * 3), "not a byte more");
        Assert.That(with.Select(batch => (batch.Samples, batch.Mixed)), Is.EqualTo(new[] { (8, 2), (8, 2), (5, 1) }));
        foreach (var (plain, mixed) in without.Zip(with))
        {
            var (bytes, labels) = (plain.Count * Size * Size * 3, plain.Count * Classes);
            Assert.That(mixed.Pixels[..bytes], Same.As(plain.Pixels[..bytes]));
            Assert.That(mixed.Labels[..labels], Same.As(plain.Labels[..labels]));
            Assert.That(mixed.SampleIndices.Take(plain.Count), Is.EqualTo(plain.SampleIndices.Take(plain.Count)));
            Assert.That(mixed.SampleIndices[plain.Count..mixed.Count], Is.All.EqualTo(-1));
        }
    }

    [Test]
    public void WhatIsMixedFollowsFromSeedEpochAndBatchWhateverTheWorkers()
    {
        byte[] Bytes(BatchLoaderOptions options, int epoch, int first = 0) =>
            [.. Batches(options, epoch, first).SelectMany(Everything)];
        var expected = Bytes(Mixing, 2);
        foreach (var workers in new[] { 1, 3 })
            Assert.That(Bytes(Mixing with { Workers = workers, CacheBytes = workers }, 2), Same.As(expected));
        Assert.That(Bytes(Mixing, 2, first: 1), Same.As(expected[Everything(Batches(Mixing, 2)[0]).Length..]));
        // Without a random order and changes, so that only what is mixed can differ.
        var still = Mixing with { Shuffle = false, Augmentation = AugmentationKind.None };
        Assert.That(Bytes(still, 3), Same.Not(Bytes(still, 2)), "epochs differ");
        Assert.That(Bytes(still with { Seed = 4 }, 2), Same.Not(Bytes(still, 2)), "seeds differ");
        var twice = new[] { _samples[0], _samples[1], _samples[0], _samples[1] };
        using var loader = new BatchLoader(twice, Classes, still with { BatchSize = 2, SpliceMix = 1 });
        var mixed = Batches(loader, 1).ConvertAll(batch => batch.Pixels[(2 * Size * Size * 3)..]);
        Assert.That(mixed[1], Same.Not(mixed[0]), "batches of an epoch differ");
    }

    [Test]
    public void AMixedPictureIsMadeOfItsTilesAndHasTheUnionOfTheirLabels()
    {
        foreach (var batch in Batches(Mixing, 1).Concat(Batches(Mixing with { SpliceMix = 1 }, 4)))
        {
            for (var i = 0; i < batch.Mixed; i++)
            {
                var tiles = batch.Tiles.AsSpan(i * SpliceTiles.Most, SpliceTiles.Most).ToArray();
                int[] there = [.. tiles.Where(tile => tile != SpliceTiles.Empty)];
                Assert.That(there, Is.Not.Empty.And.All.InRange(0, batch.Samples - 1));
                for (var k = 0; k < Classes; k++)
                {
                    int[] own = [.. there.Select(tile => (int)batch.Labels[(tile * Classes) + k])];
                    var union = own.Contains(1) ? 1 : own.All(label => label == 0) ? 0 : -1;
                    Assert.That(batch.Labels[((batch.Samples + i) * Classes) + k], Is.EqualTo(union));
                }
                AssertFirstTile(batch, i, tiles);
            }
        }
    }

    [Test]
    public void SoftTargetsAreMixedToo()
    {
        Sample[] soft = [.. _samples.Select((sample, i) => sample with { SoftLabels = [i / 32f, -1, 0] })];
        using var loader = new BatchLoader(soft, Classes, Mixing);
        foreach (var batch in Batches(loader, 1))
        {
            for (var i = batch.Samples; i < batch.Count; i++)
            {
                var tiles = batch.Tiles.AsSpan((i - batch.Samples) * SpliceTiles.Most, SpliceTiles.Most).ToArray();
                var absent = tiles.Where(tile => tile >= 0).Select(tile => batch.SampleIndices[tile])
                    .Aggregate(1.0, (product, sample) => product * (1 - (sample / 32.0)));
                Assert.That(
                    batch.SoftLabels!.Skip(i * Classes).Take(Classes),
                    Is.EqualTo(new[] { 1 - absent, -1, 0 }).Within(1e-6));
            }
        }
    }

    [TestCase(-0.1, 24, "-0.1 mixed pictures for each picture: use 0 to 1")]
    [TestCase(1.1, 24, "1.1 mixed pictures for each picture: use 0 to 1")]
    [TestCase(double.NaN, 24, "NaN mixed pictures for each picture: use 0 to 1")]
    [TestCase(0.25, 2, "image size 2: mixed pictures need 3 pixels or more")]
    public void WhatCannotBeIsRefused(double share, int size, string message) => Assert.That(
        () => new BatchLoader(_samples, Classes, Plain with { SpliceMix = share, Preparation = new(size) }).Dispose(),
        Throws.TypeOf<InputException>().With.Message.EqualTo(message));

    // Which grid it is can be told from the picture alone where the first tile is black, or is a picture made smaller.
    private static void AssertFirstTile(Batch batch, int number, int[] tiles)
    {
        var bytes = Size * Size * 3;
        var mixed = batch.Pixels.AsSpan((batch.Samples + number) * bytes, bytes).ToArray();
        var fits = new List<(int Rows, int Columns)>();
        foreach (var (rows, columns) in new[] { (1, 2), (2, 1), (2, 2), (2, 3), (3, 2) })
        {
            var (width, height) = (Size / columns, Size / rows);
            var tile = new RgbPicture(width, height);
            if (tiles[0] != SpliceTiles.Empty)
            {
                var whole = new RgbPicture(Size, Size, batch.Pixels.AsSpan(tiles[0] * bytes, bytes).ToArray());
                tile = PictureResizer.Resize(whole, width, height);
            }
            var same = true;
            for (var y = 0; y < height; y++)
            {
                same &= mixed.AsSpan(y * Size * 3, width * 3)
                    .SequenceEqual(tile.Pixels.AsSpan(y * width * 3, width * 3));
            }
            if (same)
                fits.Add((rows, columns));
        }
        Assert.That(fits, Is.Not.Empty);
    }

    private static byte[] Everything(Batch batch) =>
    [
        .. batch.Pixels.Take(batch.Count * Size * Size * 3),
        .. batch.Labels.Take(batch.Count * Classes).Select(label => (byte)label),
        .. batch.SampleIndices.Take(batch.Count).Select(index => (byte)index),
    ];

    private List<Batch> Batches(BatchLoaderOptions options, int epoch, int first = 0)
    {
        using var loader = new BatchLoader(_samples, Classes, options);
        return Batches(loader, epoch, first);
    }

    // They are not given back, so that they can be looked at.
    private static List<Batch> Batches(BatchLoader loader, int epoch, int first = 0)
    {
        var batches = new List<Batch>();
        loader.StartEpoch(epoch, first);
        while (loader.TryNext(out var batch))
            batches.Add(batch);
        return batches;
    }
}
