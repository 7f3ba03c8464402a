using System.Text;
using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>How to label pictures.</summary>
/// <param name="Predictor">The model.</param>
/// <param name="ExifRotate">Turn pictures as their EXIF orientation says.</param>
/// <param name="Json">JSON instead of a table.</param>
/// <param name="SavePictures">Folder for pictures with labels drawn on, or null.</param>
internal sealed record InferRequest(Predictor Predictor, bool ExifRotate, bool Json, string? SavePictures);

/// <summary>Labels many pictures and prints, draws or writes the result.</summary>
internal static class InferenceJob
{
    private const int Chunk = 32;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static int Pictures(Session session, InferRequest request, IReadOnlyList<string> files)
    {
        var predictions = request.SavePictures is { } folder
            ? OutputFolder.Use(folder, "--save-pictures", () => Predict(session, request, files))
            : Predict(session, request, files);
        if (request.SavePictures is { } destination)
            LabelledPictures.Save(session, request, files, predictions, destination);
        if (request.Json)
            session.Terminal.Line(ToJson(request.Predictor.Attributes, files, predictions));
        else
            PredictionPages.Print(session.Terminal, request.Predictor.Attributes, files, predictions);
        return CommandLine.Done;
    }

    public static int AllValidation(Session session, InferRequest request, MatchedData data, string output)
    {
        var predictions = OutputFolder.Use(output, "--out", () => Predict(session, request, data.Own.Samples));
        var file = Path.Combine(output, "attributes_val_inference.csv");
        Files.WriteAtomically(file, data.Own.Attributes.Independent ? ClassTable.Format(data.Dataset, predictions) : ReferenceTable(request.Predictor.Attributes, data, predictions));
        session.Terminal.Line($"{predictions.Length} pictures labelled, written: {file}");
        return CommandLine.Done;
    }

    /// <summary>Files as given; of folders the pictures in them and below, by name. What was passed over there is noted.</summary>
    public static List<string> Expand(Session session, IEnumerable<string> named)
    {
        var files = new List<string>();
        foreach (var path in named)
        {
            if (!Directory.Exists(path))
            {
                files.Add(File.Exists(path) ? path : throw new InputException($"{path}: there is no such picture or folder"));
                continue;
            }
            var (pictures, others) = PassedOver.In(path, session.Cancellation);
            foreach (var line in others.Lines(session.Verbose))
                session.Note(Terminal.OneLine($"{path}: {line}"));
            if (pictures.Count == 0)
                throw new InputException($"{path}: there are no pictures in this folder; put files there of a kind that is read ({PictureNames.Kinds})");
            files.AddRange(pictures.Select(file => Path.Combine(path, file)));
        }
        return files;
    }

    public static Prediction[] Predict(Session session, InferRequest request, IReadOnlyList<string> files) =>
        Predict(session, request, [.. files.Select(file => new Sample(Path.GetFileName(file), file, []))]);

    private static Prediction[] Predict(Session session, InferRequest request, IReadOnlyList<Sample> files)
    {
        var results = new List<Prediction>();
        var speed = new ProgressSpeed();
        for (var first = 0; first < files.Count; first += Chunk)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            var pictures = files.Skip(first).Take(Chunk).AsParallel().AsOrdered().Select(file => Read(file, request.ExifRotate)).ToList();
            results.AddRange(request.Predictor.Predict(pictures));
            if (files.Count > Chunk && !request.Json)
                session.Terminal.Progress((double)results.Count / files.Count, () => speed.Text("", results.Count, files.Count, "images/s", $"{results.Count} of {files.Count} pictures"));
        }
        session.Terminal.EndLine();
        return [.. results];
    }

    public static RgbPicture Read(string file, bool exifRotate) => Read(new Sample(Path.GetFileName(file), file, []), exifRotate);

    private static RgbPicture Read(Sample file, bool exifRotate)
    {
        var picture = file.Decode(exifRotate);
        return picture.Width > 1 && picture.Height > 1
            ? picture
            : throw new InputException($"{file.Name}: the picture is {picture.Width} x {picture.Height} pixels; nothing can be seen on it, leave it out");
    }

    private static string ToJson(AttributeTable attributes, IReadOnlyList<string> files, Prediction[] predictions) => JsonSerializer.Serialize(
        files.Select((file, i) => new
        {
            picture = file,
            labels = predictions[i].Labels.Select(label => new { attribute = label.Attribute, label = label.Label, classIndex = label.ClassIndex, confidence = label.Confidence, aboveThreshold = label.AboveThreshold }),
            probabilities = predictions[i].Probabilities.Select((value, k) => KeyValuePair.Create(attributes.ClassNames[k], value)).ToDictionary(),
        }),
        Indented);

    // The reference writes labels as pandas does: 6.0, and nothing where unknown.
    // Numbers of classes are the data set's, like those that it has in its label file.
    private static string ReferenceTable(AttributeTable model, MatchedData data, Prediction[] predictions)
    {
        var dataset = data.Own;
        var groups = dataset.Attributes.Groups;
        var text = new StringBuilder("filename");
        text.AppendJoin("", groups.Select(group => $",{group.Column}")).AppendJoin("", groups.Select(group => $",Predicted {group.Name} Type")).Append('\n');
        for (var i = 0; i < predictions.Length; i++)
        {
            var sample = dataset.Samples[i];
            text.Append(sample.File.AsSpan().IndexOfAny(",\"\n") < 0 ? sample.File : $"\"{sample.File.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
            for (var group = 0; group < groups.Count; group++)
                text.Append(',').Append(dataset.Attributes.ClassOf(sample.Labels, group) is var known and >= 0 ? $"{known}.0" : "");
            text.AppendJoin("", Likeliest(model, data, predictions[i]).Select(k => $",{k}")).Append('\n');
        }
        return text.ToString();
    }

    private static IEnumerable<int> Likeliest(AttributeTable model, MatchedData data, Prediction prediction)
    {
        var attributes = data.Own.Attributes;
        if (data.Match.SameOrder && model.Groups.Select(group => group.Classes).SequenceEqual(attributes.Groups.Select(group => group.Classes)))
            return prediction.Labels.Select(label => label.ClassIndex);
        var probabilities = data.Match.ToData(prediction.Probabilities);
        return attributes.Groups.Select((group, i) =>
        {
            var own = probabilities.AsSpan(attributes.Offset(i), group.Classes);
            return own.IndexOf(own.ToArray().Max());
        });
    }
}
