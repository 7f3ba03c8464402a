using System.Buffers.Binary;
using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// Names what a file is that holds no weights that can be read, as far as its beginning shows, and says what to do.
/// </summary>
internal static class ForeignFile
{
    private const int Looked = 512, TextShown = 60;
    private static readonly string[] TorchEndings = [".pth", ".pt", ".ckpt"];

    private static readonly (byte[] Beginning, string What)[] Beginnings =
    [
        ([0x89, (byte)'H', (byte)'D', (byte)'F', 0x0d, 0x0a, 0x1a, 0x0a],
            "an HDF5 file, as Keras and TensorFlow write (.h5): weights of those programs have other "
                + "names and layouts"),
        ([0x93, .. "NUMPY"u8], "a NumPy array (.npy)"),
        ([.. "GGUF"u8], "a GGUF file of a language model"),
        ([0x1f, 0x8b], "packed by gzip: unpack it (gunzip FILE, or tar xzf FILE) and give what comes out"),
        ([.. "BZh"u8], "packed by bzip2: unpack it and give what comes out"),
        ([0xfd, .. "7zXZ"u8], "packed by xz: unpack it and give what comes out"),
        ([0x28, 0xb5, 0x2f, 0xfd], "packed by zstd: unpack it and give what comes out"),
        ([.. "7z"u8, 0xbc, 0xaf, 0x27, 0x1c], "a 7z archive: unpack it and give the file of weights in it"),
        ([.. "Rar!"u8], "a RAR archive: unpack it and give the file of weights in it"),
        ([0xff, 0xd8, 0xff], "a JPEG picture"),
        ([0x89, .. "PNG"u8], "a PNG picture"),
        ([.. "%PDF"u8], "a PDF document"),
        ([0x7f, .. "ELF"u8], "a program or library"),
    ];

    /// <summary>
    /// Describes what the file is; null if nothing is known and its ending decides which reader judges it.
    /// </summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="path">Name of the file.</param>
    public static string? Describe(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.IsEmpty)
            return "it is empty (0 bytes): download or copy it again";
        foreach (var (beginning, what) in Beginnings)
        {
            if (bytes.StartsWith(beginning))
                return "it is " + what;
        }
        if (Binary(bytes) is { } binary)
            return "it is " + binary;
        if (IsText(bytes))
            return "it is " + Text(Trimmed(bytes));
        var ending = Path.GetExtension(path).ToLowerInvariant();
        if (ending == ".safetensors")
            return null;
        return "it is of no kind that is known: it begins with the bytes "
            + $"{Convert.ToHexString(bytes[..Math.Min(8, bytes.Length)]).ToLowerInvariant()}"
            + (TorchEndings.Contains(ending) ? ", a PyTorch file with PK or 80: download or copy it again" : "");
    }

    /// <summary>Describes an archive that <c>torch.save</c> did not write, by the names of its records.</summary>
    public static string DescribeArchive(IReadOnlyCollection<string> names)
    {
        bool All(string ending) =>
            names.Count > 0 && names.All(name => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
        if (All(".npy"))
            return "it is a NumPy archive (.npz) of arrays";
        if (names.Contains("model.weights.h5") || names.Contains("metadata.json") && names.Contains("config.json"))
            return "it is a Keras model (.keras)";
        if (names.FirstOrDefault(
            name => name.EndsWith('/' + TorchFile.PickleRecord, StringComparison.Ordinal)) is { } deep)
        {
            return $"its pickle lies too deep, {TorchFile.Shown(deep)}: it was packed again with folders around it";
        }
        string[] kinds = [.. TorchEndings, ".safetensors", ".bin"];
        if (names.FirstOrDefault(name => kinds.Contains(Path.GetExtension(name).ToLowerInvariant())) is { } inside)
            return $"it is an archive around other files: unpack it and give {TorchFile.Shown(inside)}";
        return names.Count == 0
            ? "it is an empty archive"
            : $"it has {TorchFile.Shown(string.Join(", ", names.Take(3)))}";
    }

    /// <summary>Without white space and a byte-order mark before the first character.</summary>
    public static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> bytes) =>
        (bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes).TrimStart(" \t\r\n"u8);

    /// <summary>Without a byte-order mark.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> bytes) =>
        bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;

    // Kinds that no first bytes alone decide.
    private static string? Binary(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= 8 && bytes[4..8].SequenceEqual("TFL3"u8))
            return "a TensorFlow Lite model (.tflite)";
        if (bytes.Length >= 48 && BinaryPrimitives.ReadUInt64LittleEndian(bytes[^8..]) == 0xdb4775248b80fb57)
            return "the index of a TensorFlow checkpoint";
        if (bytes.Length >= 263 && bytes[257..262].SequenceEqual("ustar"u8))
            return "a tar archive: unpack it (tar xf FILE) and give the file of weights in it";
        // Protocol buffers: field 1 is a small number, the version; in ONNX the producer's name or another field of the
        // model follows.
        if (bytes is [0x08, 1, 0x12, ..])
            return "a TensorFlow model (SavedModel)";
        if (bytes is [0x08, >= 2 and <= 20, 0x12 or 0x1a or 0x22 or 0x28 or 0x32 or 0x3a or 0x42, ..])
            return "an ONNX model: give the checkpoint that it was exported from";
        return null;
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes[..Math.Min(Looked, bytes.Length)]);
        if (text.StartsWith("version https://git-lfs.github.com/", StringComparison.Ordinal))
        {
            return $"a Git LFS pointer instead of the file{Size(text)}: run 'git lfs pull' in its repository, or "
                + $"download the file";
        }
        if (IsPage(text))
        {
            return "a web page, not the file: the link leads to a page (a log-in, a warning, an error); open it in a "
                + "browser and download the file again";
        }

        if (text.StartsWith("<?xml", StringComparison.Ordinal))
        {
            return "an XML text: an error message of a server instead of the file (download it again), or a "
                + "description of a model";
        }
        if (text.StartsWith('{') || text.StartsWith('['))
            return "a JSON text, a description or settings, not weights";
        if (text.StartsWith("model_checkpoint_path:", StringComparison.Ordinal))
            return "the list of TensorFlow checkpoints";
        var line = text.Split('\n', 2)[0].TrimEnd('\r');
        return $"a text that begins with '{TorchFile.Shown(line.Length > TextShown ? line[..TextShown] : line)}'";
    }

    private static bool IsPage(string text) => text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
        || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
        || (text.StartsWith('<') && text.Contains("<html", StringComparison.OrdinalIgnoreCase));

    // The pointer's third line: "size 117873965"
    private static string Size(string pointer) =>
        pointer.Split('\n').FirstOrDefault(line => line.StartsWith("size ", StringComparison.Ordinal)) is { } line
            && long.TryParse(line.AsSpan(5), out var size)
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $" of {size} bytes")
            : "";

    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes[..Math.Min(Looked, bytes.Length)])
        {
            if (value is < 32 and not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 12) or 127)
                return false;
        }
        return Encoding.UTF8.GetString(bytes[..Math.Min(Looked, bytes.Length)])
            .Count(c => c == '\uFFFD') <= 1; // the last character may be cut
    }
}
