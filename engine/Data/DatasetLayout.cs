namespace Flixstock.Engine;

/// <summary>
/// Names of all files and folders of a data set; they are those of the reference project, so that either can read the
/// other's.
/// </summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="root">The data folder.</param>
internal sealed class DatasetLayout(string root)
{
    /// <summary>Names of the three parts: train, val, test.</summary>
    public static IReadOnlyList<string> Parts { get; } = ["train", "val", "test"];

    /// <summary>The data folder.</summary>
    public string Root { get; } = root;

    /// <summary>The pictures before the split.</summary>
    public string CleanedImages => Path.Combine(Root, "images_cleaned", "images");

    /// <summary>The labels before the split.</summary>
    public string CleanedCsv => Path.Combine(Root, "attributes_cleaned.csv");

    /// <summary>The folder of the three parts' pictures.</summary>
    public string SplitRoot => Path.Combine(Root, "images_split");

    /// <summary>The folder of the training pictures with the augmented ones.</summary>
    public string AugmentedRoot => Path.Combine(Root, "images_augmented");

    /// <summary>Training pictures and their augmented copies.</summary>
    public string AugmentedTrainImages => Path.Combine(AugmentedRoot, "train", "images");

    /// <summary>Class counts before and after balancing, written by the split.</summary>
    public string DistributionCsv => Path.Combine(Root, "class_distribution.csv");

    /// <summary>Pictures of a part.</summary>
    public string SplitImages(string part) => Path.Combine(SplitRoot, Checked(part), "images");

    /// <summary>Labels of a part.</summary>
    public string PartCsv(string part) => Path.Combine(Root, $"attributes_{Checked(part)}.csv");

    /// <summary>The pictures that a part's CSV names: for train those with the augmented copies.</summary>
    public string PartImages(string part) => part == "train" ? AugmentedTrainImages : SplitImages(part);

    private static string Checked(string part) => Parts.Contains(part)
        ? part
        : throw new InputException($"'{part}' is not a part of a data set; use train, val or test");
}
