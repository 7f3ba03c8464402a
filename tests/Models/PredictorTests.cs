using Flixstock.Engine;

namespace Flixstock.Tests.Models;

public class PredictorTests
{
    private static string WriteCheckpoint(TResNetOptions? model = null)
    {
        using var backend = Backend.Reference();
        using var network = TinyNetworkGoldenTests.Build(backend, "tiny_a");
        var path = Path.Combine(Path.GetTempPath(), $"predictor-{Guid.NewGuid():N}.safetensors");
        new Checkpoint
        {
            State = network.ToStateDict(),
            Model = model ?? network.Options,
            Attributes = AttributeTable.Garments,
            Preparation = new(64),
        }.Save(path);
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
            Assert.That(
                prediction.Labels.Select(label => label.Attribute),
                Is.EqualTo(AttributeTable.Garments.Groups.Select(group => group.Name)));
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
            Parallel.For(
                0, 24, i => Assert.That(predictor.Predict(pictures[i % 6]).Probabilities, Is.EqualTo(alone[i % 6])));
        }
        File.Delete(path);
    }

    [Test]
    public void WeightsThatAreNotTheDescribedModelsAreRefused()
    {
        var path = WriteCheckpoint(TinyNetworkGoldenTests.Options() with { Width = 0.5 });
        Assert.That(
            () => Predictor.Load(path),
            Throws.TypeOf<InputException>().With.Message.StartsWith(path).And.Message.Contains("of another shape"));
        File.Delete(path);
    }

    [Test]
    public void AnImageSizeTheNetworkCannotTakeIsRefused()
    {
        var path = WriteCheckpoint();
        Assert.That(
            () => Predictor.Load(path, options: new PredictorOptions { Preparation = new(30) }),
            Throws.TypeOf<InputException>().With.Message.Contains("30x30"));
        File.Delete(path);
    }
}
