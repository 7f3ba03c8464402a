using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// Results of checking the pictures of a data set, on disk: which could be read, by path, size and time of change; and
/// which could not, to check them first
/// the next time. Those are checked every time, since their fault may be repaired without a trace in the file, as
/// permissions are. A file that is damaged or
/// of another build, or a folder that cannot be written to, is ignored.
/// </summary>
internal sealed class PictureCheckCache
{
    private const int KeyBytes = 16;

    // Another build may read other pictures.
    private static readonly byte[] Magic = Encoding.ASCII.GetBytes(
        $"flixstock pictures 1 {typeof(PictureCheckCache).Module.ModuleVersionId:N}\n");

    private readonly string? _file;
    private readonly HashSet<UInt128> _good = [];
    private readonly HashSet<string> _suspects = new(StringComparer.Ordinal);

    private PictureCheckCache(string? file) => _file = file;

    /// <summary>The user's folder for such caches, next to that of compiled kernels.</summary>
    public static string DefaultFolder => Path.Combine(Path.GetDirectoryName(KernelCache.DefaultFolder)!, "pictures");

    /// <summary>Why nothing is kept, in one line; null if there is no problem.</summary>
    public string? Warning { get; private set; }

    /// <summary>Names (<see cref="Sample.Name"/>) of pictures that could not be read.</summary>
    public IReadOnlySet<string> Suspects => _suspects;

    /// <summary>Opens what is known about a data set.</summary>
    /// <param name="folder">Folder of the cache; null for none.</param>
    /// <param name="dataset">The data set's folder.</param>
    public static PictureCheckCache Open(string? folder, string dataset)
    {
        var name = Convert.ToHexStringLower(
            Sha256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(dataset))).AsSpan(0, KeyBytes));
        var cache = new PictureCheckCache(folder is null ? null : Path.Combine(folder, $"{name}.checked"));
        cache.Read();
        return cache;
    }

    /// <summary>A key for a picture as it is on the disk now; null if its file is missing.</summary>
    public static UInt128? KeyOf(Sample sample)
    {
        var file = new FileInfo(sample.Path);
        if (!file.Exists)
            return null;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{file.FullName}\n{file.Length} {file.LastWriteTimeUtc.Ticks} {sample.Offset} {sample.ByteCount}");
        var hash = Sha256.HashData(Encoding.UTF8.GetBytes(text));
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    public bool IsGood(UInt128? key) => key is { } known && _good.Contains(known);

    /// <summary>Keeps what was found.</summary>
    /// <param name="good">Keys of pictures that can be read.</param>
    /// <param name="bad">Names of pictures that cannot.</param>
    /// <param name="complete">True if every picture was checked: other entries are of pictures that no longer
    /// exist.</param>
    public void Keep(IReadOnlyCollection<UInt128> good, IReadOnlyCollection<string> bad, bool complete)
    {
        var (kept, suspects) = (good.ToHashSet(), bad.ToHashSet(StringComparer.Ordinal));
        if (!complete)
        {
            kept.UnionWith(_good);
            suspects.UnionWith(_suspects);
        }
        Write(kept, suspects);
    }

    /// <summary>Records that a picture cannot be read, regardless of earlier results.</summary>
    public void Suspect(Sample sample)
    {
        var key = KeyOf(sample);
        Write([.. _good.Where(one => one != key)], [.. _suspects, sample.Name]);
    }

    private void Write(HashSet<UInt128> good, HashSet<string> suspects)
    {
        if (_file is null || (good.SetEquals(_good) && suspects.SetEquals(_suspects)))
            return;
        var keys = good.ToArray();
        Array.Sort(keys);
        byte[] content =
        [
            .. BitConverter.GetBytes(keys.Length), .. MemoryMarshal.AsBytes(keys.AsSpan()),
            .. Encoding.UTF8.GetBytes(string.Join('\n', suspects.Order(StringComparer.Ordinal))),
        ];
        try
        {
            Files.WriteAtomically(_file, stream =>
            {
                stream.Write(Magic);
                stream.Write(Sha256.HashData(content));
                stream.Write(content);
            });
        }
        catch (EngineException e)
        {
            Warning = $"{Path.GetDirectoryName(_file)}: cannot be written to, so pictures are checked again in every "
                + $"run ({e.InnerException?.Message.ReplaceLineEndings(" ")})";
        }
    }

    private void Read()
    {
        if (_file is null || !File.Exists(_file))
            return;
        try
        {
            var file = File.ReadAllBytes(_file);
            var start = Magic.Length + Sha256.HashBytes;
            if (file.Length < start + sizeof(int) || !file.AsSpan(0, Magic.Length).SequenceEqual(Magic))
                return;
            var content = file.AsSpan(start);
            if (!Sha256.HashData(content).AsSpan().SequenceEqual(file.AsSpan(Magic.Length, Sha256.HashBytes)))
                return;
            var end = sizeof(int) + (BitConverter.ToInt32(content) * KeyBytes);
            _good.UnionWith(MemoryMarshal.Cast<byte, UInt128>(content[sizeof(int)..end]).ToArray());
            _suspects.UnionWith(
                Encoding.UTF8.GetString(content[end..]).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Warning = $"{_file}: cannot be read, so pictures are checked again ({e.Message.ReplaceLineEndings(" ")})";
        }
    }
}
