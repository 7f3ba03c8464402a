using System.Buffers.Binary;

namespace Flixstock.Engine;

/// <summary>
/// An IDX file, as MNIST and the data sets that took its place are published: two zero bytes, the type of the values,
/// the number of dimensions, their sizes as big-endian integers, then the values.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Sizes">The dimensions.</param>
/// <param name="Begin">Offset of the first value.</param>
internal sealed record IdxFile(string Path, IReadOnlyList<int> Sizes, int Begin)
{
    private const byte UnsignedBytes = 0x08;

    private const int MostDimensions = 3;

    /// <summary>Number of entries: pictures, or labels.</summary>
    public int Count => Sizes[0];

    /// <summary>Bytes of one entry.</summary>
    public int EntryBytes => Sizes.Skip(1).Aggregate(1, (product, size) => product * size);

    /// <summary>Reads the header and compares it with the length of the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dimensions">The dimensions that it must have: 3 for pictures, 1 for labels.</param>
    /// <exception cref="InputException">It is no such file, is cut off, or has values of another type.</exception>
    public static IdxFile Read(string path, int dimensions)
    {
        FileKind.Require(path);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
        Span<byte> header = stackalloc byte[4 + (4 * MostDimensions)];
        var begin = 4 + (4 * dimensions);
        if (file.ReadAtLeast(header[..begin], begin, throwOnEndOfStream: false) < begin)
            throw new InputException($"{path}: the file ends within its header; get it again");
        if (header[0] != 0 || header[1] != 0)
        {
            throw new InputException($"{path}: not an IDX file: it begins with {header[0]}, {header[1]} and not with "
                + $"two zeros; a compressed file has to be unpacked first");
        }
        if (header[2] != UnsignedBytes || header[3] != dimensions)
        {
            throw new InputException($"{path}: values of type 0x{header[2]:x2} in {header[3]} dimensions; unsigned bytes "
                + $"(0x08) in {dimensions} are expected");
        }
        var sizes = new int[dimensions];
        for (var i = 0; i < dimensions; i++)
            sizes[i] = BinaryPrimitives.ReadInt32BigEndian(header[(4 + (4 * i))..]);
        var result = new IdxFile(path, sizes, begin);
        if (sizes.Any(size => size < 1) || sizes.Aggregate(1L, (product, size) => product * size) is var bytes
            && bytes + begin != file.Length)
        {
            throw new InputException($"{path}: the header says {string.Join(" x ", sizes)} bytes, and the file has "
                + $"{file.Length - begin}; get it again");
        }
        return result;
    }

    /// <summary>All values: of labels.</summary>
    public byte[] Values() => WholeFile.Read(Path)[Begin..];
}
