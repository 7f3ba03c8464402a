namespace Flixstock.Engine;

/// <summary>Options of a <see cref="DatasetSplitter"/>.</summary>
public sealed record SplitOptions
{
    /// <summary>
    /// Decides which picture goes to which part (as Python's <c>random.seed</c>) and how copies are changed.
    /// </summary>
    public ulong Seed { get; init; } = 1337;

    /// <summary>Balance the three parts over all attributes instead of drawing them at random.</summary>
    public bool Stratified { get; init; }

    /// <summary>Go on without pictures that are missing or cannot be decoded; they are listed in the report.</summary>
    public bool SkipBad { get; init; }

    /// <summary>With <see cref="SkipBad"/>: more than this many are an error.</summary>
    public int MostSkipped { get; init; } = int.MaxValue;

    /// <summary>
    /// Turn pictures as their EXIF orientation says before they are changed. Copied originals keep their bytes.
    /// </summary>
    public bool ExifRotate { get; init; }

    /// <summary>Replace an existing split; false: refuse to.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Replace a lock that a process on another machine has left, if the file system has no locks.</summary>
    public bool TakeOver { get; init; }

    /// <summary>Add changed copies of training pictures with rare classes.</summary>
    public bool Augment { get; init; } = true;

    /// <summary>Limits of pictures.</summary>
    public PictureReading Pictures { get; init; } = PictureReading.Standard;

    /// <summary>Threads; they do not change the result.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}

/// <summary>Progress of a split.</summary>
/// <param name="Stage">What is being done, as a word for people: checking, copying, augmenting.</param>
/// <param name="Done">Number of pictures done.</param>
/// <param name="Total">Total number of pictures.</param>
public readonly record struct SplitProgress(string Stage, int Done, int Total);

/// <summary>Pictures per class of one attribute; in every array the last entry counts the unknowns.</summary>
/// <param name="Group">The attribute.</param>
/// <param name="TrainBefore">[Classes + 1] training pictures before balancing.</param>
/// <param name="TrainAfter">[Classes + 1] training pictures with the changed copies.</param>
/// <param name="Validation">[Classes + 1] validation pictures.</param>
/// <param name="Test">[Classes + 1] test pictures.</param>
public sealed record ClassDistribution(
    AttributeGroup Group, int[] TrainBefore, int[] TrainAfter, int[] Validation, int[] Test);

/// <summary>Result of a split.</summary>
public sealed record SplitReport
{
    /// <summary>Pictures per class, one entry per attribute; empty if classes are independent of each other.</summary>
    public required IReadOnlyList<ClassDistribution> Distribution { get; init; }

    /// <summary>Pictures left out because of SkipBad, each with the reason, one line each.</summary>
    public required IReadOnlyList<string> Skipped { get; init; }

    /// <summary>Notes about how the labels were read, one line each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Pictures that no row of the CSV names; they lie in the parts' folders but in no label file.</summary>
    public required IReadOnlyList<string> Unlabelled { get; init; }

    /// <summary>Files among the pictures that are not read as pictures.</summary>
    public required PassedOver PassedOver { get; init; }

    /// <summary>Labelled training pictures without copies.</summary>
    public required int Train { get; init; }

    /// <summary>Changed copies.</summary>
    public required int Augmented { get; init; }

    /// <summary>Labelled validation pictures.</summary>
    public required int Validation { get; init; }

    /// <summary>Labelled test pictures.</summary>
    public required int Test { get; init; }

    /// <summary>Folders and files written.</summary>
    public required IReadOnlyList<string> Outputs { get; init; }
}
