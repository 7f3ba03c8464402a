using System.IO.Compression;
using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Survival;

/// <summary>Whether a file is whole, by its kind.</summary>
internal static class FileCheck
{
    // The event file grows as well, and has no end that shows.
    private const string Growing = "steps.csv";

    /// <summary>
    /// Files of a folder that are not whole, with the reason; what waits for its name does not count.
    /// </summary>
    public static IReadOnlyList<string> Halves(string folder) =>
        [.. Tree.FilesOf(folder).Where(file => !Leftovers.Is(file)).Select(file => Fault(folder, file))
            .OfType<string>()];

    private static string? Fault(string folder, string file)
    {
        try
        {
            Require(Path.Combine(folder, file));
            return null;
        }
        catch (Exception e) when (e is InputException or JsonException or InvalidDataException or EndOfStreamException)
        {
            return $"{file}: {e.Message}";
        }
    }

    private static void Require(string path)
    {
        switch (Path.GetExtension(path))
        {
            case ".safetensors" or ".pth":
                RequireWeights(path);
                break;
            case ".json":
                using (JsonDocument.Parse(File.ReadAllBytes(path)))
                {
                }
                break;
            case ".gz":
                using (var packed = File.OpenRead(path))
                using (var unpacked = new GZipStream(packed, CompressionMode.Decompress))
                {
                    unpacked.CopyTo(Stream.Null);
                }
                break;
            case ".csv" when Path.GetFileName(path) == Growing:
                break; // its last row may be cut off: who continues the run leaves it out, and the ends are compared
            case ".svg":
                RequireEnd(path, "</svg>\n"u8);
                break;
            case ".csv" or ".md":
                RequireEnd(path, "\n"u8);
                break;
            case ".png":
                RequireEnd(path, [.. "IEND"u8, 0xAE, 0x42, 0x60, 0x82]);
                break;
            case ".jpg":
                RequireEnd(path, [0xFF, 0xD9]);
                break;
            default:
                break; // what has no end that shows, is compared byte by byte
        }
    }

    // A copy, elsewhere: whoever reads weights puts right what a killed command has left next to them.
    private static void RequireWeights(string path)
    {
        var folder = Directory.CreateTempSubdirectory("flixstock-survival-file");
        try
        {
            var copy = Path.Combine(folder.FullName, Path.GetFileName(path));
            File.Copy(path, copy);
            using (WeightsFile.Read(copy, asStored: true))
            {
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void RequireEnd(string path, ReadOnlySpan<byte> end)
    {
        if (!File.ReadAllBytes(path).AsSpan().EndsWith(end))
            throw new InvalidDataException("its end is missing");
    }
}
