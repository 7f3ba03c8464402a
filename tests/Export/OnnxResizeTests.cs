using Flixstock.Cli;
using Flixstock.Engine;
using Google.Protobuf;

namespace Flixstock.Tests.Weights;

/// <summary>The resizing inside an exported file, run by ONNX Runtime: Pillow's pixels within one level.</summary>
public sealed class OnnxResizeTests
{
    // The runtime's weights are single precision, Pillow's have 22 bits: a sum that is exactly a half may go either
    // way. Halves are frequent where the sizes have a simple ratio (one of 150 pixels at 500 to 224, which is 125 to
    // 56), and rare elsewhere.
    private const double OneLevel = 1;
    private const double ShareThatMayDiffer = 1e-2;

    [TestCase(1000, 1000, 224)]
    [TestCase(1000, 700, 448)]
    [TestCase(1001, 333, 64)]
    [TestCase(448, 448, 224)]
    [TestCase(224, 500, 224)]
    [TestCase(500, 224, 224)]
    [TestCase(224, 224, 224)]
    [TestCase(97, 61, 224)]
    [TestCase(40, 900, 128)]
    [TestCase(1, 1, 20)]
    [TestCase(2, 3, 20)]
    public void Pixels_are_Pillows_within_one_level(int width, int height, int size)
    {
        foreach (var filter in Enum.GetValues<ResizeFilter>())
        {
            using var folder = new TemporaryFolder();
            File.WriteAllBytes(folder["resize.onnx"], OnnxExporter.Resizing(
                new OnnxExportOptions { Preparation = new(size, filter), Input = OnnxInput.Pictures }).ToByteArray());
            using var session = new OnnxSession(folder["resize.onnx"]);
            var picture = Picture(width, height, 3);
            var expected = PictureResizer.Resize(picture, size, size, filter).Pixels;
            var actual = ChannelsLast(
                session.Run(picture.Pixels, CancellationToken.None, 1, height, width, 3), size * size);
            var differences = actual.Select((level, i) => Math.Abs(level - expected[i])).ToArray();
            TestContext.Out.WriteLine(
                $"{width} x {height} to {size}, {filter}: {differences.Count(difference => difference > 0)} of "
                    + $"{differences.Length} differ, at most by {differences.Max()}");
            Assert.That(differences.Max(), Is.LessThanOrEqualTo(OneLevel), $"{filter}");
            Assert.That(
                differences.Count(difference => difference > 0),
                Is.LessThanOrEqualTo(ShareThatMayDiffer * differences.Length), $"{filter}");
        }
    }

    /// <summary>Noise between hard edges: the hardest for a filter.</summary>
    internal static RgbPicture Picture(int width, int height, int seed)
    {
        var picture = new RgbPicture(width, height);
        new Random(seed).NextBytes(picture.Pixels);
        for (var i = 0; i < picture.Pixels.Length; i++)
        {
            picture.Pixels[i] = (i / 3 % width / 40 + i / 3 / width / 40) % 3 == 0
                ? (byte)(picture.Pixels[i] < 128 ? 0 : 255)
                : picture.Pixels[i];
        }
        return picture;
    }

    private static float[] ChannelsLast(float[] planes, int pixels)
    {
        var result = new float[planes.Length];
        for (var i = 0; i < planes.Length; i++)
            result[i % pixels * 3 + i / pixels] = planes[i];
        return result;
    }
}
