using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>
/// Class-distribution-aware pseudo-labels against those of NumPy, made by <c>tools/peers/cap_numbers.py</c>.
/// </summary>
public sealed class CapNumbersTests
{
    private static IEnumerable<TestCaseData> Cases() => Golden.Cases(
        () => Golden.Json("loss/cap.json").GetProperty("cases").EnumerateArray()
            .Select((item, i) => new TestCaseData(item).SetArgDisplayNames($"case {i}")),
        new object?[] { default(JsonElement) });

    [TestCaseSource(nameof(Cases))]
    public void TheHighestAndLowestScoresAreLabelled(JsonElement item)
    {
        var file = Golden.Json("loss/cap.json");
        var (classes, logits) = (file.GetProperty("classes").GetInt32(), Numbers(file, "logits"));
        var names = Enumerable.Range(0, classes).Select(k => $"class {k}").ToList();
        var labels = Numbers(file, "labels").Select(label => (sbyte)label).Chunk(classes)
            .Select((own, i) => new Sample($"{i}.png", $"{i}.png", own)).ToList();
        var data = new ImageDataset(AttributeTable.OfClasses(names), labels);
        var prior = item.GetProperty("prior").GetBoolean() ? Numbers(file, "prior") : null;
        var rule = new CapRule(
            new CapOptions(item.GetProperty("positives").GetDouble(), item.GetProperty("negatives").GetDouble(), 1),
            ClassShares.Of(data, prior), epochs: 2);
        Assert.That(rule.Note, prior is null ? Does.StartWith("1 of 5 classes get no pseudo-labels") : Is.Null);
        var table = new SelfLabelTable(labels, classes, soft: false);
        // What an epoch before has labelled does not stay.
        rule.EndEpoch(1, [.. logits.Select(logit => -logit)], table);
        rule.EndEpoch(1, logits, table);
        Assert.That(
            Pseudo(table, labels), Is.EqualTo(Numbers(item, "pseudo").Select(label => (sbyte)label)));
    }

    // What a step reads, without what was annotated.
    private static IEnumerable<sbyte> Pseudo(SelfLabelTable table, List<Sample> samples)
    {
        var read = new sbyte[samples.Count * table.Classes];
        table.CopyLabels([.. Enumerable.Range(0, samples.Count)], read);
        var annotated = samples.SelectMany(sample => sample.Labels.ToArray());
        return read.Zip(annotated, (label, known) => known >= 0 ? (sbyte)-1 : label);
    }

    private static float[] Numbers(JsonElement file, string name) =>
        [.. file.GetProperty(name).EnumerateArray().Select(number => (float)number.GetDouble())];
}
