using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace Flixstock.Engine;

/// <summary>
/// Fingerprints of the pictures of a part of a data set, in their order. The pictures themselves are not read.
/// </summary>
/// <param name="Pictures">Number of pictures.</param>
/// <param name="Names">Digest of their names, as in the labels.</param>
/// <param name="Sizes">Digest of the lengths of their files.</param>
/// <param name="Labels">Digest of what is known about them.</param>
/// <param name="SizesOfEvery">1: the lengths of all files were read; n: those of every n-th, chosen by name, because
/// there are this
/// many.</param>
internal sealed record DataDigest(
    int Pictures, string Names, string Sizes, string Labels, [property: JsonIgnore(
        Condition = JsonIgnoreCondition.WhenWritingDefault)] int SizesOfEvery = 0)
{
    // Reading a file's length takes microseconds on a disk and a millisecond on a network drive.
    private const int MostSizes = 100_000;
    private const int HexDigits = 32;

    /// <summary>Which of a part's files have their lengths read: every n-th.</summary>
    internal static int EveryOf(int pictures) => pictures <= MostSizes ? 0 : (pictures + MostSizes - 1) / MostSizes;

    /// <summary>Computes the digests of these pictures.</summary>
    internal static DataDigest Of(IReadOnlyList<PictureEntry> pictures, int sizesOfEvery)
    {
        var names = new Sha256();
        var sizes = new Sha256();
        var labels = new Sha256();
        foreach (var picture in pictures)
        {
            Append(names, picture.File);
            Append(sizes, picture.Bytes.ToString(CultureInfo.InvariantCulture));
            Append(labels, picture.Labels.ToString("x16", CultureInfo.InvariantCulture));
        }
        return new DataDigest(pictures.Count, Text(names), Text(sizes), Text(labels), sizesOfEvery);
    }

    private static void Append(Sha256 hash, string text) =>
        hash.Append(Encoding.UTF8.GetBytes(text + "\n"));

    private static string Text(Sha256 hash) => Convert.ToHexStringLower(hash.GetHashAndReset())[..HexDigits];
}
