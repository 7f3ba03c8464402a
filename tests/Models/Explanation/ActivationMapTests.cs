using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>The geometry of maps: cells divide a picture evenly, whatever its size.</summary>
public sealed class ActivationMapTests
{
    [TestCase(1, 1)]
    [TestCase(7, 3)]
    [TestCase(8, 8)]
    [TestCase(101, 57)]
    [TestCase(64, 333)]
    public void ARampStaysARampAndEdgesStayFlat(int width, int height)
    {
        const int Columns = 5, Rows = 3;
        var map = new ActivationMap(
            Rows, Columns, [.. Enumerable.Range(0, Rows * Columns).Select(i => (i % Columns) + (10f * (i / Columns)))]);
        var row = new float[width];
        for (var y = 0; y < height; y++)
        {
            map.Row(y, height, row);
            for (var x = 0; x < width; x++)
            {
                // Middles of cells lie at half numbers; outside of them nothing changes any more.
                var column = Math.Clamp(((x + 0.5) / width * Columns) - 0.5, 0, Columns - 1);
                var line = Math.Clamp(((y + 0.5) / height * Rows) - 0.5, 0, Rows - 1);
                Assert.That(row[x], Is.EqualTo(column + (10 * line)).Within(1e-4), $"{x}, {y}");
            }
        }
    }

    [Test]
    public void AtItsOwnSizeAMapIsItself()
    {
        var map = new ActivationMap(2, 3, [1, 5, 2, 0, 3, 4]);
        var row = new float[3];
        map.Row(1, 2, row);
        Assert.That(row, Is.EqualTo(new float[] { 0, 3, 4 }));
    }

    [TestCase(5, 7, 3)]
    [TestCase(301, 203, 18)]
    public void TheHighestPixelLiesAtThePeak(int width, int height, int highest)
    {
        var values = new float[3 * 7];
        values[highest] = 2;
        var map = new ActivationMap(3, 7, values);
        var (best, place) = (-1f, (0f, 0f));
        var row = new float[width];
        for (var y = 0; y < height; y++)
        {
            map.Row(y, height, row);
            for (var x = 0; x < width; x++)
            {
                if (row[x] > best)
                    (best, place) = (row[x], ((x + 0.5f) / width, (y + 0.5f) / height));
            }
        }
        var (peakX, peakY) = map.Peak!.Value;
        Assert.That(Math.Abs(place.Item1 - peakX), Is.LessThanOrEqualTo(0.5f / 7), "half a cell: edges are flat");
        Assert.That(Math.Abs(place.Item2 - peakY), Is.LessThanOrEqualTo(0.5f / 3));
        Assert.That((peakX, peakY), Is.EqualTo(((highest % 7 + 0.5f) / 7, (highest / 7 + 0.5f) / 3)));
    }

    [Test]
    public void WhereNothingSpeaksForAClassThereIsNoPeak() =>
        Assert.That(new ActivationMap(2, 2, new float[4]).Peak, Is.Null);
}
