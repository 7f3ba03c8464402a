using Flixstock.Engine;

namespace Flixstock.Tests.Models;

public class PredictorTests
{
    private static string WriteCheckpoint(Action<StateDict>? change = null)
    {
        using var backend = Backend.Reference();
        using var network = TinyNetworkGoldenTests.Build(backend, "tiny_a");
        var state = network.ToStateDict();
        new ModelDescription(network.Options, AttributeTable.Garments, 64).WriteTo(state.Metadata);
        change?.Invoke(state);
        var path = Path.Combine(Path.GetTempPath(), $"predictor-{Guid.NewGuid():N}.safetensors");
        SafetensorsFile.Write(path, state);
        return path;
    }

    private static RgbPicture Noise(int width, int height, int seed)
    {
        var picture = new RgbPicture(width, height);
        new Random(seed).NextBytes(picture.Pixels);
        return picture;
    }

    [Test]
    public void ACheckpointAndAPictureGiveALabelForEachAttribute()
    {
        var path = WriteCheckpoint();
        using var backend = Backend.Reference();
        using (var predictor = Predictor.Load(path, backend))
        {
            var prediction = predictor.Predict(Noise(50, 90, 1));
            Assert.That(prediction.Labels.Select(label => label.Attribute), Is.EqualTo(AttributeTable.Garments.Groups.Select(group => group.Name)));
            var pattern = prediction.Labels[2];
            var own = prediction.Probabilities[11..21];
            Assert.That(pattern.Confidence, Is.EqualTo(own.Max()));
            Assert.That(pattern.ClassIndex, Is.EqualTo(Array.IndexOf(own, own.Max())));
            Assert.That(pattern.Label, Is.EqualTo(AttributeTable.Garments.ClassNames[11 + pattern.ClassIndex]));
        }
        File.Delete(path);
    }

    [Test]
    public void ThreadsGetTheAnswersTheyWouldGetAlone()
    {
        var path = WriteCheckpoint();
        using var backend = Backend.Reference();
        using (var predictor = Predictor.Load(path, backend, new PredictorOptions { BatchSize = 2 }))
        {
            var pictures = Enumerable.Range(0, 6).Select(i => Noise(30 + i, 40, i)).ToArray();
            var alone = pictures.Select(picture => predictor.Predict(picture).Probabilities).ToArray();
            Assert.That(predictor.Predict(pictures).Select(prediction => prediction.Probabilities), Is.EqualTo(alone));
            Parallel.For(0, 24, i => Assert.That(predictor.Predict(pictures[i % 6]).Probabilities, Is.EqualTo(alone[i % 6])));
        }
        File.Delete(path);
    }

    [Test]
    public void AFileThatIsNoCheckpointIsNamedWithWhatIsMissing()
    {
        var path = WriteCheckpoint(state => state.Metadata.Remove("model"));
        Assert.That(() => Predictor.Load(path), Throws.TypeOf<InputException>().With.Message.StartsWith(path).And.Message.Contains("'model'"));
        File.Delete(path);
    }

    [Test]
    public void WeightsOfAnotherClassCountAreRefused()
    {
        var path = WriteCheckpoint(state => state.Metadata["model"] = (TinyNetworkGoldenTests.Options() with { Width = 0.5 }).ToJson());
        Assert.That(() => Predictor.Load(path), Throws.TypeOf<InputException>().With.Message.Contains("of another shape"));
        File.Delete(path);
    }
}
