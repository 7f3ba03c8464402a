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
    public void AFlippedPictureHasTheSameAnswerAndItIsTheMeanOfBoth()
    {
        var path = WriteCheckpoint();
        using var backend = Backend.Cpu(1);
        using (var plain = Predictor.Load(path, backend))
        using (var both = Predictor.Load(path, backend, new PredictorOptions { Flips = true, BatchSize = 2 }))
        {
            var size = plain.Preparation.ImageSize;
            RgbPicture[] pictures = [.. Enumerable.Range(0, 3).Select(i => Noise(size, size, i))];
            RgbPicture[] mirrored = [.. pictures.Select(SplitAugmentation.FlipHorizontally)];
            var (answers, others) = (both.Predict(pictures), both.Predict(mirrored));
            for (var i = 0; i < pictures.Length; i++)
            {
                Assert.That(others[i].Probabilities, Is.EqualTo(answers[i].Probabilities));
                var (one, other) = (plain.Predict(pictures[i]), plain.Predict(mirrored[i]));
                Assert.That(one.Probabilities, Is.Not.EqualTo(other.Probabilities));
                static double Logit(float p) => Math.Log(p / (1 - (double)p));
                Assert.That(
                    answers[i].Probabilities.Select(Logit),
                    Is.EqualTo(one.Probabilities.Zip(other.Probabilities).Select(
                        pair => (Logit(pair.First) + Logit(pair.Second)) / 2)).Within(1e-4));
            }
        }

        Assert.That(
            () => Predictor.Load(path, backend, new PredictorOptions { Flips = true, Explains = true }),
            Throws.TypeOf<InputException>().With.Message.Contains("leave Explains or it out"));
        File.Delete(path);
    }

    [Test]
    public void APredictorThatExplainsGivesAMapForEachLabel()
    {
        var path = WriteCheckpoint();
        using var backend = Backend.Reference();
        using (var plain = Predictor.Load(path, backend))
        using (var predictor = Predictor.Load(path, backend, new PredictorOptions { Explains = true, BatchSize = 2 }))
        using (var checkpoint = Checkpoint.Load(path))
        using (var network = checkpoint.Fold(backend, explains: true))
        using (var cam = new GradCam(network))
        {
            var pictures = Enumerable.Range(0, 3).Select(i => Noise(30 + i, 70, i)).ToArray();
            var predictions = predictor.Predict(pictures);
            for (var i = 0; i < pictures.Length; i++)
            {
                var expected = plain.Predict(pictures[i]);
                Assert.That(expected.Maps, Is.Null);
                Assert.That(predictions[i].Probabilities, Is.EqualTo(expected.Probabilities));
                var classes = predictions[i].ClassNumbers(AttributeTable.Garments).ToList();
                Assert.That(predictions[i].Maps, Has.Count.EqualTo(3));
                for (var label = 0; label < 3; label++)
                {
                    var map = cam.Map(pictures[i], predictor.Preparation, classes[label]);
                    Assert.That(predictions[i].Maps![label].Values, Is.EqualTo(map.Values));
                }
            }
        }
        File.Delete(path);
    }

    [Test]
    public void OfManyIndependentClassesTheLikeliestAreExplained()
    {
        using var backend = Backend.Reference();
        using var network = TinyNetworkGoldenTests.Build(backend, "tiny_a");
        var checkpoint = new Checkpoint
        {
            State = network.ToStateDict(),
            Model = network.Options,
            Attributes = new AttributeTable([new AttributeGroup("Class", "class", 21, Independent: true)]),
            Preparation = new(64),
        };
        var options = new PredictorOptions { Explains = true, Threshold = 0 };
        using var predictor = new Predictor(checkpoint, backend, options);
        var prediction = predictor.Predict(Noise(64, 64, 1));
        Assert.That(prediction.Labels, Has.Count.EqualTo(21));
        Assert.That(prediction.Maps, Has.Count.EqualTo(GradCam.Most));
        Assert.That(
            prediction.ClassNumbers(checkpoint.Attributes),
            Is.EqualTo(prediction.Labels.Select(one => one.ClassIndex)));
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
