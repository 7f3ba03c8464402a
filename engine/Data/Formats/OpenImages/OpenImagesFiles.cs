namespace Flixstock.Engine;

/// <summary>The files of an OpenImages folder that say what its labels are.</summary>
/// <param name="Labels">Labels of the pictures of a part.</param>
/// <param name="Descriptions">Names of the classes, or null.</param>
/// <param name="Trainable">The list of classes to learn, or null: all that are described.</param>
internal sealed record OpenImagesFiles(string Labels, string? Descriptions, string? Trainable)
{
    private static readonly string[] Subfolders = ["labels", "annotations", "metadata"];

    /// <summary>Finds the files below a data folder.</summary>
    /// <exception cref="InputException">A required file is missing, or two could be meant.</exception>
    public static OpenImagesFiles Of(string folder, string part)
    {
        var labels = LabelFiles(folder, part);
        if (labels.Count != 1)
        {
            throw new InputException(labels.Count == 0
                ? $"{Path.Combine(folder, $"{Published(part)}-annotations-human-imagelabels.csv")}: there is no such "
                    + $"file (or oidv7-{part}-annotations-human-imagelabels.csv, as version 7 calls it); download the "
                    + $"labels of whole pictures that people verified"
                : $"{labels[0]}: {Path.GetFileName(labels[1])} could be meant as well; keep one file of labels for the "
                    + $"part '{part}'");
        }
        var (descriptions, trainable) =
            (Only(folder, "*class-descriptions*.csv"), Only(folder, "*classes-trainable*.txt"));
        return descriptions is null && trainable is null
            ? throw new InputException($"{folder}: neither a list of classes (oidv6-classes-trainable.txt) nor their "
                + $"descriptions (oidv6-class-descriptions.csv) are there; download one of them")
            : new OpenImagesFiles(labels[0], descriptions, trainable);
    }

    /// <summary>
    /// Files that could be the labels of a part: verified by people before anything else; the labels of boxable classes
    /// only if there are no others.
    /// </summary>
    public static List<string> LabelFiles(string folder, string part)
    {
        var named = All(folder, "*imagelabels*.csv").Where(path => IsOf(Path.GetFileName(path), part)
            && !Path.GetFileName(path).Contains("machine", StringComparison.Ordinal)).ToList();
        var all = named.Where(path => !Path.GetFileName(path).Contains("boxable", StringComparison.Ordinal)).ToList();
        return all.Count > 0 ? all : named;
    }

    /// <summary>OpenImages' name of a part.</summary>
    public static string Published(string part) => part == "val" ? "validation" : part;

    // "oidv7-val-annotations-human-imagelabels.csv", "validation-annotations-human-imagelabels-boxable.csv".
    private static bool IsOf(string name, string part) =>
        name.Split('-', '_', '.').Any(word => PartNames.PartOf(word) == part);

    private static string? Only(string folder, string pattern) => All(folder, pattern) is var found && found.Count <= 1
        ? found.FirstOrDefault()
        : found
            .Where(path => !Path.GetFileName(path).Contains("boxable", StringComparison.Ordinal)).ToList() is [var one]
            ? one
            : throw new InputException(
                $"{found[0]}: {Path.GetFileName(found[1])} could be meant as well; keep one of them");

    private static List<string> All(string folder, string pattern) =>
    [
        .. Subfolders.Select(name => Path.Combine(folder, name)).Prepend(folder).Where(Directory.Exists)
            .SelectMany(place => Directory.EnumerateFiles(place, pattern).Order(StringComparer.Ordinal)),
    ];
}
