using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>A folder that is gone after the test, and small data sets in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("flixstock-data-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public string Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    /// <summary>A smooth random picture as a JPEG of a few hundred bytes.</summary>
    public static byte[] SmallJpeg(ulong seed, int width = 20, int height = 16) =>
        PictureWriter.EncodeJpeg(SmallPicture(seed, width, height));

    public static RgbPicture SmallPicture(ulong seed, int width = 20, int height = 16)
    {
        var random = new SeededRandom(seed);
        var picture = new RgbPicture(width, height);
        var (red, green, blue) = (random.Next(256), random.Next(256), random.Next(256));
        for (var i = 0; i < width * height; i++)
        {
            picture.Pixels[i * 3] = (byte)(red + i % width);
            picture.Pixels[(i * 3) + 1] = (byte)(green + i / width);
            picture.Pixels[(i * 3) + 2] = (byte)blue;
        }
        return picture;
    }

    /// <summary>
    /// Lays out pictures and labels as before a split: every picture its own pixels, labels from the row number.
    /// </summary>
    public DatasetLayout CleanedDataset(int count)
    {
        var rows = new List<string> { "filename,neck,sleeve_length,pattern" };
        for (var i = 0; i < count; i++)
        {
            Write($"images_cleaned/images/p{i:d3}.jpg", SmallJpeg((ulong)i));
            rows.Add($"p{i:d3}.jpg,{(i % 5 == 0 ? "#N/A" : i % 3 == 0 ? "1" : "6")},{(i % 4 == 0 ? "" : "3")},"
                + $"{(i % 7 == 0 ? "2" : "9")}");
        }
        Write("attributes_cleaned.csv", string.Join('\n', rows) + "\n");
        return new DatasetLayout(Path);
    }
}
