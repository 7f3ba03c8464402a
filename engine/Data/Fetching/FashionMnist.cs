using System.IO.Compression;

namespace Flixstock.Engine;

/// <summary>
/// Fashion-MNIST: 70,000 photos of garments by Zalando, 28 x 28 in grey, ten classes (Xiao, Rasul and Vollgraf,
/// "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms", 2017; MIT licence). Debian and
/// its relatives have it as a package, of compressed IDX files.
/// </summary>
internal static class FashionMnist
{
    /// <summary>Name of the package.</summary>
    public const string Package = "dataset-fashion-mnist";

    /// <summary>Where the package puts its files.</summary>
    public const string InstalledFolder = "/usr/share/datasets/fashion-mnist";

    private static readonly string[] Names =
    [
        "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
    ];

    // In the order of their numbers, as the data set's page names them.
    private static readonly string[] Classes =
    [
        "T-shirt or top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
    ];

    /// <summary>True if all files lie in a folder, compressed or not.</summary>
    public static bool IsIn(string folder) => Names.All(file =>
        File.Exists(Path.Combine(folder, file)) || File.Exists(Path.Combine(folder, file + ".gz")));

    /// <summary>Unpacks the files and names their classes, so that they are a data set.</summary>
    /// <param name="from">The folder of the published files.</param>
    /// <param name="to">The folder of the data set.</param>
    /// <param name="cancellation">Stops between two files.</param>
    /// <exception cref="InputException">A file is missing or damaged, or the folder cannot be written.</exception>
    public static void Unpack(string from, string to, CancellationToken cancellation = default)
    {
        using var staged = new StagedOutput(to);
        staged.Write(fresh =>
        {
            foreach (var file in Names)
            {
                cancellation.ThrowIfCancellationRequested();
                Copy(from, file, Path.Combine(fresh, file));
            }
            var table = new AttributeTable([new AttributeGroup("Garment", "garment", Classes.Length, Classes)]);
            Files.WriteAtomically(Path.Combine(fresh, AttributeTable.FileName), table.ToJson() + "\n");
        });
        // What is cut off or of another kind is said before it is put into place.
        foreach (var part in new[] { "train", "test" })
            new DatasetSource(staged.Folder, DatasetType.Idx).Load(part);
        staged.PublishFiles([]);
    }

    private static void Copy(string from, string name, string to)
    {
        var (plain, packed) = (Path.Combine(from, name), Path.Combine(from, name + ".gz"));
        if (File.Exists(plain))
        {
            File.Copy(plain, to);
            return;
        }
        try
        {
            using var file = new FileStream(packed, FileMode.Open, FileAccess.Read);
            using var unpacked = new GZipStream(file, CompressionMode.Decompress);
            using var target = new FileStream(to, FileMode.CreateNew);
            unpacked.CopyTo(target);
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException)
        {
            throw new InputException($"{packed}: cannot be unpacked: {e.Message.ReplaceLineEndings(" ")}; get it again", e);
        }
    }
}
