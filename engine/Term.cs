namespace Flixstock.Engine;

/// <summary>
/// A name in an error or a note: of a parameter or property, or of the type that does something about it. It fits into
/// a <see cref="Wording"/> and, being a ref struct, into no other text, so that it stays known as a name.
/// </summary>
/// <param name="name">Name as a .NET developer writes it.</param>
/// <param name="value">Value that is given for it, in parentheses; null: none.</param>
internal readonly ref struct Term(string name, string? value = null)
{
    /// <summary>Name as a .NET developer writes it.</summary>
    public string Name { get; } = name;

    /// <summary>Value that is given for it; null: none.</summary>
    public string? Value { get; } = value;

    // Parameters. The names are texts here: the members that they name are in rooms below.
    public static Term CopyPictures => new("copyPictures");
    public static Term Deterministic => new("deterministic");
    public static Term Exact => new("exact");
    public static Term Folder => new("folder");
    public static Term Overwrite => new("overwrite");
    public static Term Part => new("part");
    public static Term Precision => new("precision");
    public static Term Resume => new("resume");
    public static Term TakeOver => new("takeOver");

    // Properties.
    public static Term Balance => new("Balance");
    public static Term BatchSize => new("BatchSize");
    public static Term Boost => new("Boost");
    public static Term ClassesByPosition => new("ClassesByPosition");
    public static Term Count => new("Count");
    public static Term CustomLoss => new("CustomLoss");
    public static Term DatasetType => new("DatasetType");
    public static Term DecoderDropout => new("Decoder.Dropout");
    public static Term DecoderQueries => new("Decoder.Queries");
    public static Term DecoderWidth => new("Decoder.Width");
    public static Term Fold => new("Fold");
    public static Term Head => new("Head");
    public static Term ImageSize => new("ImageSize");
    public static Term InitialWeights => new("TrainerOptions.InitialWeights");
    public static Term LearningRate => new("LearningRate");
    public static Term LossMode => new("Loss.Mode");
    public static Term LossPreset => new("LossPreset");
    public static Term MaxPixels => new("MaxPixels");
    public static Term MlflowExperiment => new("MlflowServer.Experiment");
    public static Term MostSkipped => new("MostSkipped");
    public static Term OnNonFinite => new("OnNonFinite");
    public static Term Parameter => new("Parameter");
    public static Term PriorPath => new("PriorPath");
    public static Term Simulation => new("Simulation");
    public static Term Size => new("Size");
    public static Term SkipBad => new("SkipBad");
    public static Term SkipMissing => new("SkipMissing");
    public static Term TopKFromPrior => new("TopKFromPrior");
    public static Term WarmupSteps => new("WarmupSteps");
    public static Term Workers => new("Workers");

    // Types that do what a message advises.
    public static Term CalibrationFit => new("CalibrationFit");
    public static Term DatasetChecker => new("DatasetChecker");
    public static Term DatasetSource => new("DatasetSource");
    public static Term DatasetSummary => new("DatasetSummary");
    public static Term ExperimentFile => new("ExperimentFile");
    public static Term GarmentSynthesizer => new("GarmentSynthesizer");
    public static Term LargestBatch => new("LargestBatch");
    public static Term MlflowServer => new("MlflowServer");
    public static Term PictureCheck => new("PictureCheck");
    public static Term PriorFile => new("PriorFile");
    public static Term SceneSynthesizer => new("SceneSynthesizer");
    public static Term ShardPacker => new("ShardPacker");
    public static Term TwoStagePlan => new("TwoStagePlan");

    /// <summary>The pictures that may be left out while a data set is scored.</summary>
    /// <param name="most">Number of the pictures.</param>
    public static Term BadPictures(string most) => new("BadPictures", most);

    /// <summary>The type that splits a data set.</summary>
    /// <param name="folder">The data set's folder.</param>
    public static Term DatasetSplitter(string folder) => new("DatasetSplitter", folder);

    /// <summary>The name, and what it is given.</summary>
    public override string ToString() => Value is null ? Name : $"{Name}({Value})";
}
