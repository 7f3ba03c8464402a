using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Pictures with what the model says about them.</summary>
internal static class LabelledPictures
{
    /// <summary>
    /// Refuses a folder in which a picture would be replaced that this command did not make. To be called before the
    /// work.
    /// </summary>
    public static void RequireFree(string folder, IReadOnlyList<string> files) =>
        MadeFolders.RequireFree(folder, ShownNames.Jpegs(ShownNames.Of(files)), files, "--save-pictures");

    /// <summary>One JPEG for each picture that could be read, under the name that tables show.</summary>
    public static void Save(
        Session session, InferRequest request, IReadOnlyList<string> files, Labelled labelled, string folder)
    {
        MadeFolders.MarkNew(folder, "'flixstock infer --save-pictures'");
        var names = ShownNames.Of(files);
        var outputs = ShownNames.Jpegs(names);
        var saved = 0;
        foreach (var (i, prediction) in labelled.Read(Enumerable.Range(0, files.Count)))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            var path = Path.Combine(folder, outputs[i]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            PredictionPainter.Save(
                path, InferenceJob.SampleOf(session, files[i]), request.Predictor.Preparation.ExifRotate, prediction,
                names[i]);
            saved++;
        }
        if (!request.Json)
            session.Terminal.Line($"{saved} pictures with their labels are in {folder}");
    }
}
