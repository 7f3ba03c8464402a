using System.Formats.Tar;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>
/// Tar files of pictures and labels: packed so that others can read them, read as others pack them, visited nearly in
/// sequence.
/// </summary>
public class ShardTests
{
    [Test]
    public void PackedShardsAreTarFilesOfPairs()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Shards(folder);
        Assert.That(
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Is.EqualTo(new[]
            {
                "dataset.json", "train-000000.tar", "train-000001.tar", "train-000002.tar", "val-000000.tar",
                "val-000001.tar",
            }));
        using var reader = new TarReader(File.OpenRead(folder["train-000000.tar"]));
        var names = new List<string>();
        while (reader.GetNextEntry() is { } entry)
        {
            Assert.That(entry.Format, Is.EqualTo(TarEntryFormat.Ustar));
            names.Add(entry.Name);
        }
        Assert.That(names, Is.EqualTo(new[]
        {
            "00000000.jpg", "00000000.json", "00000001.jpg", "00000001.json", "00000002.jpg", "00000002.json",
        }));
    }

    [Test]
    public void TheSameDataGivesTheSameBytes()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        SmallDatasets.Shards(first);
        SmallDatasets.Shards(second);
        foreach (var file in Directory.GetFiles(first.Path))
            Assert.That(File.ReadAllBytes(second[Path.GetFileName(file)]), Same.As(File.ReadAllBytes(file)), file);
    }

    [Test]
    public void ManyClassesAndAllKnownLabelsSurvivePacking()
    {
        using var data = new TemporaryFolder();
        using var shards = new TemporaryFolder();
        SmallDatasets.Coco(data);
        ShardPacker.Pack(new DatasetSource(data.Path), shards.Path, 100);
        var (before, after) =
            (new DatasetSource(data.Path).Load("train"), new DatasetSource(shards.Path).Load("train"));
        Assert.That(
            after.Samples.Select(sample => sample.Labels.ToArray()),
            Is.EqualTo(before.Samples.Select(sample => sample.Labels.ToArray())));
        Assert.That(
            after.Samples.Select(sample => sample.File), Is.EqualTo(before.Samples.Select(sample => sample.File)));
    }

    [TestCase(TarEntryFormat.Pax)]
    [TestCase(TarEntryFormat.Gnu)]
    [TestCase(TarEntryFormat.V7)]
    public void ShardsOfOtherToolsWithNumbersOfClassesAreRead(TarEntryFormat format)
    {
        using var folder = new TemporaryFolder();
        var prefix = format == TarEntryFormat.V7 ? "a" : new string('f', 120);
        using (var tar = new TarWriter(File.Create(folder["train-0.tar"]), format))
        {
            for (var i = 0; i < 3; i++)
            {
                Add(tar, format, $"{prefix}/x{i}.seg.cls", System.Text.Encoding.UTF8.GetBytes($"{i}\n"));
                Add(tar, format, $"{prefix}/x{i}.jpg", TemporaryFolder.SmallJpeg((ulong)i));
            }
        }
        var data = new DatasetSource(folder.Path).Load("train");
        Assert.That(
            data.Samples.Select(sample => sample.Labels.ToArray()),
            Is.EqualTo(new[] { new sbyte[] { 1, 0, 0 }, [0, 1, 0], [0, 0, 1] }));
        Assert.That(
            data.Samples[2].Decode().Pixels,
            Is.EqualTo(PictureDecoder.Decode(TemporaryFolder.SmallJpeg(2), "x").Pixels));
        Assert.That(data.Samples[2].File, Is.EqualTo($"{prefix}/x2.jpg"));
    }

    [Test]
    public void AnEpochVisitsEverySampleOnceShardByShard()
    {
        int[] counts = [100, 150, 50];
        var order = new int[300];
        new ShardOrder(counts, seed: 3, window: 1).Fill(0, order);
        Assert.That(
            order.Zip(order.Skip(1)).Count(pair => pair.Second == pair.First + 1), Is.EqualTo(297),
            "a window of one keeps shards in sequence");

        new ShardOrder(counts, seed: 3, window: 20).Fill(0, order);
        Assert.That(order.Order(), Is.EqualTo(Enumerable.Range(0, 300)));
        var again = new int[300];
        new ShardOrder(counts, 3, 20).Fill(0, again);
        Assert.That(again, Is.EqualTo(order));
        new ShardOrder(counts, 3, 20).Fill(1, again);
        Assert.That(again, Is.Not.EqualTo(order));
        // No sample comes before its window: with 20 in the buffer, place i holds one of the first i + 20 of the
        // sequence.
        var sequence = new int[300];
        new ShardOrder(counts, 3, 1).Fill(0, sequence);
        var place = sequence.Select((sample, at) => (sample, at)).ToDictionary(pair => pair.sample, pair => pair.at);
        Assert.That(order.Select((sample, i) => place[sample] - i), Is.All.LessThan(20));
    }

    private static void Add(TarWriter tar, TarEntryFormat format, string name, byte[] bytes)
    {
        TarEntry entry = format switch
        {
            TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name),
            TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
            _ => new V7TarEntry(TarEntryType.V7RegularFile, name),
        };
        entry.DataStream = new MemoryStream(bytes);
        tar.WriteEntry(entry);
    }
}
