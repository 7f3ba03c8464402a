using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>Mixed pictures: what is drawn, how it is put together, what its labels are.</summary>
public class PictureSplicingTests
{
    // Made by tools/peers/splice_mix_numbers.py with NumPy.
    private static JsonElement Numbers => Golden.Json("augmentation/splice_mix.json");

    private static IEnumerable<TestCaseData> Cases() => Golden.Cases(
        () => Numbers.GetProperty("cases").EnumerateArray().Select((item, i) => new TestCaseData(i).SetArgDisplayNames(
            $"{item.GetProperty("rows")} x {item.GetProperty("columns")}: {item.GetProperty("tiles").GetRawText()}")),
        new object?[] { 0 });

    [TestCaseSource(nameof(Cases))]
    public void PicturesAndLabelsAreThoseOfNumPy(int number)
    {
        var item = Numbers.GetProperty("cases")[number];
        var (size, tiles) = (Numbers.GetProperty("size").GetInt32(), Values<int>(item, "tiles"));
        var grid = new SpliceTiles(item.GetProperty("rows").GetInt32(), item.GetProperty("columns").GetInt32());
        byte[] mixed = [.. Enumerable.Repeat((byte)77, size * size * 3)];
        PictureSplicing.Paint(
            Numbers.GetProperty("pictures").GetBytesFromBase64(), size, grid, tiles, ResizeFilter.Bilinear, mixed);
        Assert.That(mixed, Same.As(item.GetProperty("picture").GetBytesFromBase64()));

        var union = Values<sbyte>(item, "labels");
        sbyte[] labels = [.. Numbers.GetProperty("labels").EnumerateArray().SelectMany(Values<sbyte>)];
        var found = new sbyte[union.Length];
        PictureSplicing.Union(labels, tiles, found);
        Assert.That(found, Is.EqualTo(union));

        float[] targets = [.. Numbers.GetProperty("soft").EnumerateArray().SelectMany(Values<float>)];
        var soft = new float[union.Length];
        PictureSplicing.Union(targets, tiles, soft);
        Assert.That(soft, Is.EqualTo(Values<float>(item, "soft")).Within(1e-6f));
    }

    // All of two labels: 1 wins, then unknown.
    [TestCase(1, 1, 1)]
    [TestCase(1, 0, 1)]
    [TestCase(1, -1, 1)]
    [TestCase(0, 0, 0)]
    [TestCase(0, -1, -1)]
    [TestCase(-1, -1, -1)]
    public void AUnionIsKnownWhereItFollows(sbyte one, sbyte other, sbyte expected)
    {
        Assert.That(PictureSplicing.Either(one, other), Is.EqualTo(expected));
        Assert.That(PictureSplicing.Either(other, one), Is.EqualTo(expected));
        // Soft targets that are none say the same, in every order and next to a tile that stays black.
        foreach (var tiles in new[] { new[] { 0, 1 }, [1, SpliceTiles.Empty, 0], [0, 0, 1] })
        {
            var (soft, hard) = (new float[1], new sbyte[1]);
            PictureSplicing.Union([one, other], tiles, soft);
            PictureSplicing.Union([one, other], tiles, hard);
            Assert.That((soft[0], hard[0]), Is.EqualTo(((float)expected, expected)));
        }
    }

    [Test]
    public void ASoftTargetAloneStaysAsItIsToTheBit()
    {
        var union = new float[3];
        PictureSplicing.Union([0.7f, 0.1f, -1, 0, 0.3f, 0], [0, 1], union);
        Assert.That(union[0], Is.EqualTo(0.7f));
        Assert.That(union[1], Is.EqualTo(1 - (0.9 * 0.7)).Within(1e-6));
        Assert.That(union[2], Is.EqualTo(-1));
    }

    [TestCase(0, 0.25, 0)]
    [TestCase(1, 1, 0)]
    [TestCase(2, 1, 2)]
    [TestCase(3, 0.25, 0)]
    [TestCase(4, 0.25, 1)]
    [TestCase(64, 0.25, 16)]
    [TestCase(100, 0.29, 29)]
    [TestCase(64, 0, 0)]
    public void TheNumberOfMixedPicturesIsRoundedDown(int pictures, double share, int expected) =>
        Assert.That(PictureSplicing.Extra(pictures, share), Is.EqualTo(expected));

    [Test]
    public void GridsAndEmptyTilesComeAsOftenAsPublished()
    {
        const int Draws = 20_000, Pictures = 8;
        var (grids, emptied) = (new Dictionary<(int, int), int>(), new int[SpliceTiles.Most]);
        var chosen = new int[Pictures];
        var tiles = new int[SpliceTiles.Most];
        for (var i = 0; i < Draws; i++)
        {
            var grid = SpliceTiles.Draw(new SeededRandom(5).Derive((ulong)i), Pictures, tiles);
            grids[(grid.Rows, grid.Columns)] = grids.GetValueOrDefault((grid.Rows, grid.Columns)) + 1;
            Assert.That(tiles.Skip(grid.Count), Is.All.EqualTo(SpliceTiles.Empty));
            int[] there = [.. tiles.Where(tile => tile != SpliceTiles.Empty)];
            Assert.That(there, Is.Unique.And.Not.Empty.And.All.InRange(0, Pictures - 1));
            foreach (var picture in there)
                chosen[picture]++;
            if (grid.Count == 4)
                emptied[4 - there.Length]++;
        }
        // Five standard deviations of 20,000 draws are less than two percent.
        static void Near(int count, double of, double share) =>
            Assert.That(count / of, Is.EqualTo(share).Within(0.02));
        Near(grids[(1, 2)], Draws, 0.15);
        Near(grids[(2, 1)], Draws, 0.15);
        Near(grids[(2, 2)], Draws, 0.4);
        Near(grids[(2, 3)], Draws, 0.15);
        Near(grids[(3, 2)], Draws, 0.15);
        Assert.That(grids, Has.Count.EqualTo(5));
        Near(emptied[0], grids[(2, 2)], 0.7);
        foreach (var empty in new[] { 1, 2, 3 })
            Near(emptied[empty], grids[(2, 2)], 0.1);
        foreach (var count in chosen)
            Near(count, chosen.Sum(), 1.0 / Pictures);
    }

    [Test]
    public void FewPicturesComeTwiceOnlyAfterAllOthers()
    {
        var tiles = new int[SpliceTiles.Most];
        var whole = 0;
        for (var i = 0; i < 200; i++)
        {
            var grid = SpliceTiles.Draw(new SeededRandom((ulong)i), 3, tiles);
            int[] own = [.. tiles.Take(grid.Count)];
            if (own.Contains(SpliceTiles.Empty))
                continue;
            whole++;
            Assert.That(own.Take(3), Is.Unique);
            Assert.That(own.Skip(3), Is.Unique);
        }
        Assert.That(whole, Is.GreaterThan(100));
    }

    private static T[] Values<T>(JsonElement item, string name) => Values<T>(item.GetProperty(name));

    private static T[] Values<T>(JsonElement list) => list.Deserialize<T[]>()!;
}
