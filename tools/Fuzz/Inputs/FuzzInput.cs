namespace Flixstock.Fuzz;

/// <summary>A kind of file that commands read.</summary>
/// <param name="Name">For reports.</param>
/// <param name="Folder">Holds what belongs to it.</param>
/// <param name="File">The file that is broken, below the folder.</param>
/// <param name="Change">Makes a broken file out of a good one.</param>
/// <param name="Read">Reads it as commands do; the number of the file varies how.</param>
internal sealed record FuzzInput(
    string Name, string Folder, string File, Func<Random, byte[], byte[]> Change, Action<int> Read)
{
    /// <summary>The good file.</summary>
    public byte[] Seed { get; } = System.IO.File.ReadAllBytes(Path.Combine(Folder, File));

    /// <summary>Of how many files one is of this kind, next to the others: what is slow comes less often.</summary>
    public int Weight { get; init; } = 8;

    /// <summary>Where the file lies.</summary>
    public string Place => Path.Combine(Folder, File);
}
