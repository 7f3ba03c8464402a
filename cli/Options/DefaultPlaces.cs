using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// Default places of the data set, the weights and the results, for command lines that do not name them.
/// </summary>
/// <param name="root">The user's current folder; empty: that of the process.</param>
internal sealed class DefaultPlaces(string root)
{
    /// <summary>Folder of numbered training runs.</summary>
    public const string Runs = "runs";

    private const string Best = "best.safetensors";

    private static readonly string[] DataFolders =
    [
        ".", "data", "dataset", "datasets", "garments", "scenes",
        "Datasets/FlixstockTask", "../Datasets/FlixstockTask", "../data", "demo/data",
    ];

    private static readonly string[] WeightFolders = ["pretrained_weights", "models_local", "models", "weights"];

    /// <summary>
    /// The data set here or in a neighbouring folder; one that is not divided yet if there is no other.
    /// </summary>
    /// <exception cref="InputException">There is none; names the places that were searched.</exception>
    public string Data() =>
        Find(folder => new DatasetSource(folder).IsRecognised) ?? Find(IsUndivided) ?? throw new InputException(
            $"no data set is here (looked in {string.Join(", ", DataFolders)}): give its folder, --data DIR");

    /// <summary>Same as <see cref="Data"/>, for a data set that is not divided yet.</summary>
    /// <exception cref="InputException">There is none; names the places that were searched.</exception>
    public string UndividedData() => Find(IsUndivided)
        ?? throw new InputException($"no attributes_cleaned.csv is here (looked in {string.Join(", ", DataFolders)}): "
            + "give the folder of the data set, --data DIR");

    /// <summary>The best weights of the newest run; if there is no run, weights in one of the usual folders.</summary>
    /// <exception cref="InputException">There are none; names the places that were searched.</exception>
    public string Weights() => Newest(RunFolders().Select(folder => Path.Combine(folder, Best))) ?? Newest(
        WeightFolders.Select(At).Where(Directory.Exists).SelectMany(Directory.EnumerateFiles).Where(IsTrainedModel))
        ?? throw new InputException(
            $"no trained model is here (looked for {Best} in ., below . and below {Runs}, and in "
                + $"{string.Join(", ", WeightFolders)}): give a file of weights, --weights FILE");

    /// <summary>
    /// A file of weights, of any task, in one of the usual folders for those to start from; null: none.
    /// </summary>
    public string? PublishedWeights() =>
        WeightFolders.Select(At).Where(Directory.Exists).SelectMany(Directory.EnumerateFiles).Where(
            file => Path.GetExtension(file) is ".pth" or ".safetensors").Order(StringComparer.Ordinal).FirstOrDefault();

    /// <summary>The newest run that can be continued.</summary>
    /// <param name="parent">The folder it lies in; null: any of the usual folders of runs.</param>
    /// <exception cref="InputException">There is no such run.</exception>
    public string RunToResume(string? parent = null)
    {
        var runs =
            parent is null ? RunFolders() : Directory.Exists(parent) ? Directory.EnumerateDirectories(parent) : [];
        return runs.Where(folder => States(folder).Any()).MaxBy(folder => States(folder).Max(File.GetLastWriteTimeUtc))
            ?? throw new InputException($"--resume: no training that was stopped is here "
                + $"(looked in {parent ?? $"., below . and below {Runs}"}): give its folder, --out DIR");
    }

    /// <summary>
    /// A folder for a new run that does not exist yet: <c>runs/train-001</c>, <c>runs/train-002</c>, ...
    /// </summary>
    /// <param name="parent">The folder it lies in; null: <c>runs</c>.</param>
    public string NextRun(string? parent = null)
    {
        var folder = parent ?? At(Runs);
        var numbers = !Directory.Exists(folder)
            ? []
            : Directory.EnumerateFileSystemEntries(folder, "train-*")
                .Select(path => Path.GetFileName(path)["train-".Length..]).Select(
                    text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                        ? number
                        : 0);
        return Path.Combine(folder, $"train-{numbers.DefaultIfEmpty().Max() + 1:000}");
    }

    /// <summary>A file in the user's current folder.</summary>
    public string Here(string name) => At(name);

    /// <summary>A new folder next to another: its name with a suffix, and a number if that is taken.</summary>
    public string NextTo(string folder, string suffix)
    {
        var path = Path.TrimEndingDirectorySeparator(folder);
        return Free((Path.GetFileName(path) is "." or ".." ? Path.GetFullPath(path) : path) + suffix);
    }

    /// <summary>
    /// The name and its ending; if that is taken, the first with <c>-2</c>, <c>-3</c>, ... between them that is not.
    /// </summary>
    public string Free(string name, string ending = "")
    {
        var path = At(name + ending);
        for (var number = 2; Path.Exists(path); number++)
            path = At($"{name}-{number}{ending}");
        return path;
    }

    private string? Find(Func<string, bool> holds)
    {
        var found = DataFolders.Select(At).Where(Directory.Exists).Where(holds).ToList();
        // Folders of classes are recognised by little, and many a folder that one stands in looks like them.
        return found.FirstOrDefault(folder => folder != At(".") || !IsFoldersOfClasses(folder))
            ?? found.FirstOrDefault();
    }

    private static bool IsUndivided(string folder) => File.Exists(new DatasetLayout(folder).CleanedCsv);

    private static bool IsFoldersOfClasses(string folder) =>
        new DatasetSource(folder) is { IsRecognised: true } source && source.Resolve().Type == DatasetType.Folders;

    private IEnumerable<string> RunFolders() =>
        new[] { ".", Runs, "demo" }.Select(At).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateDirectories(folder).Prepend(folder));

    private static IEnumerable<string> States(string folder) =>
        new[] { folder, Path.Combine(folder, "ignore") }.Select(TrainingRun.StateIn).Where(File.Exists);

    private static string? Newest(IEnumerable<string> files) =>
        files.Where(File.Exists).OrderByDescending(File.GetLastWriteTimeUtc)
            .ThenBy(file => file, StringComparer.Ordinal).FirstOrDefault();

    // Next to it may lie weights of another task to start from.
    private static bool IsTrainedModel(string file) =>
        Path.GetExtension(file) is ".ckpt" or ".pth" or ".pt" or ".safetensors"
        && Path.GetFileName(file).Contains("best", StringComparison.OrdinalIgnoreCase);

    private string At(string path) => path == "." && root.Length > 0 ? root : Path.Combine(root, path);
}
