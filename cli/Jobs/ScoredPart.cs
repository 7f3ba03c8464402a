using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>A part of a data set and the model that scores its pictures.</summary>
/// <param name="session">The session.</param>
/// <param name="backend">Where to compute.</param>
/// <param name="checkpoint">The model as it was read; disposed of with this.</param>
/// <param name="part">train, val or test.</param>
internal sealed class ScoredPart(Session session, Backend backend, Checkpoint checkpoint, string part) : IDisposable
{
    private MatchedData? _data;

    /// <summary>Finds the data set, when it is needed.</summary>
    public required Func<DatasetSource> Source { get; init; }

    /// <summary>Match classes by their order instead of their names.</summary>
    public bool ClassesByPosition { get; init; }

    /// <summary>How the pictures are loaded.</summary>
    public required BatchLoaderOptions Loading { get; init; }

    /// <summary>Each picture's mirror image is scored too.</summary>
    public bool Flips { get; init; }

    /// <summary>The model as it was read.</summary>
    public Checkpoint Checkpoint => checkpoint;

    /// <summary>train, val or test.</summary>
    public string Part => part;

    /// <summary>The pictures and the model with the data set's names; loaded when they are first asked for.</summary>
    public MatchedData Data => _data ??=
        MatchedData.Load(session, checkpoint, Source(), part, ClassesByPosition);

    /// <summary>Refuses to write over the weights and over a file of the data set.</summary>
    /// <param name="file">The file to be written.</param>
    /// <param name="option">The option that names it.</param>
    /// <param name="sign">What a file that the command wrote before shows near its beginning; null: nothing.</param>
    public void RequireOtherFile(string file, string option, string? sign = null)
    {
        WeightsFile.RequireOther(checkpoint.Path, file, option);
        DataFiles.RequireNone(file, option, Source().Path, Data.Dataset.Samples, sign);
    }

    /// <summary>Probabilities of all pictures.</summary>
    /// <param name="folder">The output's folder, made before the work and gone again if that fails.</param>
    public DatasetScores Probabilities(string folder)
    {
        var (model, dataset, _, _) = Data;
        return OutputFolder.Use(folder, "--out", () => Scoring.Run(session, backend, model, dataset, Loading, Flips));
    }

    /// <summary>Scores of all pictures before they become probabilities.</summary>
    /// <param name="folder">As of <see cref="Probabilities"/>.</param>
    public DatasetScores Logits(string folder) => OutputFolder.Use(folder, "--out", Logits);

    /// <summary>Scores of all pictures before they become probabilities.</summary>
    public DatasetScores Logits() => Scoring.Logits(session, backend, Data.Model, Data.Dataset, Loading, Flips);

    /// <summary>Where the model sees what some answers say, by picture and class.</summary>
    /// <param name="dataset">The pictures that were scored.</param>
    /// <param name="answers">The answers.</param>
    public IReadOnlyDictionary<(int Sample, int Number), ActivationMap> Maps(
        ImageDataset dataset, IReadOnlyCollection<PictureAnswer> answers)
    {
        var progress = new ProgressReport<int>(done => session.Terminal.Progress(
            (double)done / Math.Max(1, answers.Count), () => $"explaining {done} of {answers.Count} answers"));
        var maps = AnswerMaps.Of(
            Data.Model, backend, dataset, answers, Loading, progress, session.Cancellation);
        session.Terminal.EndLine();
        return maps;
    }

    public void Dispose() => checkpoint.Dispose();
}
