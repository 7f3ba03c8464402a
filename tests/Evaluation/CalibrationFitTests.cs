using Flixstock.Engine;

namespace Flixstock.Tests.Evaluation;

public class CalibrationFitTests
{
    private static AttributeTable Three => AttributeTable.OfClasses(["common", "rare", "never"]);

    [Test]
    public void TheTemperatureThatSpoiledTheScoresIsFoundAgain(
        [Values(HeadKind.Sigmoid, HeadKind.Grouped)] HeadKind head, [Values(0.5, 3.0)] double spoiled)
    {
        // Labels drawn from the probabilities themselves: T = 1 fits, up to chance; the same scores times T need T.
        var table = new AttributeTable([new AttributeGroup("A", "a", 4)]);
        var random = new Random(1);
        var logits = TestTensors.Random(4000 * 4, 5, deviation: 2);
        var probabilities = new float[logits.Length];
        new ProbabilityHead(table, head).Apply(logits, probabilities);
        var labels = new sbyte[logits.Length];
        for (var row = 0; row < logits.Length; row += 4)
        {
            var drawn = random.NextDouble();
            for (var k = 0; k < 4; k++)
            {
                labels[row + k] = head == HeadKind.Sigmoid
                    ? (sbyte)(random.NextDouble() < probabilities[row + k] ? 1 : 0)
                    : (sbyte)(drawn >= 0 && (drawn -= probabilities[row + k]) < 0 ? 1 : 0);
            }
        }
        float[] scaled = [.. logits.Select(logit => (float)(logit * spoiled))];
        var plain = CalibrationFit.Fit(logits, labels, table, head).Temperature;
        Assert.That(plain, Is.EqualTo(1).Within(0.06));
        Assert.That(
            CalibrationFit.Fit(scaled, labels, table, head).Temperature,
            Is.EqualTo(plain * spoiled).Within(1e-4 * spoiled), "the same minimum, elsewhere");
        foreach (var other in new[] { 0.9, 1.1 })
        {
            Assert.That(
                CalibrationFit.NegativeLogLikelihood(logits, labels, table, head, plain),
                Is.LessThan(CalibrationFit.NegativeLogLikelihood(logits, labels, table, head, plain * other)));
        }
    }

    [Test]
    public void UnknownLabelsChangeNothing()
    {
        var (logits, labels) = Pictures();
        var expected = CalibrationFit.Fit(logits, labels, Three, HeadKind.Sigmoid);
        float[] others = [.. logits, .. TestTensors.Random(300, 8, 5)];
        sbyte[] more = [.. labels, .. Enumerable.Repeat((sbyte)-1, 300)];
        var actual = CalibrationFit.Fit(others, more, Three, HeadKind.Sigmoid);
        Assert.That(actual.Thresholds, Is.EqualTo(expected.Thresholds));
        Assert.That(actual.Temperature, Is.EqualTo(expected.Temperature));
    }

    [Test]
    public void ThresholdsAreTheBestAndShrinkTowardTheGlobalOneWherePositivesAreFew()
    {
        var (logits, labels) = Pictures();
        var free = CalibrationFit.Fit(logits, labels, Three, HeadKind.Sigmoid, shrinkage: 0);
        var shrunk = CalibrationFit.Fit(logits, labels, Three, HeadKind.Sigmoid, shrinkage: 10);
        var probabilities = new float[logits.Length];
        new ProbabilityHead(Three, HeadKind.Sigmoid, free.Temperature).Apply(logits, probabilities);
        double F1(int k, float threshold)
        {
            float[] all = [0, 0, 0];
            all[k] = threshold;
            var c = ThresholdMetrics.Compute(probabilities, labels, all).Counts[k];
            return PrecisionRecall.Of(c.TruePositives, c.FalsePositives, c.FalseNegatives).F1;
        }
        for (var k = 0; k < 2; k++)
        {
            var best = probabilities.Where((_, i) => i % 3 == k).Max(score => F1(k, score));
            Assert.That(F1(k, free.Thresholds[k]), Is.EqualTo(best).Within(1e-9), $"class {k}");
        }
        var global = free.Thresholds[2]; // never there: nothing of its own
        int Positives(int k) => labels.Where((label, i) => i % 3 == k && label == 1).Count();
        for (var k = 0; k < 3; k++)
        {
            var n = Positives(k);
            Assert.That(
                shrunk.Thresholds[k], Is.EqualTo(((n * free.Thresholds[k]) + (10 * global)) / (n + 10)).Within(1e-6));
        }
        Assert.That(Positives(1), Is.LessThan(Positives(0)));
    }

    [Test]
    public void WithoutPositivesThereIsNothingToFit() =>
        Assert.That(
            () => CalibrationFit.Fit([1, 2, 3], [0, 0, -1], Three, HeadKind.Sigmoid),
            Throws.TypeOf<InputException>().With.Message.Contains("known to be positive"));

    [Test]
    public void ACheckpointKeepsThemAndPredictorsUseThem()
    {
        using var folder = new TemporaryFolder();
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(
            backend, new TResNetOptions { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.25, Classes = 3 });
        network.Initialize(1);
        var path = folder["weights.safetensors"];
        var plain = new Checkpoint
        {
            State = network.ToStateDict(),
            Model = network.Options,
            Attributes = Three,
            Preparation = new(32),
        };
        plain.Save(path);
        var unfitted = File.ReadAllBytes(path);
        var calibration = new ClassCalibration([0.25f, 0, 1], 1.75);
        plain.With(calibration).Save(path);
        var read = Checkpoint.Load(path);
        Assert.That(read.Calibration!.Thresholds, Is.EqualTo(calibration.Thresholds));
        Assert.That(read.Calibration.Temperature, Is.EqualTo(calibration.Temperature));
        read.With(null).Save(path);
        Assert.That(File.ReadAllBytes(path), Same.As(unfitted), "without them the file is what it was");

        var picture = TemporaryFolder.SmallPicture(1);
        using var before = new Predictor(plain, backend);
        using var after = new Predictor(read, backend);
        var (raw, fitted) = (before.Predict(picture), after.Predict(picture));
        double Logit(double p) => Math.Log(p / (1 - p));
        for (var k = 0; k < 3; k++)
            Assert.That(Logit(fitted.Probabilities[k]), Is.EqualTo(Logit(raw.Probabilities[k]) / 1.75).Within(1e-4));
        Assert.That(
            fitted.Labels.Select(label => label.Label), Does.Contain("rare").And.Not.Contain("never"),
            "thresholds 0 and 1");
        Assert.That(fitted.Labels.All(label => label.AboveThreshold == true));
        Assert.That(() => plain.With(new ClassCalibration([0.5f], 1)), Throws.TypeOf<InputException>());
        Assert.That(
            () => plain.With(new ClassCalibration([0.5f, 0.5f, float.NaN], 1)), Throws.TypeOf<InputException>());
        Assert.That(() => plain.With(new ClassCalibration([0.5f, 0.5f, 0.5f], 0)), Throws.TypeOf<InputException>());
    }

    // A class that is often there, one that is seldom, one that never is.
    private static (float[] Logits, sbyte[] Labels) Pictures()
    {
        var random = new Random(2);
        var logits = TestTensors.Random(300 * 3, 4, deviation: 1.5f);
        var labels = new sbyte[logits.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] =
                (sbyte)(i % 3 == 2 ? 0 : random.NextDouble() < 1 / (1 + Math.Exp(-logits[i] + (i % 3 * 3.5))) ? 1 : 0);
        }
        return (logits, labels);
    }
}
