using System.Buffers.Binary;

namespace Flixstock.Survival;

/// <summary>Six ways in which a file is damaged.</summary>
internal static class Damage
{
    public static readonly IReadOnlyList<string> Kinds =
    [
        "cut in half", "empty", "all zeros", "a byte of the head changed", "a byte of the data changed",
        "another run's",
    ];

    /// <summary>Damages a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="other">The same file of another run.</param>
    public static void Do(string path, string kind, string other)
    {
        var bytes = File.ReadAllBytes(path);
        switch (Kinds.ToList().IndexOf(kind))
        {
            case 0:
                bytes = bytes[..(bytes.Length / 2)];
                break;
            case 1:
                bytes = [];
                break;
            case 2:
                Array.Clear(bytes);
                break;
            case 3:
                bytes[Head(path, bytes)] ^= 1;
                break;
            case 4:
                bytes[Data(path, bytes)] ^= 1;
                break;
            default:
                bytes = File.ReadAllBytes(other);
                break;
        }
        File.WriteAllBytes(path, bytes);
    }

    // safetensors: 8 bytes with the length of a JSON, the JSON, numbers. Of a table the head is its first row, and a
    // digit of the last number becomes another.
    private static int Head(string path, byte[] bytes) => path.EndsWith(".safetensors", StringComparison.Ordinal)
        ? 8 + (int)(BinaryPrimitives.ReadInt64LittleEndian(bytes) / 2)
        : path.EndsWith(".gz", StringComparison.Ordinal) ? 3 : 5;

    // the exponent of a number
    private static int Data(string path, byte[] bytes) => path.EndsWith(".csv", StringComparison.Ordinal)
        ? Array.LastIndexOf(bytes, (byte)'.') + 1
        : path.EndsWith(".safetensors", StringComparison.Ordinal) ? (bytes.Length * 3 / 4 | 3)
        : bytes.Length * 3 / 4;
}
