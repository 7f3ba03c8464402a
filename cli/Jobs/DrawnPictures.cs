using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Draws what the model says about one picture into a file.</summary>
internal delegate void PictureDrawing(
    string path, Sample sample, bool exifRotate, Prediction prediction, string? title);

/// <summary>Pictures with what the model says about them, in a folder of their own.</summary>
/// <param name="Option">Name of the option that asks for them.</param>
/// <param name="Folder">The folder.</param>
/// <param name="What">What is on them, for the line that says where they are.</param>
/// <param name="Draw">Draws one.</param>
internal sealed record DrawnPictures(string Option, string Folder, string What, PictureDrawing Draw)
{
    /// <summary>The kinds that a command line asks for.</summary>
    /// <exception cref="InputException">Two kinds shall go to the same folder, under the same names.</exception>
    public static IReadOnlyList<DrawnPictures> Asked(InferRequest request)
    {
        var asked = new List<DrawnPictures>();
        if (request.SavePictures is { } labelled)
            asked.Add(new("--save-pictures", labelled, "with their labels", PredictionPainter.Save));
        if (request.Explain is { } explained)
            asked.Add(new("--explain", explained, "with what speaks for their labels", ExplanationPainter.Save));
        return asked is [var one, var other] && Path.GetFullPath(one.Folder) == Path.GetFullPath(other.Folder)
            ? throw new InputException(
                $"{other.Option} {other.Folder}: {one.Option} writes files of the same names there; give two folders")
            : asked;
    }

    /// <summary>
    /// Refuses a folder in which a picture would be replaced that this command did not make. To be called before the
    /// work.
    /// </summary>
    public void RequireFree(IReadOnlyList<string> files) =>
        MadeFolders.RequireFree(Folder, ShownNames.Jpegs(ShownNames.Of(files)), files, Option);

    /// <summary>One JPEG for each picture that could be read, under the name that tables show.</summary>
    public void Save(Session session, InferRequest request, IReadOnlyList<string> files, Labelled labelled)
    {
        MadeFolders.MarkNew(Folder, $"'flixstock infer {Option}'");
        var names = ShownNames.Of(files);
        var outputs = ShownNames.Jpegs(names);
        var saved = 0;
        foreach (var (i, prediction) in labelled.Read(Enumerable.Range(0, files.Count)))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            var path = Path.Combine(Folder, outputs[i]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Draw(
                path, InferenceJob.SampleOf(session, files[i]), request.Predictor.Preparation.ExifRotate, prediction,
                names[i]);
            saved++;
        }
        if (!request.Json)
            session.Terminal.Line($"{saved} pictures {What} are in {Folder}");
    }
}
