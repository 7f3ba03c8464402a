using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// What was found out about a device once, on disk: compiled kernels, one file for each source and everything that
/// decides what becomes of it, and convolutions' algorithms. Several processes may fill a folder at once: files appear
/// whole or not at all. A file that is not what was written is compiled again; a folder that cannot be written to is
/// done without.
/// </summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="folder">Made when first written to; null for none.</param>
/// <param name="notes">Is told the <see cref="Warning"/> when it arises.</param>
internal sealed class KernelCache(string? folder, Action<string>? notes = null)
{
    private static readonly byte[] Magic = "flixstock kernel 1\n"u8.ToArray();

    /// <summary>
    /// The user's own: <c>$XDG_CACHE_HOME/flixstock/kernels</c>, <c>~/.cache/flixstock/kernels</c> or, on Windows, in
    /// the local application data.
    /// </summary>
    public static string DefaultFolder
    {
        get
        {
            var root = OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
                    ? cache
                    : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
            return Path.Combine(root, "flixstock", "kernels");
        }
    }

    /// <summary>The folder, or null.</summary>
    public string? Folder { get; } = folder;

    /// <summary>Why nothing is kept, in one line, from the first failure on; null if there is no problem.</summary>
    public string? Warning { get; private set; }

    /// <summary>A name for everything that decides an image, the source's name first.</summary>
    public static string Key(string file, params IEnumerable<string> parts)
    {
        var hash = new Sha256();
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.Append(BitConverter.GetBytes(bytes.Length)); // so that "ab", "c" is not "a", "bc"
            hash.Append(bytes);
        }
        return $"{file}-{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16))}";
    }

    /// <summary>The image kept under a key; null if there is none or the file is damaged.</summary>
    public byte[]? Find(string key)
    {
        if (Folder is null)
            return null;
        try
        {
            var content = File.ReadAllBytes(FileOf(key));
            var start = Magic.Length + Sha256.HashBytes;
            if (content.Length <= start || !content.AsSpan(0, Magic.Length).SequenceEqual(Magic))
                return null;
            var image = content[start..];
            return content.AsSpan(Magic.Length, Sha256.HashBytes).SequenceEqual(Sha256.HashData(image))
                ? image
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Warn($"{Folder}: cannot be read ({e.Message.ReplaceLineEndings(" ")}); kernels are compiled again in every "
                + $"run, convolutions timed again");
            return null;
        }
    }

    /// <summary>Keeps an image, if the folder lets it.</summary>
    public void Keep(string key, byte[] image)
    {
        if (Folder is null)
            return;
        try
        {
            Files.WriteAtomically(FileOf(key), stream =>
            {
                stream.Write(Magic);
                stream.Write(Sha256.HashData(image));
                stream.Write(image);
            });
        }
        catch (EngineException e)
        {
            Warn($"{Folder}: cannot be written to, so kernels are compiled again in every run, convolutions timed "
                + $"again ({e.InnerException?.Message.ReplaceLineEndings(" ")})");
        }
    }

    /// <summary>The file of a key.</summary>
    public string FileOf(string key) => Path.Combine(Folder!, key + ".kernel");

    private void Warn(string text)
    {
        if (Warning is not null)
            return;
        Warning = text;
        notes?.Invoke(text);
    }
}
