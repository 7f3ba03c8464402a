using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>Pictures of one class each, put together into pictures of several.</summary>
public sealed class MosaicWriterTests
{
    private TemporaryFolder _folder = null!;
    private IReadOnlyList<(string Part, ImageDataset Data)> _parts = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        using var source = new TemporaryFolder();
        Directory.CreateDirectory(_folder["source"]);
        SmallDatasets.Idx(source);
        foreach (var file in Directory.GetFiles(source.Path))
            File.Copy(file, Path.Combine(_folder["source"], Path.GetFileName(file)));
        _parts = [.. new[] { "train", "val" }.Select(part => (part, new DatasetSource(_folder["source"]).Load(part)))];
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void AClassIsPositiveWhereAnyPictureHasItAndEveryPictureIsUsedOnce()
    {
        Assert.That(Write("made"), Is.EqualTo(new[] { ("train", 2), ("val", 1) }));
        var made = new DatasetSource(_folder["made"]).Load("train");
        Assert.That(made.Attributes.ClassNames, Is.EqualTo(SmallDatasets.Classes));
        Assert.That(made.Attributes.Independent);
        var cells = made.Samples.SelectMany(sample => Cells(sample.Decode(), 2, 20)).ToList();
        var sources = _parts[0].Data.Samples.Select(sample => PictureResizer.Resize(sample.Decode(), 20, 20).Pixels)
            .ToList();
        var found = cells.ConvertAll(cell => sources.FindIndex(source => source.AsSpan().SequenceEqual(cell)));
        Assert.That(found, Is.EquivalentTo(Enumerable.Range(0, 8)), "eight pictures in two grids");
        for (var i = 0; i < 2; i++)
        {
            Assert.That(made.Samples[i].Labels.ToArray(), Is.EqualTo(Enumerable.Range(0, 3).Select(
                k => (sbyte)(found.GetRange(i * 4, 4).Exists(picture => picture % 3 == k) ? 1 : 0))));
        }
    }

    [Test]
    public void EmptyCellsAreBlackAndTheSameSeedGivesTheSameBytes()
    {
        var options = new MosaicOptions { Side = 3, CellSize = 16, Empty = 0.7, Count = 1, Seed = 5 };
        foreach (var name in new[] { "one", "other" })
            Write(name, options);
        Write("third", options with { Seed = 6, Workers = 1 });
        byte[] Bytes(string name) => File.ReadAllBytes(new DatasetSource(_folder[name]).Load("train").Samples[0].Path);
        Assert.That(Bytes("other"), Is.EqualTo(Bytes("one")));
        Assert.That(Bytes("third"), Is.Not.EqualTo(Bytes("one")));
        var picture = new DatasetSource(_folder["one"]).Load("train").Samples[0].Decode();
        var black = Cells(picture, 3, 16).Count(cell => cell.All(value => value == 0));
        Assert.That(black, Is.InRange(1, 8));
    }

    [Test]
    public void SeveralLabelsAPictureOrTooFewPicturesAreRefused()
    {
        using var many = new TemporaryFolder();
        SmallDatasets.Csv(many);
        var csv = new DatasetSource(many.Path).Load("train");
        Assert.That(
            () => MosaicWriter.Write([("train", csv)], _folder["x"], new MosaicOptions()),
            Throws.TypeOf<InputException>().With.Message.Contains("one exclusive attribute"));
        Assert.That(
            () => Write("y", new MosaicOptions { Side = 4 }),
            Throws.TypeOf<InputException>().With.Message.Contains("the part 'train' has 8 pictures"));
        Assert.That(Directory.Exists(_folder["y"]), Is.False);
    }

    private IReadOnlyList<(string Part, int Count)> Write(string name, MosaicOptions? options = null) =>
        MosaicWriter.Write(_parts, _folder[name], options ?? new MosaicOptions { CellSize = 20 });

    private static IEnumerable<byte[]> Cells(RgbPicture picture, int side, int size)
    {
        for (var cell = 0; cell < side * side; cell++)
        {
            var (left, top) = (cell % side * size, cell / side * size);
            yield return [.. Enumerable.Range(0, size).SelectMany(y => picture.Pixels.AsSpan(
                (((top + y) * picture.Width) + left) * 3, size * 3).ToArray())];
        }
    }
}
