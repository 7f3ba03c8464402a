using System.IO.Hashing;
using System.Text;

namespace Flixstock.Engine;

// Files whose metadata name a format of ours carry a checksum (XXH128) of everything in them: length, header with zeros
// in the checksum's place, data. Readers of the format see one more entry in the metadata.
public static partial class SafetensorsFile
{
    /// <summary>Name of a format in the metadata; of ours it begins with <see cref="OurFormats"/>.</summary>
    internal const string FormatKey = "format", OurFormats = "flixstock ";

    private const string ChecksumKey = "checksum", ChecksumKind = "xxh128:";
    private const int HashedAtOnce = 1 << 24;
    private static readonly string NoChecksum = ChecksumKind + new string('0', 2 * sizeof(ulong) * 2);

    private static bool CarriesChecksum(StateDict state) =>
        state.Metadata.GetValueOrDefault(FormatKey)?.StartsWith(OurFormats, StringComparison.Ordinal) == true;

    // The text as it is in a header that we write.
    private static byte[] Entry(string checksum) => Encoding.UTF8.GetBytes($"\"{ChecksumKey}\":\"{checksum}\"");

    private static void Stamp(Span<byte> header, string checksum) =>
        Entry(checksum).CopyTo(header[header.IndexOf(Entry(NoChecksum))..]);

    private static void VerifyChecksum(
        ReadOnlyMemory<byte> bytes, int headerLength, StateDict state, string path, CancellationToken cancellation)
    {
        if (!state.Metadata.TryGetValue(ChecksumKey, out var expected)
            || !expected.StartsWith(ChecksumKind, StringComparison.Ordinal))
        {
            return;
        }
        state.Metadata.Remove(ChecksumKey); // it is of the file, not of the model
        var header = bytes.Span.Slice(8, headerLength).ToArray();
        if (header.AsSpan().IndexOf(Entry(expected)) is >= 0 and var place && expected.Length == NoChecksum.Length)
        {
            Entry(NoChecksum).CopyTo(header, place);
            if (ChecksumOf(bytes.Span[..8], header, [bytes[(8 + headerLength)..]], cancellation) == expected)
                return;
        }

        throw new InputException($"{path}: its checksum is wrong: the file is damaged, or another program has changed "
            + $"it and kept the metadata entry '{ChecksumKey}' (without it the file is read as it is)");
    }

    private delegate void Take(ReadOnlySpan<byte> piece);

    private static string ChecksumOf(
        ReadOnlySpan<byte> length, ReadOnlySpan<byte> header, IEnumerable<ReadOnlyMemory<byte>> data,
        CancellationToken cancellation, Take? andThen = null)
    {
        var hash = new XxHash128();
        hash.Append(length);
        hash.Append(header);
        foreach (var part in data)
        {
            for (var begin = 0; begin < part.Length; begin += HashedAtOnce)
            {
                cancellation.ThrowIfCancellationRequested();
                var piece = part.Span.Slice(begin, Math.Min(HashedAtOnce, part.Length - begin));
                hash.Append(piece);
                andThen?.Invoke(piece);
            }
        }

        return ChecksumKind + Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
