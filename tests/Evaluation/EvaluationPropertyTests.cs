using Flixstock.Engine;

namespace Flixstock.Tests.Evaluation;

/// <summary>
/// What every metric must be whatever the numbers: independent of the order of the pictures and of scores where nothing
/// is known, and the reference's where all is.
/// </summary>
public class EvaluationPropertyTests
{
    private const int Pictures = 60, Classes = 5;

    private static AttributeTable Independent => AttributeTable.OfClasses(["a", "b", "c", "d", "e"]);

    private static AttributeTable Exclusive => new([new AttributeGroup("A", "a", 2), new AttributeGroup("B", "b", 3)]);

    private static IEnumerable<TestCaseData> Sets()
    {
        foreach (var seed in new[] { 1, 2, 3 })
        {
            foreach (var ties in new[] { false, true })
                yield return new TestCaseData(seed, ties);
        }
    }

    [TestCaseSource(nameof(Sets))]
    public void TheOrderOfThePicturesDoesNotMatter(int seed, bool ties)
    {
        var (scores, labels) = Draw(seed, unknown: 0.4, ties);
        var order = Enumerable.Range(0, Pictures).ToArray();
        new Random(seed).Shuffle(order);
        float[] otherScores = [.. order.SelectMany(i => scores[(i * Classes)..((i + 1) * Classes)])];
        sbyte[] otherLabels = [.. order.SelectMany(i => labels[(i * Classes)..((i + 1) * Classes)])];
        AssertSame(Evaluate(otherScores, otherLabels), Evaluate(scores, labels));
    }

    [TestCaseSource(nameof(Sets))]
    public void ScoresOfUnknownLabelsDoNotMatter(int seed, bool ties)
    {
        var (scores, labels) = Draw(seed, unknown: 0.4, ties);
        var random = new Random(seed + 100);
        float[] others = [.. scores.Select((score, i) => labels[i] < 0 ? random.NextSingle() : score)];
        Assert.That(others, Is.Not.EqualTo(scores));
        AssertSame(Evaluate(others, labels), Evaluate(scores, labels));
    }

    [TestCaseSource(nameof(Sets))]
    public void WhereNothingIsUnknownTheyAreTheReferences(int seed, bool ties)
    {
        if (ties)
            return; // the reference's order of ties is arbitrary
        var (scores, labels) = Draw(seed, unknown: 0, ties: false);
        var report = Evaluate(scores, labels);
        Assert.That(report.Means!.Macro.Value, Is.EqualTo(report.ReferenceMeanAveragePrecision).Within(1e-9));
        Assert.That(report.ReferenceNumbers["mAP"], Is.EqualTo(report.ReferenceNumbers["mAP_partial"]).Within(1e-9));
        // it divides in single precision
        Assert.That(report.AtThreshold.Micro.Precision, Is.EqualTo(report.ReferenceNumbers["P_O"]).Within(1e-4));
        Assert.That(report.AtThreshold.Micro.Recall, Is.EqualTo(report.ReferenceNumbers["R_O"]).Within(1e-4));
        for (var k = 0; k < Classes; k++)
        {
            Assert.That(
                report.Classes[k].AveragePrecision,
                Is.EqualTo(report.Classes[k].ReferenceAveragePrecision).Within(1e-9));
        }
    }

    [Test]
    public void EveryExclusiveNumberAgreesToo()
    {
        var (scores, labels) = Draw(4, unknown: 0.3, ties: false);
        for (var i = 0; i < Pictures; i++)
            Exclusive.Labels([i % 5 == 0 ? -1 : i % 2, i % 3]).CopyTo(labels, i * Classes);
        var order = Enumerable.Range(0, Pictures).Reverse().ToArray();
        var report = Evaluator.Evaluate(scores, labels, Exclusive, new EvaluationOptions());
        var other = Evaluator.Evaluate(
            [.. order.SelectMany(i => scores[(i * Classes)..((i + 1) * Classes)])],
            [.. order.SelectMany(i => labels[(i * Classes)..((i + 1) * Classes)])], Exclusive, new EvaluationOptions());
        Assert.That(other.Attributes, Is.EqualTo(report.Attributes));
    }

    [Test]
    public void TiesCountAsTheMeanOverAllTheirOrders([Values(1, 2, 3)] int positives)
    {
        // 3 tied labels between one that is there, above, and one that is not, below: every order of the three by hand.
        float[] scores = [0.9f, 0.5f, 0.5f, 0.5f, 0.1f];
        sbyte[] labels =
        [
            1, .. Enumerable.Repeat((sbyte)1, positives), .. Enumerable.Repeat((sbyte)0, 3 - positives), 0,
        ];
        int[][] orders = [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]];
        var expected = orders.Average(order =>
        {
            sbyte[] ranked = [labels[0], labels[order[0]], labels[order[1]], labels[order[2]], labels[4]];
            var (found, sum) = (0, 0.0);
            for (var i = 0; i < ranked.Length; i++)
                sum += ranked[i] == 1 ? ++found / (i + 1.0) : 0;
            return sum / (positives + 1 + 1e-8);
        });
        Assert.That(AveragePrecision.Annotated(scores, labels, 1).Ap[0], Is.EqualTo(expected).Within(1e-12));
    }

    [Test]
    public void SmallCasesByHand()
    {
        // Class a: scores .9 .8 .6 .3 unknown, labels 1 0 1 0: AP = (1/1 + 2/3) / 2. Class b: one positive at rank 2 of
        // 3: 1/2.
        float[] scores = [.9f, .2f, .8f, .7f, .6f, .4f, .3f, .99f, .5f, .5f];
        sbyte[] labels = [1, 0, 0, 0, 1, 1, 0, -1, -1, -1];
        var report = Evaluator.Evaluate(
            scores, labels, AttributeTable.OfClasses(["a", "b"]), new EvaluationOptions { Threshold = 0.65f });
        var (a, b) = (report.Classes[0], report.Classes[1]);
        Assert.That((a.Positives, a.Negatives, a.Unknown), Is.EqualTo((2, 2, 1)));
        Assert.That((b.Positives, b.Negatives, b.Unknown), Is.EqualTo((1, 2, 2)));
        Assert.That(a.AveragePrecision, Is.EqualTo(100 * (1 + (2 / 3.0)) / 2).Within(1e-5)); // the reference's 1e-8
        Assert.That(b.AveragePrecision, Is.EqualTo(50).Within(1e-5));
        Assert.That(report.Means!.Macro.Value, Is.EqualTo((a.AveragePrecision + b.AveragePrecision) / 2).Within(1e-9));
        Assert.That(
            report.Means.Weighted.Value, Is.EqualTo(((2 * a.AveragePrecision) + b.AveragePrecision) / 3).Within(1e-9));
        // Together .9+ .8- .7- .6+ .4+ .3- .2-: positives at ranks 1, 4, 5.
        Assert.That(report.Means.Micro.Value, Is.EqualTo(100 * (1 + (2 / 4.0) + (3 / 5.0)) / 3).Within(1e-5));
        // Above .65: a: one of two there, one of two not there; b: none there, one of two not there predicted.
        Assert.That(a.F1, Is.EqualTo(50));
        Assert.That(a.BalancedAccuracy, Is.EqualTo(50));
        Assert.That(b.F1, Is.Zero);
        Assert.That(b.BalancedAccuracy, Is.EqualTo(25));
        Assert.That(report.Overall!.MacroF1, Is.EqualTo(25));
        Assert.That(report.Overall.BalancedAccuracy, Is.EqualTo(37.5));
        // Every label in a bin of its own: the mean distance from its label.
        Assert.That(a.CalibrationError, Is.EqualTo(100 * (.1 + .8 + .4 + .3) / 4).Within(1e-5));
        Assert.That(b.CalibrationError, Is.EqualTo(100 * (.2 + .7 + .6) / 3).Within(1e-5));
        Assert.That(
            report.Overall.MeanCalibrationError,
            Is.EqualTo((a.CalibrationError + b.CalibrationError) / 2).Within(1e-9));
    }

    [Test]
    public void CalibrationErrorWeighsBinsByTheirLabels()
    {
        // Bins of 1/15. .81 and .82 share one: mean .815, one of two there. .1 is alone, and 1 belongs to the last.
        float[] probabilities = [.81f, .82f, .1f, 1, .5f];
        sbyte[] labels = [1, 0, 0, 1, -1];
        Assert.That(
            CalibrationError.Overall(probabilities, labels), Is.EqualTo((2 * (.815 - .5) + .1 + 0) / 4).Within(1e-6));
        Assert.That(CalibrationError.Overall([.5f], [-1]), Is.NaN);
    }

    [Test]
    public void AClassWithoutPositivesOrNegativesHasNoNumbersAndTheJsonSaysNull()
    {
        float[] scores = [.9f, .1f, .5f, .8f, .2f, .5f];
        sbyte[] labels = [1, 0, -1, 1, 1, -1];
        var report = Evaluator.Evaluate(
            scores, labels, AttributeTable.OfClasses(["there", "both", "unknown"]),
            new EvaluationOptions { Resamples = 50 });
        Assert.That(
            report.Classes.Select(c => double.IsNaN(c.AveragePrecision)), Is.EqualTo(new[] { true, false, true }));
        Assert.That(report.Classes[2].CalibrationError, Is.NaN);
        var json = System.Text.Json.JsonDocument.Parse(report.ToJson()).RootElement;
        Assert.That(
            json.GetProperty("classes")[0].GetProperty("averagePrecision").ValueKind,
            Is.EqualTo(System.Text.Json.JsonValueKind.Null));
        Assert.That(json.GetProperty("classes")[1].GetProperty("positives").GetInt32(), Is.EqualTo(1));
        Assert.That(
            json.GetProperty("referenceNumbers").GetProperty("mAP").GetDouble(),
            Is.EqualTo(report.ReferenceMeanAveragePrecision));
        foreach (var key in new[]
        {
            "pictures", "classNames", "meanAveragePrecision", "referenceMeanAveragePrecision", "annotated",
            "referenceAp", "atThreshold", "reference", "attributes",
        })
        {
            Assert.That(json.TryGetProperty(key, out _), key);
        }
    }

    [Test]
    public void IntervalsContainTheEstimateAndDoNotDependOnTheThreads([Values(1, 2, 3)] int seed)
    {
        // Several draws, so that every class has labels enough for an interval.
        var drawn = Enumerable.Range(0, 4).Select(i => Draw(seed + (10 * i), unknown: 0.5, ties: seed == 2)).ToList();
        float[] scores = [.. drawn.SelectMany(set => set.Scores)];
        sbyte[] labels = [.. drawn.SelectMany(set => set.Labels)];
        var options = new EvaluationOptions { Resamples = 300, Seed = (ulong)seed };
        var report = Evaluator.Evaluate(scores, labels, Independent, options);
        Assert.That(report.Classes.Select(c => c.NoInterval), Is.All.Null);
        foreach (var estimate in report.Classes.Select(c => new Estimate(c.AveragePrecision, c.Interval))
            .Concat([report.Means!.Macro, report.Means.Weighted, report.Means.Micro]))
        {
            Assert.That(estimate.Interval.Low, Is.LessThanOrEqualTo(estimate.Value).And.GreaterThanOrEqualTo(0));
            Assert.That(estimate.Interval.High, Is.GreaterThanOrEqualTo(estimate.Value).And.LessThanOrEqualTo(100));
            Assert.That(estimate.Interval.High - estimate.Interval.Low, Is.GreaterThan(0.1));
        }
        Assert.That(
            Evaluator.Evaluate(scores, labels, Independent, options).ToJson(), Is.EqualTo(report.ToJson()),
            "the same seed, the same intervals");
        Assert.That(
            Evaluator.Evaluate(scores, labels, Independent, options with { Seed = 99 }).Means!.Macro.Interval,
            Is.Not.EqualTo(report.Means!.Macro.Interval));
    }

    [Test]
    public void IntervalsShrinkWithTheNumberOfPictures()
    {
        double Width(int copies)
        {
            var drawn = Enumerable.Range(0, copies).Select(i => Draw(50 + i, unknown: 0.3, ties: false)).ToList();
            float[] scores = [.. drawn.SelectMany(set => set.Scores)];
            sbyte[] labels = [.. drawn.SelectMany(set => set.Labels)];
            var macro = Evaluator.Evaluate(
                scores, labels, Independent, new EvaluationOptions { Resamples = 300 }).Means!.Macro.Interval;
            return macro.High - macro.Low;
        }
        // 16 times the pictures: a quarter of the width, give or take.
        Assert.That(Width(16), Is.InRange(Width(1) / 8, Width(1) / 2));
    }

    [Test]
    public void AThresholdOfItsOwnForEachClass()
    {
        float[] scores = [.9f, .2f, .4f, .1f];
        sbyte[] labels = [1, 1, 1, 0];
        var table = AttributeTable.OfClasses(["a", "b"]);
        var report = Evaluator.Evaluate(scores, labels, table, new EvaluationOptions { Thresholds = [0.3f, 0.15f] });
        Assert.That(report.Classes.Select(c => c.F1), Is.EqualTo(new[] { 100.0, 100 }));
        Assert.That(
            () => Evaluator.Evaluate(scores, labels, table, new EvaluationOptions { Thresholds = [0.3f] }),
            Throws.TypeOf<InputException>().With.Message.Contains("1 thresholds for 2 classes"));
    }

    private static EvaluationReport Evaluate(float[] scores, sbyte[] labels) =>
        Evaluator.Evaluate(scores, labels, Independent, new EvaluationOptions { Threshold = 0.6f });

    private static void AssertSame(EvaluationReport actual, EvaluationReport expected)
    {
        double[] Numbers(EvaluationReport report) =>
        [
            report.MeanAveragePrecision, report.Annotated.Weighted, report.Means!.Macro.Value,
            report.Means.Weighted.Value, report.Means.Micro.Value, report.Overall!.MacroF1,
            report.Overall.BalancedAccuracy, report.Overall.CalibrationError, report.Overall.MeanCalibrationError,
            .. report.Classes.SelectMany(c => new[]
            {
                c.Positives, c.Negatives, c.Unknown, c.AveragePrecision, c.F1, c.BalancedAccuracy, c.CalibrationError,
            }),
        ];
        Assert.That(Numbers(actual), Is.EqualTo(Numbers(expected)).Within(1e-9)); // sums in another order
    }

    // Scores that know something about the labels; every class has both kinds.
    private static (float[] Scores, sbyte[] Labels) Draw(int seed, double unknown, bool ties)
    {
        var random = new Random(seed);
        var scores = new float[Pictures * Classes];
        var labels = new sbyte[scores.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            var there = random.NextDouble() < 0.1 + (0.15 * (i % Classes));
            var score = Math.Clamp(
                (there ? 0.6 : 0.4) + (0.25 * (random.NextDouble() + random.NextDouble() - 1)), 0, 1);
            scores[i] = (float)(ties ? Math.Round(score, 1) : score);
            labels[i] = (sbyte)(random.NextDouble() < unknown ? -1 : there ? 1 : 0);
        }
        for (var k = 0; k < Classes; k++)
            (labels[k], labels[Classes + k], labels[(2 * Classes) + k], labels[(3 * Classes) + k]) = (1, 0, 1, 0);
        return (scores, labels);
    }
}
