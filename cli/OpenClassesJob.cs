using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>How to list the classes of pictures.</summary>
/// <param name="Names">Names by identifier, or null.</param>
/// <param name="Threshold">Only classes with a higher probability.</param>
/// <param name="TopK">At most so many, the likeliest.</param>
internal sealed record OpenClassesRequest(IReadOnlyDictionary<string, string>? Names, float Threshold, int TopK);

/// <summary>Lists the likeliest of many classes for each picture, as the reference project does for OpenImages.</summary>
internal static class OpenClassesJob
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static int Run(Session session, InferRequest infer, OpenClassesRequest request, IReadOnlyList<string> files)
    {
        if (infer.Predictor.Attributes.Groups is not [var group])
            throw new InputException("--dataset-type openimages: the model predicts several attributes, not one list of classes; leave the option out");
        var predictions = InferenceJob.Predict(session, infer, files);
        var found = predictions.Select(prediction => Best(prediction.Probabilities, request).Select(k => Describe(group, k, prediction.Probabilities[k], request)).ToList()).ToList();
        if (infer.Json)
            session.Terminal.Line(JsonSerializer.Serialize(files.Select((file, i) => new { picture = file, classes = found[i].Select(item => new { id = item.Id, name = item.Name, probability = item.Probability }) }), Indented));
        else
            Print(session.Terminal, request, files, found);
        return CommandLine.Done;
    }

    private static void Print(Terminal terminal, OpenClassesRequest request, IReadOnlyList<string> files, List<List<(string Id, string Name, float Probability)>> found)
    {
        for (var i = 0; i < files.Count; i++)
        {
            if (found[i].Count == 0)
                terminal.Line($"{Path.GetFileName(files[i])}: no class has a probability above {request.Threshold:0.####}");
            else
                terminal.Table(Path.GetFileName(files[i]), ["class", "id", "probability"], found[i].Select(item => new[] { item.Name, item.Id, item.Probability.ToString("0.0000") }), rightFrom: 2);
        }
    }

    private static IEnumerable<int> Best(float[] probabilities, OpenClassesRequest request) => Enumerable.Range(0, probabilities.Length)
        .OrderByDescending(k => probabilities[k]).Take(request.TopK).Where(k => probabilities[k] > request.Threshold); // a stable sort

    private static (string Id, string Name, float Probability) Describe(AttributeGroup group, int k, float probability, OpenClassesRequest request)
    {
        var id = group.ClassNames?[k] ?? $"{k}";
        return (id, request.Names?.GetValueOrDefault(id) ?? id, probability);
    }
}
