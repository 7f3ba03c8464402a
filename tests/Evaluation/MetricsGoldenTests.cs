using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests.Evaluation;

public class MetricsGoldenTests
{
    private static IEnumerable<TestCaseData> Files => Golden.Cases(
        () => Directory.GetFiles(Golden.PathOf("metrics"), "*.json").Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal));

    [TestCaseSource(nameof(Files))]
    public void AveragePrecisionIsTheReferences(string file)
    {
        var golden = Golden.Json("metrics/" + file);
        var (scores, labels, classes) = Read(golden);
        var ap = AveragePrecision.UnknownAsNegative(scores, labels, classes);
        var partial = AveragePrecision.Annotated(scores, labels, classes);
        // percent: 1e-9 of AP
        Assert.That(
            100 * ap.Average(), Is.EqualTo(golden.GetProperty("mAP_stable_desc_index").GetDouble()).Within(1e-7));
        Assert.That(
            partial.WithoutPositives,
            Is.EqualTo(golden.GetProperty("AP_partial").GetProperty("cnt_class_with_no_pos").GetInt32()));
        Assert.That(
            partial.WithoutNegatives,
            Is.EqualTo(golden.GetProperty("AP_partial").GetProperty("cnt_class_with_no_neg").GetInt32()));
        Assert.That(
            partial.WithoutLabels,
            Is.EqualTo(golden.GetProperty("AP_partial").GetProperty("cnt_class_with_no_labels").GetInt32()));
        if (golden.GetProperty("classes_with_tied_scores").GetArrayLength() > 0)
        {
            // numpy's order of ties is arbitrary; ours is the mean over all orders, which lies between the extremes
            // where nothing is unknown.
            var range = Doubles(golden.GetProperty("mAP_range_over_tie_orders"));
            if (!labels.Contains((sbyte)-1))
                Assert.That(partial.Map, Is.InRange(range[0], range[1]));
            return;
        }
        Assert.That(
            partial.Map,
            Is.EqualTo(golden.GetProperty("AP_partial").GetProperty("map_stable_desc_index").GetDouble()).Within(1e-7));
        Assert.That(
            partial.Weighted,
            Is.EqualTo(golden.GetProperty("AP_partial").GetProperty("map_macro").GetDouble()).Within(1e-7));
        Assert.That(ap, Is.EqualTo(Doubles(golden.GetProperty("ap_numpy"))).Within(1e-9));
        Assert.That(partial.Ap, Is.EqualTo(Doubles(golden.GetProperty("AP_partial").GetProperty("ap"))).Within(1e-9));
    }

    [TestCaseSource(nameof(Files))]
    public void ReferenceLinesAreReproducedToTheDigit(string file)
    {
        var golden = Golden.Json("metrics/" + file);
        var (scores, labels, classes) = Read(golden);
        var validate = golden.GetProperty("validate");
        var metrics = ReferenceMetrics.Compute(
            scores, labels, classes, (float)validate.GetProperty("threshold").GetDouble());
        Assert.That(
            metrics.Printed,
            Is.EqualTo(validate.GetProperty("printed").EnumerateArray().Select(text => text.GetString())));
        Assert.That(
            metrics.Counts.Select(c => (double)c.FalsePositives), Is.EqualTo(Doubles(validate.GetProperty("fp"))));
        Assert.That(
            metrics.Counts.Select(c => (double)c.TrueNegatives), Is.EqualTo(Doubles(validate.GetProperty("tn"))));
        Assert.That(metrics.PrecisionPerClass, Is.EqualTo(validate.GetProperty("P_C").GetDouble()).Within(1e-4));
    }

    [Test]
    public void AttributesAreJudgedByTheirHighestScoreBesideTheCommonestClass()
    {
        var table = new AttributeTable([new AttributeGroup("A", "a", 2)]);
        // Truth 0, 0, 0, 1, unknown; predicted 0, 0, 1, 1, 0.
        float[] scores = [.9f, .1f, .8f, .3f, .2f, .4f, .1f, .9f, .9f, .1f];
        sbyte[] labels = [1, 0, 1, 0, 1, 0, 0, 1, -1, -1];
        var report = Evaluator.Evaluate(scores, labels, table, new EvaluationOptions());
        var metrics = report.Attributes[0];
        Assert.That(metrics.Annotated, Is.EqualTo(4));
        Assert.That(metrics.Accuracy, Is.EqualTo(75));
        Assert.That(metrics.BalancedAccuracy, Is.EqualTo((200.0 / 3 + 100) / 2).Within(1e-9));
        Assert.That(metrics.MacroF1, Is.EqualTo((80 + 200.0 / 3) / 2).Within(1e-9));
        Assert.That(metrics.CommonestAccuracy, Is.EqualTo(75));
        Assert.That(metrics.CommonestBalancedAccuracy, Is.EqualTo(50));
        Assert.That(
            JsonDocument.Parse(report.ToJson()).RootElement.GetProperty("meanAveragePrecision").GetDouble(),
            Is.EqualTo(report.MeanAveragePrecision));
    }

    private static (float[] Scores, sbyte[] Labels, int Classes) Read(JsonElement golden) => (
        [.. golden.GetProperty("scores").EnumerateArray().SelectMany(row => row.EnumerateArray())
            .Select(value => (float)value.GetDouble())],
        [.. golden.GetProperty("targets").EnumerateArray().SelectMany(row => row.EnumerateArray())
            .Select(value => (sbyte)value.GetDouble())],
        golden.GetProperty("C").GetInt32());

    private static double[] Doubles(JsonElement list) => [.. list.EnumerateArray().Select(value => value.GetDouble())];
}
