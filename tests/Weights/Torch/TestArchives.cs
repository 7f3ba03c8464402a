using System.IO.Compression;

namespace Flixstock.Tests.Weights;

/// <summary>Makes archives as PyTorch files are.</summary>
internal static class TestArchives
{
    /// <summary>
    /// The checkpoint of a training run. Its storages are those of tiny_model.pth, so only its pickle is kept in
    /// golden/pth and the archive is put together here.
    /// </summary>
    public static byte[] TinyRaw()
    {
        using var other = ZipFile.OpenRead(Golden.PathOf("pth/tiny_model.pth"));
        var records = other.Entries.ToDictionary(entry => "tiny_raw/" + entry.FullName.Split('/', 2)[1], Bytes);
        records["tiny_raw/data.pkl"] = File.ReadAllBytes(Golden.PathOf("pth/tiny_raw.data.pkl"));
        return Zip(records);
    }

    /// <summary>A stored archive of these records.</summary>
    public static byte[] Zip(
        IEnumerable<KeyValuePair<string, byte[]>> records, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in records)
            {
                using var stream = archive.CreateEntry(name, level).Open();
                stream.Write(bytes);
            }
        }
        return memory.ToArray();
    }

    /// <summary>The records of an archive.</summary>
    public static Dictionary<string, byte[]> Records(byte[] archive)
    {
        using var zip = new ZipArchive(new MemoryStream(archive));
        return zip.Entries.ToDictionary(entry => entry.FullName, Bytes);
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
