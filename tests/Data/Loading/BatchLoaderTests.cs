using Flixstock.Engine;

namespace Flixstock.Tests;

public sealed class BatchLoaderTests
{
    private TemporaryFolder _folder = null!;
    private Sample[] _samples = null!;

    [OneTimeSetUp]
    public void MakePictures()
    {
        _folder = new TemporaryFolder();
        _samples = [.. Enumerable.Range(0, 23).Select(i => new Sample(
            $"{i}.jpg", _folder.Write($"{i}.jpg", TemporaryFolder.SmallJpeg((ulong)i)), [(sbyte)(i % 2), -1]))];
    }

    [OneTimeTearDown]
    public void RemovePictures() => _folder.Dispose();

    [Test]
    public void Order_and_pixels_do_not_depend_on_the_number_of_workers()
    {
        var expected = Everything(
            new BatchLoaderOptions { BatchSize = 4, Preparation = new(16), Workers = 0, Seed = 3, Shuffle = true });
        foreach (var workers in new[] { 1, 2, 5 })
        {
            var options = new BatchLoaderOptions
            {
                BatchSize = 4,
                Preparation = new(16),
                Workers = workers,
                Seed = 3,
                Shuffle = true,
                BatchesAhead = workers,
                CacheBytes = workers == 2 ? 0 : 1 << 20,
            };
            Assert.That(Everything(options), Is.EqualTo(expected));
        }
    }

    [Test]
    public void Every_sample_comes_once_an_epoch_and_epochs_differ()
    {
        using var loader = new BatchLoader(
            _samples, 2, new BatchLoaderOptions { BatchSize = 5, Preparation = new(8), Shuffle = true });
        Assert.That(loader.BatchesPerEpoch, Is.EqualTo(5));
        var first = Indices(loader, 0);
        var second = Indices(loader, 1);
        Assert.That(first.Order(), Is.EqualTo(Enumerable.Range(0, 23)));
        Assert.That(second.Order(), Is.EqualTo(Enumerable.Range(0, 23)));
        Assert.That(second, Is.Not.EqualTo(first));
        Assert.That(Indices(loader, 0), Is.EqualTo(first));
        Assert.That(Indices(loader, 0, firstBatch: 3), Is.EqualTo(first.Skip(15)), "an epoch can start in its middle");
    }

    [Test]
    public void The_last_batch_is_partial_or_left_out()
    {
        using var all = new BatchLoader(_samples, 2, new BatchLoaderOptions { BatchSize = 5, Preparation = new(8) });
        Assert.That(Indices(all, 0), Is.EqualTo(Enumerable.Range(0, 23)));
        using var whole = new BatchLoader(
            _samples, 2, new BatchLoaderOptions { BatchSize = 5, Preparation = new(8), DropLast = true });
        Assert.That(Indices(whole, 0), Is.EqualTo(Enumerable.Range(0, 20)));
    }

    [Test]
    public void A_batch_holds_each_samples_resized_pixels_and_labels()
    {
        using var loader = new BatchLoader(
            _samples, 2, new BatchLoaderOptions { BatchSize = 3, Preparation = new(9), Seed = 1, Shuffle = true });
        loader.StartEpoch(0);
        Assert.That(loader.TryNext(out var batch));
        for (var i = 0; i < batch.Count; i++)
        {
            var sample = _samples[batch.SampleIndices[i]];
            Assert.That(
                batch.Pixels.AsSpan(i * 9 * 9 * 3, 9 * 9 * 3).ToArray(),
                Is.EqualTo(PictureResizer.Resize(PictureDecoder.Decode(sample.Path), 9, 9).Pixels));
            Assert.That(batch.Labels.AsSpan(i * 2, 2).ToArray(), Is.EqualTo(sample.Labels));
        }
        loader.Return(batch);
    }

    [TestCase(0)]
    [TestCase(3)]
    public void A_bad_picture_surfaces_in_its_turn_with_its_name(int workers)
    {
        var bad = _folder.Write("bad.jpg", "not a picture");
        Sample[] samples = [.. _samples.Take(6), new Sample("bad.jpg", bad, [0, 0]), .. _samples.Skip(6)];
        using var loader = new BatchLoader(
            samples, 2, new BatchLoaderOptions { BatchSize = 2, Preparation = new(8), Workers = workers });
        loader.StartEpoch(0);
        for (var i = 0; i < 3; i++)
        {
            Assert.That(loader.TryNext(out var batch));
            loader.Return(batch);
        }
        Assert.That(() => loader.TryNext(out _), Throws.InstanceOf<InputException>().With.Message.Contains(bad));
        Assert.That(loader.TryNext(out _), Is.False);
    }

    [Test]
    public void No_more_batches_are_made_ahead_than_asked_for()
    {
        var samples = _samples
            .Select((sample, i) => i < 6 ? sample : sample with { Path = _folder["absent.jpg"] }).ToArray();
        using var loader = new BatchLoader(
            samples, 2, new BatchLoaderOptions { BatchSize = 1, Preparation = new(8), Workers = 3, BatchesAhead = 2 });
        loader.StartEpoch(0);
        for (var i = 0; i < 6; i++)
        {
            // never returned: the loader makes more room instead of waiting for ever
            Assert.That(loader.TryNext(out _));
        }
        Assert.That(() => loader.TryNext(out _), Throws.InstanceOf<InputException>());
    }

    [Test, CancelAfter(20_000)]
    public void It_can_be_disposed_in_the_middle_of_an_epoch()
    {
        for (var i = 0; i < 20; i++)
        {
            using var loader = new BatchLoader(
                _samples, 2,
                new BatchLoaderOptions { BatchSize = 2, Preparation = new(8), Workers = 3, CacheBytes = 0 });
            loader.StartEpoch(0);
            if (i % 2 == 0)
                loader.TryNext(out _);
            if (i % 3 == 0)
                loader.StartEpoch(1);
        }
    }

    [Test]
    public void A_warm_loader_allocates_nothing()
    {
        using var loader = new BatchLoader(
            _samples, 2, new BatchLoaderOptions { BatchSize = 4, Preparation = new(16), Workers = 2, Shuffle = true });
        for (var epoch = 0; epoch < 3; epoch++)
            Drain(loader, epoch);
        var least = long.MaxValue;
        // the least of several: the test runner's own threads allocate now and then
        for (var epoch = 3; epoch < 10; epoch++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            Drain(loader, epoch);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        Assert.That(least, Is.LessThan(500), "two small generators for the order, nothing per batch");
    }

    private static void Drain(BatchLoader loader, int epoch)
    {
        loader.StartEpoch(epoch);
        while (loader.TryNext(out var batch))
            loader.Return(batch);
    }

    private static List<int> Indices(BatchLoader loader, int epoch, int firstBatch = 0)
    {
        var indices = new List<int>();
        loader.StartEpoch(epoch, firstBatch);
        while (loader.TryNext(out var batch))
        {
            indices.AddRange(batch.SampleIndices.Take(batch.Count));
            loader.Return(batch);
        }
        return indices;
    }

    private List<byte> Everything(BatchLoaderOptions options)
    {
        using var loader = new BatchLoader(_samples, 2, options);
        var bytes = new List<byte>();
        for (var epoch = 0; epoch < 2; epoch++)
        {
            loader.StartEpoch(epoch);
            while (loader.TryNext(out var batch))
            {
                bytes.AddRange(batch.Pixels.Take(batch.Count * 16 * 16 * 3));
                bytes.AddRange(batch.Labels.Take(batch.Count * 2).Select(label => (byte)label));
                loader.Return(batch);
            }
        }
        return bytes;
    }
}
