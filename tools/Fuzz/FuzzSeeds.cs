namespace Flixstock.Fuzz;

/// <summary>A file that mutations begin from.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its contents.</param>
public sealed record FuzzSeed(string Name, byte[] Bytes)
{
    /// <summary>True for archives.</summary>
    public bool IsZip => Bytes is [(byte)'P', (byte)'K', ..];

    /// <summary>True for safetensors.</summary>
    public bool IsSafetensors => Name.EndsWith(".safetensors", StringComparison.Ordinal);
}

/// <summary>The files that mutations begin from: small ones, good and bad.</summary>
public static class FuzzSeeds
{
    private const int Largest = 10_000;
    private const int LargestSafetensors = 60_000;

    /// <summary>The .pth and .safetensors files of a folder that are small enough to be read often.</summary>
    public static IReadOnlyList<FuzzSeed> Load(string folder) =>
    [
        .. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Where(
            file => new FileInfo(file).Length is > 0 and var size && (file.EndsWith(".pth", StringComparison.Ordinal)
                ? size < Largest
                : file.EndsWith(".safetensors", StringComparison.Ordinal) && size < LargestSafetensors))
            .Select(file => new FuzzSeed(Path.GetFileName(file), File.ReadAllBytes(file))),
    ];
}
