using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Options of listing the classes of pictures.</summary>
/// <param name="Names">Names by identifier, or null.</param>
/// <param name="Threshold">Only classes with a higher probability.</param>
/// <param name="TopK">At most this many classes, the likeliest.</param>
internal sealed record OpenClassesRequest(IReadOnlyDictionary<string, string>? Names, float Threshold, int TopK);

/// <summary>
/// Lists the likeliest of many classes for each picture, as the reference project does for OpenImages.
/// </summary>
internal static class OpenClassesJob
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static int Run(Session session, InferRequest infer, OpenClassesRequest request, IReadOnlyList<string> files)
    {
        if (infer.Predictor.Attributes.Groups is not [var group])
        {
            throw new InputException("--dataset-type openimages: the model predicts several attributes, not one list "
                + "of classes; leave the option out");
        }
        var labelled = InferenceJob.Predict(session, infer, files);
        List<(string Id, string Name, float Probability)> Found(Prediction prediction) => [.. Best(
            prediction.Probabilities, request).Select(k => Describe(group, k, prediction.Probabilities[k], request))];
        if (infer.Json)
        {
            session.Terminal.Json(JsonSerializer.Serialize(
                files.Select((file, i) => labelled.Predictions[i] is { } prediction
                    ? Entry(file, Found(prediction))
                    : InferenceJob.FailedEntry(file, labelled.Failures[i])),
                Indented));
        }
        else
        {
            Print(
                session.Terminal, request,
                labelled.Read(ShownNames.Of(files)).Select(one => (one.Item, Found(one.Prediction))));
        }
        return InferenceJob.Conclude(session, infer, labelled);
    }

    private static object Entry(string file, List<(string Id, string Name, float Probability)> found) =>
        new
        {
            picture = file,
            classes = found.Select(item => new { id = item.Id, name = item.Name, probability = item.Probability }),
        };

    private static void Print(
        Terminal terminal, OpenClassesRequest request,
        IEnumerable<(string Name, List<(string Id, string Name, float Probability)> Found)> pictures)
    {
        foreach (var (name, found) in pictures)
        {
            if (found.Count == 0)
            {
                terminal.Line($"{name}: no class has a probability above {request.Threshold:0.####}");
            }
            else
            {
                terminal.Table(
                    name, ["class", "id", "probability"],
                    found.Select(item => new[] { item.Name, item.Id, item.Probability.ToString("0.0000") }),
                    rightFrom: 2);
            }
        }
    }

    private static IEnumerable<int> Best(float[] probabilities, OpenClassesRequest request) =>
        Enumerable.Range(0, probabilities.Length).OrderByDescending(k => probabilities[k]).Take(request.TopK)
            .Where(k => probabilities[k] > request.Threshold); // a stable sort

    private static (string Id, string Name, float Probability) Describe(
        AttributeGroup group, int k, float probability, OpenClassesRequest request)
    {
        var id = group.ClassNames?[k] ?? $"{k}";
        return (id, request.Names?.GetValueOrDefault(id) ?? id, probability);
    }
}
