using System.Text;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>Reading of labels stops in the middle: at the next row, piece of a file, picture or folder.</summary>
public sealed class ReadingCancellationTests
{
    [TestCaseSource(typeof(SmallDatasets), nameof(SmallDatasets.Types))]
    public void No_layout_is_read_to_its_end(DatasetType type)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Writers[type](folder);
        var source = new DatasetSource(folder.Path, type) { Cancellation = new CancellationToken(canceled: true) };
        Assert.That(() => source.Load("train"), Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase(DatasetType.Csv)]
    [TestCase(DatasetType.Garments)]
    [TestCase(DatasetType.Coco)]
    [TestCase(DatasetType.Lvis)]
    [TestCase(DatasetType.OpenImages)]
    public void The_search_for_pictures_stops_at_the_next_one(DatasetType type)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Writers[type](folder);
        foreach (var file in Directory.GetFiles(folder.Path, "*.jpg", SearchOption.AllDirectories))
            File.Delete(file);
        using var stop = new CancellationTokenSource();
        var faults = new Faults(stop);
        var source = new DatasetSource(folder.Path, type) { Cancellation = stop.Token };
        Assert.That(() => source.Load("train", faults), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(faults, Has.Count.EqualTo(1), "the first picture that is missing was the last one looked for");
    }

    [Test]
    public void Folders_are_not_walked_to_say_what_lies_there()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Folders(folder);
        var source = new DatasetSource(folder.Path) { Cancellation = new CancellationToken(canceled: true) };
        Assert.That(() => source.Resolve(), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            () => (source with { Type = DatasetType.Folders }).Has("val"),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Rows_of_a_csv_stop_at_the_next_one()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var rows = new List<int>();
        var path = folder.Write("a.csv", "filename,cat\na.jpg,1\nb.jpg,1\nc.jpg,1\nd.jpg,1\n");
        void Read(int row, string file, ReadOnlySpan<string> cells)
        {
            rows.Add(row);
            if (rows.Count == 2)
                stop.Cancel();
        }
        Assert.That(
            () => LabelColumns.Read(path, ["cat"], Read, cancellation: stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(rows, Is.EqualTo(new[] { 2, 3 }));
    }

    [Test]
    public void A_large_file_is_left_after_the_piece_that_is_being_read()
    {
        using var stop = new CancellationTokenSource();
        using var coco = new Pieces(Encoding.UTF8.GetBytes(SmallDatasets.CocoJson("train")), stop, after: 3);
        Assert.That(
            () => InstanceFile.Read("a.json", coco, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(coco.Reads, Is.EqualTo(3));
    }

    [Test]
    public void So_is_a_file_of_image_labels()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.OpenImages(folder);
        var files = OpenImagesFiles.Of(folder.Path, "train");
        using var stop = new CancellationTokenSource();
        using var labels = new Pieces(File.ReadAllBytes(files.Labels), stop, after: 2);
        Assert.That(
            () => ImageLabelReader.Read("a.csv", labels, OpenImagesClasses.Read(files), stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(labels.Reads, Is.EqualTo(2));
    }

    [Test]
    public void The_members_of_a_tar_file_stop_at_the_next_one()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Shards(folder);
        using var stop = new CancellationTokenSource();
        using var tar = File.OpenRead(ShardFormat.ShardsOf(folder.Path, "train")[0]);
        var members = 0;
        Assert.That(() =>
        {
            foreach (var _ in TarEntries.Read("a.tar", tar, stop.Token))
            {
                if (++members == 2)
                    stop.Cancel();
            }
        }, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(members, Is.EqualTo(2));
    }

    [Test]
    public void Whole_files_are_read_and_written_in_pieces()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.bin", new byte[100]);
        using var stop = new CancellationTokenSource();
        Assert.That(WholeFile.Read(path, stop.Token), Has.Length.EqualTo(100));
        Assert.That(() => Files.WriteAtomically(folder["b.bin"], stream =>
        {
            stream.Write(new byte[10]);
            stop.Cancel();
            stream.Write(new byte[10]);
        }, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1), "no half of a file");
        Assert.That(() => WholeFile.Read(path, stop.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Counting_and_checking_stop_between_pictures()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Csv(folder);
        var data = new DatasetSource(folder.Path).Load("train");
        var stopped = new CancellationToken(canceled: true);
        Assert.That(() => PartSummary.Of("train", data, stopped), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => ClassFrequencies.Of(data, stopped), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            () => new PartialSimulation(SimulationKind.Rps, 0.5).Apply(data, cancellation: stopped),
            Throws.InstanceOf<OperationCanceledException>());
        // All pictures have been looked at; what is left is the search for those that are alike.
        using var stop = new CancellationTokenSource();
        var progress = new Last(stop);
        Assert.That(
            () => new DatasetChecker(new DatasetSource(folder.Path), new CheckOptions { Workers = 1 })
                .Run(progress, stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
        var seen = data.Samples
            .Select(sample => new SeenPicture("train", sample, PictureFingerprint.Of(sample))).ToList();
        Assert.That(
            () => DuplicateSearch.Find(seen, stopped).ToList(), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Packing_and_simulating_leave_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Csv(folder);
        using var stop = new CancellationTokenSource();
        var packed = new Second(stop);
        Assert.That(
            () => ShardPacker.Pack(new DatasetSource(folder.Path), folder["shards"], 3, packed, stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(packed.Told, Is.EqualTo(2));
        Assert.That(Directory.GetFileSystemEntries(folder["shards"]), Is.Empty);
        var simulated = new PartialSimulation(SimulationKind.Rps, 0.5)
            .Apply(new DatasetSource(folder.Path).Load("train"));
        Assert.That(
            () => SimulatedDatasetWriter.Write(
                folder["hidden"], simulated, new Dictionary<string, ImageDataset>(), copyPictures: true,
                cancellation: stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetFileSystemEntries(folder["hidden"]), Is.Empty);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void A_split_stops_before_it_looks_at_pictures(bool stratified)
    {
        using var folder = new TemporaryFolder();
        var layout = folder.CleanedDataset(12);
        var splitter = new DatasetSplitter(folder.Path, new SplitOptions { Stratified = stratified });
        Assert.That(
            () => splitter.Run(cancellation: new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.Exists(layout.SplitRoot), Is.False);
    }

    [Test]
    public void Dealing_out_by_classes_stops()
    {
        var table = AttributeTable.Garments;
        var classes = Enumerable.Range(0, 5).ToDictionary(i => $"{i}", _ => table.Groups.Select(_ => 1).ToArray());
        Assert.That(
            () => SplitChoice.Stratified(classes, classes.Keys, table, 1, new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private sealed class Faults(CancellationTokenSource stop) : List<DatasetFault>, ICollection<DatasetFault>
    {
        void ICollection<DatasetFault>.Add(DatasetFault fault)
        {
            Add(fault);
            stop.Cancel();
        }
    }

    private sealed class Last(CancellationTokenSource stop) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value)
        {
            if (value.Done == value.Total)
                stop.Cancel();
        }
    }

    private sealed class Second(CancellationTokenSource stop) : IProgress<(int Done, int Total)>
    {
        public int Told { get; private set; }

        public void Report((int Done, int Total) value)
        {
            if (++Told == 2)
                stop.Cancel();
        }
    }

    /// <summary>A file that gives 16 bytes at a time and is told to stop after some.</summary>
    private sealed class Pieces(byte[] bytes, CancellationTokenSource stop, int after) : MemoryStream(bytes)
    {
        public int Reads { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            if (++Reads == after)
                stop.Cancel();
            return base.Read(buffer[..Math.Min(16, buffer.Length)]);
        }
    }
}
