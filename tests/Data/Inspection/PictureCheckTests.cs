using System.Diagnostics;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>Looking at pictures before training: what is bad, how long it may take, what is remembered.</summary>
public sealed class PictureCheckTests
{
    // Of pixels alone any bytes are a picture.
    private static IEnumerable<DatasetType> Files => SmallDatasets.Types.Where(type => type != DatasetType.Idx);

    [TestCaseSource(nameof(Files))]
    public void A_bad_picture_is_found_in_every_layout(DatasetType type)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Writers[type](folder);
        var source = new DatasetSource(folder.Path, type);
        var parts = new[] { "train", "val" }.Select(part => (Part: part, Data: source.Load(part))).ToList();
        Assert.That(Look(folder, parts).Bad, Is.Empty);
        Spoil(parts[1].Data.Samples[1]);
        var report = Look(folder, parts);
        Assert.That(
            report.Bad,
            Is.EqualTo(new[] { new BadPicture("val", parts[1].Data.Samples[1].File, report.Bad[0].Problem) }));
        Assert.That(report.IsComplete);
        var left = parts[1].Data.Without(report.Bad);
        Assert.That(left.Samples, Is.EqualTo(parts[1].Data.Samples.Where((_, i) => i != 1)));
        Assert.That(left.LeftOut, Is.EqualTo(report.Bad));
        Assert.That(left.Whole, Is.SameAs(parts[1].Data));
    }

    [TestCase("cut.png", "truncated")]
    [TestCase("text.jpg", "not a picture")]
    [TestCase("empty.jpg", "empty")]
    [TestCase("pipe.jpg", "pipe")]
    [TestCase("gone.jpg", "no such picture")]
    [TestCase("link.jpg", "no such picture")]
    [TestCase("folder.jpg", "that is a folder")]
    public void Everything_that_is_no_picture_has_its_reason(string name, string reason)
    {
        using var folder = new TemporaryFolder();
        folder.Write("good.jpg", TemporaryFolder.SmallJpeg(1));
        Make(folder, name);
        var report = Look(folder, [("train", Pictures(folder, "good.jpg", name))]);
        Assert.That(report.Bad.Select(bad => bad.File), Is.EqualTo(new[] { name }));
        Assert.That(report.Bad[0].Problem, Does.Contain(reason).And.Not.Contain("\n"));
    }

    [Test]
    public void The_time_limit_leaves_a_sample_and_the_next_run_goes_on()
    {
        using var folder = new TemporaryFolder();
        var data = Pictures(folder, [.. Enumerable.Range(0, 10).Select(i => $"p{i}.jpg")]);
        foreach (var sample in data.Samples)
            folder.Write(sample.File, TemporaryFolder.SmallJpeg(2));
        var seen = new List<int> { 0 };
        for (var run = 0; run < 3; run++)
        {
            var clock = new ManualTime();
            // A picture takes 15 s, one that is known nothing; the order is the same in every run.
            var report = Look(
                folder, [("train", data)], clock,
                done => clock.Advance(TimeSpan.FromSeconds(done > seen[^1] ? 15 : 0)));
            seen.Add(report.Checked);
            Assert.That(report.IsComplete, Is.EqualTo(report.Checked == 10));
        }
        Assert.That(seen, Is.EqualTo(new[] { 0, 4, 8, 10 }));
    }

    [Test]
    public void The_sample_is_drawn_by_the_seed()
    {
        using var folder = new TemporaryFolder();
        // none is there: each is bad
        var data = Pictures(folder, [.. Enumerable.Range(0, 40).Select(i => $"p{i}.jpg")]);
        string[] Drawn(ulong seed)
        {
            var clock = new ManualTime();
            return [.. Look(
                folder, [("train", data)], clock, _ => clock.Advance(TimeSpan.FromSeconds(10)),
                seed, cache: false).Bad.Select(bad => bad.File)];
        }
        var (first, again) = (Drawn(1), Drawn(1));
        Assert.That(first, Has.Length.EqualTo(6).And.EqualTo(again).And.Not.EqualTo(Drawn(2)));
        Assert.That(first, Is.Not.EqualTo(data.Samples.Take(6).Select(sample => sample.File)), "not the first ones");
    }

    [Test]
    public void What_was_good_is_known_until_size_or_time_change()
    {
        using var folder = new TemporaryFolder();
        var data = Pictures(folder, "a.jpg", "b.jpg");
        folder.Write("a.jpg", TemporaryFolder.SmallJpeg(1));
        folder.Write("b.jpg", TemporaryFolder.SmallJpeg(2));
        var time = File.GetLastWriteTimeUtc(folder["a.jpg"]);
        Assert.That(Look(folder, [("train", data)]).Bad, Is.Empty);
        folder.Write("a.jpg", new byte[new FileInfo(folder["a.jpg"]).Length]);
        File.SetLastWriteTimeUtc(folder["a.jpg"], time);
        Assert.That(Look(folder, [("train", data)]).Bad, Is.Empty, "known, so not opened");
        File.SetLastWriteTimeUtc(folder["a.jpg"], time.AddSeconds(1));
        Assert.That(Look(folder, [("train", data)]).Bad.Select(bad => bad.File), Is.EqualTo(new[] { "a.jpg" }));
        File.SetLastWriteTimeUtc(folder["a.jpg"], time.AddSeconds(2));
        folder.Write("a.jpg", TemporaryFolder.SmallJpeg(1));
        Assert.That(Look(folder, [("train", data)]).Bad, Is.Empty, "what is bad is looked at every time");
    }

    [Test]
    public void A_damaged_cache_is_done_without_and_one_that_cannot_be_written_is_told()
    {
        using var folder = new TemporaryFolder();
        var data = Pictures(folder, "a.jpg");
        folder.Write("a.jpg", TemporaryFolder.SmallJpeg(1));
        Look(folder, [("train", data)]);
        var file = Directory.GetFiles(folder["cache"]).Single();
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        folder.Write("a.jpg", "no picture any more");
        Assert.That(Look(folder, [("train", data)]).Bad, Has.Count.EqualTo(1));
        Directory.Delete(folder["cache"], recursive: true);
        folder.Write("cache", "a file is no folder");
        Assert.That(Look(folder, [("train", data)]).Warning, Does.Contain("cache").And.Contain("checked again"));
    }

    [Test]
    public void A_picture_that_failed_later_is_looked_at_first()
    {
        using var folder = new TemporaryFolder();
        var data = Pictures(folder, [.. Enumerable.Range(0, 30).Select(i => $"p{i:d2}.jpg")]);
        foreach (var sample in data.Samples)
            folder.Write(sample.File, TemporaryFolder.SmallJpeg(2));
        Assert.That(Look(folder, [("train", data)]).IsComplete);
        var time = File.GetLastWriteTimeUtc(folder["p29.jpg"]);
        folder.Write("p29.jpg", new byte[new FileInfo(folder["p29.jpg"]).Length]);
        File.SetLastWriteTimeUtc(folder["p29.jpg"], time); // so that nothing shows it
        var failure = Assert.Throws<PictureException>(() => Read(data.Samples[29]))!;
        new PictureCheck(new PictureCheckOptions { CacheFolder = folder["cache"] }).Remember(folder.Path, failure);
        var clock = new ManualTime();
        var report = Look(folder, [("train", data)], clock, _ => clock.Advance(TimeSpan.FromMinutes(2)));
        Assert.That((report.Checked, report.Bad.Single().File), Is.EqualTo((1, "p29.jpg")));
    }

    [Test]
    public void Stopping_ends_the_check()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var data = Pictures(folder, [.. Enumerable.Range(0, 10).Select(i => $"p{i}.jpg")]);
        var looked = 0;
        var check = new PictureCheck(new PictureCheckOptions { CacheFolder = null, Workers = 1 });
        var progress = new Reports(_ =>
        {
            if (++looked == 3)
                stop.Cancel();
        });
        Assert.That(
            () => check.Run(folder.Path, [("train", data)], progress, stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(looked, Is.EqualTo(3));
    }

    [Test]
    public void Shards_keep_their_order_without_what_is_left_out()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Shards(folder);
        var data = new DatasetSource(folder.Path).Load("train");
        var left = data.Without(
            new Dictionary<int, BadPicture> { [2] = new("train", "x", "y"), [5] = new("train", "x", "y") });
        var (whole, thinned) = (new int[8], new int[6]);
        data.Order!(7).Fill(3, whole);
        left.Order!(7).Fill(3, thinned);
        Assert.That(
            thinned.Select(i => left.Samples[i]),
            Is.EqualTo(whole.Where(i => i is not (2 or 5)).Select(i => data.Samples[i])));
    }

    private static void Make(TemporaryFolder folder, string name)
    {
        switch (name)
        {
            case "cut.png":
                folder.Write(name, PictureWriter.EncodePng(TemporaryFolder.SmallPicture(1))[..^30]);
                break;
            case "text.jpg":
                folder.Write(name, "a page that says 404");
                break;
            case "empty.jpg":
                folder.Write(name, "");
                break;
            case "pipe.jpg":
                if (OperatingSystem.IsWindows())
                    Assert.Ignore("pipes have no place in folders there");
                using (var process = Process.Start("mkfifo", [folder[name]]))
                    process.WaitForExit();
                break;
            case "link.jpg":
                File.CreateSymbolicLink(folder[name], "nowhere.jpg");
                break;
            case "folder.jpg":
                Directory.CreateDirectory(folder[name]);
                break;
        }
    }

    private static void Spoil(Sample sample)
    {
        using var file = File.OpenWrite(sample.Path);
        file.Position = sample.Offset;
        file.Write(new byte[30]); // no picture begins so
    }

    private static void Read(Sample sample)
    {
        using var loader = new BatchLoader([sample], 1, new BatchLoaderOptions { Preparation = new(8), Workers = 0 });
        loader.StartEpoch(0);
        loader.TryNext(out _);
    }

    private static ImageDataset Pictures(TemporaryFolder folder, params string[] names) =>
        new(AttributeTable.OfClasses(["one"]), [.. names.Select(name => new Sample(name, folder[name], (sbyte[])[1]))]);

    private static PictureCheckReport Look(
        TemporaryFolder folder, IReadOnlyList<(string, ImageDataset)> parts, ManualTime? clock = null,
        Action<int>? looked = null, ulong seed = 1, bool cache = true)
    {
        clock ??= new ManualTime();
        var options = new PictureCheckOptions
        {
            Time = clock,
            Workers = 1,
            Seed = seed,
            CacheFolder = cache ? folder["cache"] : null,
        };
        return new PictureCheck(options)
            .Run(folder.Path, parts, new Reports(looked ?? (_ => clock.Advance(TimeSpan.FromSeconds(1)))));
    }

    private sealed class Reports(Action<int> looked) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) => looked(value.Done);
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
