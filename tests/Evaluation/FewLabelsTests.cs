using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests.Evaluation;

/// <summary>What is said, and what is not, where labels are few or one-sided.</summary>
public class FewLabelsTests
{
    private static readonly AttributeTable Two = AttributeTable.OfClasses(["few", "many"]);

    [TestCase(1, 20, "1 positive")]
    [TestCase(3, 20, "3 positives")]
    [TestCase(4, 20, "4 positives")]
    [TestCase(5, 20, null)]
    [TestCase(20, 4, "4 negatives")]
    [TestCase(20, 1, "1 negative")]
    [TestCase(2, 2, "2 positives")]
    [TestCase(20, 5, null)]
    public void AnIntervalTakesFivePositivesAndFiveNegatives(int positives, int negatives, string? none)
    {
        var report = Evaluate(positives, negatives);
        var few = report.Classes[0];
        Assert.That(
            (few.NoInterval, few.Positives, few.Negatives, few.Support),
            Is.EqualTo((none, positives, negatives, Math.Min(positives, negatives))));
        Assert.That(few.AveragePrecision, Is.EqualTo(100).Within(1e-5), "ranked without a mistake");
        Assert.That(
            few.Interval,
            Is.EqualTo(none is null ? new Interval(few.AveragePrecision, few.AveragePrecision) : Interval.Unknown)
                .Using<Interval>(Close));
        var json = JsonDocument.Parse(report.ToJson()).RootElement.GetProperty("classes")[0];
        Assert.That(
            json.GetProperty("interval").GetProperty("low").ValueKind,
            Is.EqualTo(none is null ? JsonValueKind.Number : JsonValueKind.Null));
        Assert.That(
            json.GetProperty("interval").GetProperty("high").ValueKind,
            Is.EqualTo(none is null ? JsonValueKind.Number : JsonValueKind.Null));
        Assert.That(json.GetProperty("noInterval").GetString(), Is.EqualTo(none));
        Assert.That(
            (json.GetProperty("positives").GetInt32(), json.GetProperty("negatives").GetInt32()),
            Is.EqualTo((positives, negatives)));
        Assert.That(report.Classes[1].NoInterval, Is.Null, "the other class has enough");
    }

    [Test]
    public void MeansCountTheLabelsBehindThem()
    {
        var means = Evaluate(3, 20).Means!;
        Assert.That(
            (means.Macro.Positives, means.Macro.NoInterval, means.Micro.NoInterval),
            Is.EqualTo((15L, (string?)null, (string?)null)));
        Assert.That(means.Macro.Interval.Low, Is.Not.NaN);
        // The second class has positives only: the macro mean is of the first one alone, the ranking of all labels is
        // not.
        float[] scores = [.9f, .9f, .8f, .8f, .1f, .7f, .2f, .6f, .3f, .5f, .1f, .4f, .2f, .3f];
        sbyte[] labels = [1, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1];
        means = Evaluator.Evaluate(scores, labels, Two, new EvaluationOptions { Resamples = 100 }).Means!;
        Assert.That(
            (means.Macro.NoInterval, means.Weighted.NoInterval, means.Micro.NoInterval),
            Is.EqualTo(("2 positives", "2 positives", (string?)null)));
        Assert.That(means.Macro.Interval.Low, Is.NaN);
        Assert.That(means.Micro.Interval.Low, Is.Not.NaN);
    }

    [Test]
    public void WithoutPositivesMeansDoNotExist([Values(0, -1)] sbyte label)
    {
        sbyte[] labels = [.. Enumerable.Repeat(label, 8)];
        var report = Evaluator.Evaluate(new float[8], labels, Two, new EvaluationOptions { Resamples = 30 });
        double[] numbers =
        [
            report.MeanAveragePrecision, report.Annotated.Weighted, report.AtThreshold.Macro.F1,
            report.AtThreshold.Macro.Recall, report.AtThreshold.Micro.Precision, report.AtThreshold.Micro.F1,
            report.Overall!.MacroF1, report.Overall.BalancedAccuracy, report.Means!.Micro.Value,
        ];
        Assert.That(numbers, Is.All.NaN);
        Assert.That(
            JsonDocument.Parse(report.ToJson()).RootElement.GetProperty("atThreshold").GetProperty("macro")
                .GetProperty("f1").ValueKind,
            Is.EqualTo(JsonValueKind.Null));
        Assert.That(report.Reference.Printed, Has.Count.EqualTo(6), "the reference's own lines stay as they are");
    }

    [Test]
    public void NothingIsFittedToPositivesAlone()
    {
        float[] logits = [2, 1, -1, 3];
        Assert.That(
            () => CalibrationFit.Fit(logits, [1, 1, -1, 1], Two, HeadKind.Sigmoid),
            Throws.TypeOf<InputException>().With.Message.Contains("every known label is positive"));
        Assert.That(
            () => CalibrationFit.Fit(logits, [0, 0, -1, 0], Two, HeadKind.Sigmoid),
            Throws.TypeOf<InputException>().With.Message.Contains("no label is known to be positive"));
    }

    [Test]
    public void AClassOfPositivesAloneGetsTheThresholdOfAll()
    {
        float[] logits = [2, 5, 1, 4, -1, 3, -2, 2];
        var calibration = CalibrationFit.Fit(logits, [1, 1, 1, 1, 0, 1, 0, 1], Two, HeadKind.Sigmoid, shrinkage: 0);
        var without = CalibrationFit.Fit(logits, [1, 1, 1, 1, 0, 1, 0, 1], Two, HeadKind.Sigmoid, shrinkage: 1e9);
        Assert.That(
            calibration.Thresholds[1],
            Is.EqualTo(without.Thresholds[1]).And.EqualTo(without.Thresholds[0]).Within(1e-6),
            "the best of all classes together");
        Assert.That(calibration.Thresholds[0], Is.InRange(0.2f, 0.8f));
    }

    [TestCase(new double[] { 1, 2, 3, 4, 5 }, 3 - (2.776 * 0.7071068), 3 + (2.776 * 0.7071068))]
    [TestCase(new double[] { 1, 2, double.NaN, 3 }, 2 - (4.303 * 0.5773503), 2 + (4.303 * 0.5773503))]
    public void PairedDifferencesHaveStudentsInterval(double[] differences, double low, double high)
    {
        var interval = PairedInterval.Of(differences)!.Value;
        Assert.That(interval.Low, Is.EqualTo(low).Within(1e-5));
        Assert.That(interval.High, Is.EqualTo(high).Within(1e-5));
    }

    [Test]
    public void FewPairsHaveNoInterval()
    {
        Assert.That(PairedInterval.Of([1, 2]), Is.Null);
        // With many the quantile comes down to the normal's, without a jump where the table ends.
        double Half(int pairs) =>
            PairedInterval.Of([.. Enumerable.Range(0, pairs).Select(i => i % 2 == 0 ? 1.0 : -1)])!.Value.High
            * Math.Sqrt(pairs - 1);
        Assert.That(Half(32), Is.EqualTo(2.0395).Within(0.001));
        Assert.That(Half(100_000), Is.EqualTo(1.96).Within(0.001));
    }

    private static bool Close(Interval a, Interval b) => (double.IsNaN(a.Low) && double.IsNaN(b.Low))
        || (Math.Abs(a.Low - b.Low) < 1e-4 && Math.Abs(a.High - b.High) < 1e-4);

    // The first class as asked for, the second with 12 of each; both ranked without a mistake.
    private static EvaluationReport Evaluate(int positives, int negatives)
    {
        var pictures = Math.Max(24, positives + negatives);
        var (scores, labels) = (new float[2 * pictures], new sbyte[2 * pictures]);
        for (var i = 0; i < pictures; i++)
        {
            labels[2 * i] = (sbyte)(i < positives ? 1 : i < positives + negatives ? 0 : -1);
            labels[(2 * i) + 1] = (sbyte)(i < 24 ? i % 2 : -1);
            (scores[2 * i], scores[(2 * i) + 1]) =
                (labels[2 * i] == 1 ? 0.9f : 0.1f, labels[(2 * i) + 1] == 1 ? 0.9f : 0.1f);
        }
        return Evaluator.Evaluate(scores, labels, Two, new EvaluationOptions { Resamples = 200 });
    }
}
