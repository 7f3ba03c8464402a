using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using SkiaSharp;

namespace Flixstock.Memory;

/// <summary>Pictures that cost memory.</summary>
internal static class LargePictures
{
    private const int Side = 22400, Under = 13000; // 502 and 169 million pixels

    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        Photos(Path.Combine(folder, "photos-01"), 1);
        Photos(Path.Combine(folder, "photos-08"), 8);
        Photos(Path.Combine(folder, "photos-64"), 64);
        void Put(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(folder, name), bytes);
        Put("over.gif", Gif(Side, 1));
        Put("over.png", Png(Side, Side, interlaced: false, rows: 120));
        Put("over.jpg", JpegOf(Jpeg(64, 64), Side));
        using (var sparse = File.Create(Path.Combine(folder, "sparse.jpg")))
            sparse.SetLength(2L << 30);
        Put("under-header.gif", Gif(Under, 1));
        Put("under.gif", Gif(Under, (long)Under * Under));
        Put("under.png", Png(Under, Under, interlaced: false, rows: Under));
        Put("under-interlaced.png", Png(Under, Under, interlaced: true, rows: Under));
        Put("under-header.jpg", JpegOf(Jpeg(64, 64), Under));
        Put("under.jpg", Jpeg(Under, Under));
        Put("under-progressive.jpg", Progressive(Under));
        Put("under.tif", Tiff(Under));
    }

    // Equal contents: the cost of a picture is what is measured.
    private static void Photos(string folder, int count)
    {
        Directory.CreateDirectory(folder);
        var photo = Jpeg(6000, 4000);
        for (var i = 0; i < count; i++)
            File.WriteAllBytes(Path.Combine(folder, $"{i:00}.jpg"), photo);
    }

    private static byte[] Jpeg(int width, int height)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var pixels = bitmap.GetPixelSpan();
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] =
                (byte)((i % 4) switch { 0 => i / 4 % width / 16, 1 => i / 4 / width / 16, 2 => i / 64, _ => 255 });
        }
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 85);
        return data.ToArray();
    }

    // Another size in the header of the frame; the data are those of a small picture.
    private static byte[] JpegOf(byte[] jpeg, int side)
    {
        var frame = jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
        (jpeg[frame + 5], jpeg[frame + 6]) = (jpeg[frame + 7], jpeg[frame + 8]) = ((byte)(side >> 8), (byte)side);
        return jpeg;
    }

    // Grey, of one scan of all DC coefficients and the end: enough for a decoder to hold coefficients of the whole
    // picture.
    private static byte[] Progressive(int side)
    {
        var blocks = (side + 7) / 8;
        return
        [
            0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)8, 64),
            0xFF, 0xC2, 0, 11, 8, (byte)(side >> 8), (byte)side, (byte)(side >> 8), (byte)side, 1, 1, 0x11, 0,
            0xFF, 0xC4, 0, 20, 0, 1, .. new byte[15], 0, // one code of one bit: no difference
            0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0, .. new byte[((long)blocks * blocks + 7) / 8], 0xFF, 0xD9,
        ];
    }

    private static byte[] Gif(int side, long pixels)
    {
        using var file = new MemoryStream();
        byte[] size = [(byte)side, (byte)(side >> 8), (byte)side, (byte)(side >> 8)];
        file.Write([.. "GIF89a"u8, .. size, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2C, 0, 0, 0, 0, .. size, 0, 2]);
        foreach (var block in Lzw(pixels).Chunk(255))
            file.Write([(byte)block.Length, .. block]);
        file.Write([0, 0x3B]);
        return file.ToArray();
    }

    // Runs of zeros: each code is the one before and one zero more, until the table is full and begins again.
    private static IEnumerable<byte> Lzw(long pixels)
    {
        var (bits, held) = (0u, 0);
        const int Clear = 4, End = 5;
        var width = 3;
        List<byte> bytes = [];
        void Put(int code)
        {
            bits |= (uint)code << held;
            for (held += width; held >= 8; held -= 8, bits >>= 8)
                bytes.Add((byte)bits);
        }
        while (pixels > 0)
        {
            Put(Clear);
            width = 3;
            Put(0);
            pixels--;
            for (var code = 6; code < 4096 && pixels > 0; code++)
            {
                Put(code);
                pixels -= code - 4;
                if (code + 1 == 1 << width && width < 12)
                    width++;
            }
        }
        Put(End);
        bytes.Add((byte)bits);
        return bytes;
    }

    private static byte[] Png(int width, int height, bool interlaced, int rows)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var row = new byte[1 + (width * 3)];
            if (!interlaced)
            {
                for (var y = 0; y < rows; y++)
                    zlib.Write(row);
            }
            else
            {
                foreach (var (left, top, right, down) in new[]
                {
                    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
                })
                {
                    for (var y = top; y < height; y += down)
                        zlib.Write(row, 0, 1 + ((width - left + right - 1) / right * 3));
                }
            }
        }
        using var file = new MemoryStream();
        file.Write([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A]);
        Chunk(file, "IHDR", [.. BigEndian(width), .. BigEndian(height), 8, 2, 0, 0, (byte)(interlaced ? 1 : 0)]);
        Chunk(file, "IDAT", packed.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, string type, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        file.Write(BigEndian(data.Length));
        file.Write(body);
        file.Write(BigEndian((int)Crc32.HashToUInt32(body)));
    }

    // One strip of zeros, deflated.
    private static byte[] Tiff(int side)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var row = new byte[side * 3];
            for (var y = 0; y < side; y++)
                zlib.Write(row);
        }
        var strip = packed.ToArray();
        (ushort Tag, uint Value)[] tags =
            [
                (256, (uint)side), (257, (uint)side), (258, 8), (259, 8), (262, 2), (273, 134), (277, 3),
                (278, (uint)side), (279, (uint)strip.Length), (284, 1),
            ];
        byte[] head =
        [
            .. "II*\0"u8, 8, 0, 0, 0, (byte)tags.Length, 0,
            .. tags.SelectMany(
                tag => (byte[])[(byte)tag.Tag, (byte)(tag.Tag >> 8), 4, 0, 1, 0, 0, 0, .. BitConverter.GetBytes(
                    tag.Value)]),
            0, 0, 0, 0,
        ];
        return [.. head, .. strip];
    }

    private static byte[] BigEndian(int value) =>
        [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
