using System.Security.Cryptography;
using Flixstock.Engine;

namespace Flixstock.Tests;

public sealed class PictureDecoderTests
{
    private static StateDict Expected => Golden.KeptTensors("convert/expected.safetensors");

    private static IEnumerable<TestCaseData> Names => Golden.Cases(() => Expected.Names);

    [TestCaseSource(nameof(Names))]
    public void Every_kind_of_picture_becomes_the_RGB_that_PIL_gives(string name)
    {
        var expected = Expected[name];
        var picture = PictureDecoder.Decode(Golden.PathOf($"convert/{name}"));
        Assert.That(new[] { picture.Height, picture.Width, 3 }, Is.EqualTo(expected.Shape));
        if (name == "grey16.png")
            return; // its own test: the old Pillow clips
        // lossy decoders may round differently
        var tolerance = name is "lossy.webp" or "alpha.webp" or "cmyk.jpg" ? 2 : 0;
        var worst = picture.Pixels.Zip(expected.Data.ToArray(), (a, b) => Math.Abs(a - b)).Max();
        Assert.That(worst, Is.LessThanOrEqualTo(tolerance));
    }

    [Test]
    public void Sixteen_bit_grey_is_scaled_and_not_clipped()
    {
        var picture = PictureDecoder.Decode(Golden.PathOf("convert/grey16.png"));
        var clipped = Expected["grey16.png"].Data.Span;
        var values = new HashSet<byte>();
        for (var i = 0; i < picture.Pixels.Length; i += 3)
        {
            Assert.That(picture.Pixels[i + 1], Is.EqualTo(picture.Pixels[i]));
            // the clipped value is min(v, 255), ours v / 257
            Assert.That(picture.Pixels[i], Is.LessThanOrEqualTo(clipped[i]));
            values.Add(picture.Pixels[i]);
        }
        Assert.That(values, Has.Count.GreaterThan(20));
    }

    [Test]
    public void The_EXIF_orientation_is_applied_only_when_asked_for()
    {
        var path = Golden.PathOf("convert/exif_orientation6.jpg");
        var stored = PictureDecoder.Decode(path);
        var turned = PictureDecoder.Decode(path, exifRotate: true);
        Assert.That((turned.Width, turned.Height), Is.EqualTo((stored.Height, stored.Width)));
        // Orientation 6: turn clockwise, so the stored lower left corner becomes the upper left one.
        Assert.That(
            turned.Pixels.AsSpan(0, 3).ToArray(),
            Is.EqualTo(stored.Pixels.AsSpan((stored.Height - 1) * stored.Width * 3, 3).ToArray()));
    }

    [Test]
    public void All_eight_orientations_put_the_first_row_and_column_where_EXIF_says()
    {
        // Per orientation, 1 to 8: is the stored first pixel at the right, at the bottom; does the stored first row
        // become a column?
        (bool Right, bool Bottom, bool Turned)[] meaning =
        [
            (false, false, false), (true, false, false), (true, true, false), (false, true, false),
            (false, false, true), (true, false, true), (true, true, true), (false, true, true),
        ];
        var stored = new RgbPicture(3, 2, [.. Enumerable.Range(0, 18).Select(i => (byte)(i / 3))]);
        for (var i = 0; i < 8; i++)
        {
            var (right, bottom, turned) = meaning[i];
            var upright = TurnedPicture.Of(stored, (SkiaSharp.SKEncodedOrigin)(i + 1));
            var (width, height) = turned ? (2, 3) : (3, 2);
            Assert.That((upright.Width, upright.Height), Is.EqualTo((width, height)));
            var (x, y) = (right ? width - 1 : 0, bottom ? height - 1 : 0);
            Assert.That(upright.Pixels[((y * width) + x) * 3], Is.Zero, $"orientation {i + 1}: start of the first row");
            (x, y) = turned ? (x, height - 1 - y) : (width - 1 - x, y);
            Assert.That(
                upright.Pixels[((y * width) + x) * 3], Is.EqualTo(2), $"orientation {i + 1}: end of the first row");
        }
    }

    [Test]
    public void A_transparent_colour_of_a_GIF_keeps_its_colour()
    {
        // One pixel of colour 0, which is transparent; PIL's convert('RGB') gives the palette's entry.
        var gif = Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");
        byte[] colour = [10, 200, 30];
        colour.CopyTo(gif, 13);
        Assert.That(PictureDecoder.Decode(gif, "pixel.gif").Pixels, Is.EqualTo(colour));
    }

    [Test]
    public void Damaged_pictures_never_do_worse_than_an_InputException()
    {
        foreach (var name in Expected.Names)
        {
            var file = File.ReadAllBytes(Golden.PathOf($"convert/{name}"));
            CsCheck.Check.Sample(
                CsCheck.Gen.Select(
                    CsCheck.Gen.Int[0, file.Length - 1], CsCheck.Gen.Byte, CsCheck.Gen.Int[1, file.Length]),
                (at, value, length) =>
                {
                    var damaged = file[..length];
                    damaged[at % length] = value;
                    try
                    {
                        return PictureDecoder.Decode(damaged, name).Width > 0;
                    }
                    catch (InputException e)
                    {
                        return e.Message.Contains(name);
                    }
                },
                iter: 60);
        }
    }

    [Test, Explicit("a measurement")]
    public void Speed_of_decoding_and_resizing()
    {
        var files = Directory.GetFiles(Photos.RequireFolder(), "*.jpg");
        var destination = new byte[224 * 224 * 3];
        var (decoding, resizing) = (new System.Diagnostics.Stopwatch(), new System.Diagnostics.Stopwatch());
        for (var i = 0; i < 40; i++)
        {
            foreach (var file in files)
            {
                if (i >= 20)
                    decoding.Start();
                var picture = PictureDecoder.Decode(file);
                decoding.Stop();
                if (i >= 20)
                    resizing.Start();
                PictureResizer.Resize(picture, 224, 224, ResizeFilter.Bilinear, destination);
                resizing.Stop();
            }
        }
        TestContext.Out.WriteLine($"per picture: decode {decoding.Elapsed.TotalMilliseconds / 20 / files.Length:f2} "
            + $"ms, resize {resizing.Elapsed.TotalMilliseconds / 20 / files.Length:f2} ms");
    }

    [Test]
    public void A_file_that_is_no_whole_picture_is_named_with_the_reason()
    {
        using var folder = new TemporaryFolder();
        var whole = TemporaryFolder.SmallJpeg(1, 200, 160);
        var cases = new (string Path, string Reason)[]
        {
            (folder["absent.jpg"], "no such picture"),
            (folder.Write("empty.jpg", ""), "empty"),
            (folder.Write("text.jpg", "this is not a picture at all"), "not a picture"),
            (folder.Write("truncated.jpg", whole[..(whole.Length / 2)]), "truncated"),
        };
        foreach (var (path, reason) in cases)
        {
            Assert.That(
                () => PictureDecoder.Decode(path),
                Throws.InstanceOf<InputException>().With.Message.Contains(path).And.Message.Contains(reason));
        }
    }

    [Test]
    public void A_PNG_comes_back_as_it_was_written_and_a_JPEG_nearly()
    {
        using var folder = new TemporaryFolder();
        var picture = TemporaryFolder.SmallPicture(5, 31, 17);
        PictureWriter.WritePng(folder["a.png"], picture);
        PictureWriter.WriteJpeg(folder["a.jpg"], picture);
        Assert.That(PictureDecoder.Decode(folder["a.png"]).Pixels, Is.EqualTo(picture.Pixels));
        Assert.That(PictureDecoder.Decode(folder["a.jpg"]).Width, Is.EqualTo(31));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(2), "nothing is left beside");
    }

    [Test]
    public void Photos_decode_and_resize_to_the_very_bytes_of_Pillow()
    {
        var expected = SafetensorsFile.Read(Photos.Require("golden/preprocess/pics.safetensors"));
        var decoded = SafetensorsFile.Read(Photos.Require("golden/preprocess/decoded.safetensors"));
        var folder = Photos.RequireFolder();
        foreach (var tensor in expected)
        {
            var split = tensor.Name.LastIndexOf('.');
            var picture = PictureDecoder.Decode(Path.Combine(folder, tensor.Name[..split]));
            if (decoded.Find(tensor.Name[..split] + ".rgb") is { } pixels)
            {
                Assert.That(
                    SHA256.HashData(picture.Pixels), Is.EqualTo(SHA256.HashData(pixels.Data.Span)), tensor.Name);
            }
            var filter = tensor.Name.EndsWith("bicubic224", StringComparison.Ordinal)
                ? ResizeFilter.Bicubic
                : ResizeFilter.Bilinear;
            Assert.That(
                PictureResizer.Resize(picture, 224, 224, filter).Pixels.AsSpan().SequenceEqual(tensor.Data.Span),
                tensor.Name);
        }
    }
}
