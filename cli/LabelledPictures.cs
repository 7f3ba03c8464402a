using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Pictures with what the model says about them.</summary>
internal static class LabelledPictures
{
    /// <summary>One JPEG for each picture; names that two pictures share get a number.</summary>
    public static void Save(Session session, InferRequest request, IReadOnlyList<string> files, IReadOnlyList<Prediction> predictions, string folder)
    {
        MadeFolders.MarkNew(folder, "infer --save-pictures");
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < files.Count; i++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            var stem = Path.GetFileNameWithoutExtension(files[i]);
            var name = stem;
            for (var number = 2; !taken.Add(name); number++)
                name = $"{stem}-{number}";
            PredictionPainter.Save(Path.Combine(folder, name + ".jpg"), InferenceJob.Read(files[i], request.ExifRotate), predictions[i], Path.GetFileName(files[i]));
        }
        if (!request.Json)
            session.Terminal.Line($"{files.Count} pictures with their labels are in {folder}");
    }
}
