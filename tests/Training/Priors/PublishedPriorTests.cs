using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>The reference project's prior files as they were published, in tests/golden/priors.</summary>
public class PublishedPriorTests
{
    private static string Flixstock => Golden.PathOf("priors/flixstock_ignore_last_train_avg_preds.csv");

    private static string Coco => Golden.PathOf("priors/prior_fpc_1000.csv");

    private static StateDict Losses => Golden.KeptTensors("loss/csl.safetensors");

    [Test]
    public void TheFileWithRepeatedNamesIsReadByPositionAndExplainedInOneLine()
    {
        var (prior, warning) = PriorFile.Read(Flixstock, 21);
        Assert.That(Above(prior, 0.5f), Is.EqualTo(new[] { 6, 10, 20 }));
        Assert.That(
            new PriorComparison(prior, ClassFrequencies.Of(new ImageDataset(AttributeTable.Garments, []))).Top(3),
            Is.EqualTo(new[] { 10, 20, 6 }));
        Assert.That(warning, Is.EqualTo($"{Flixstock}: 'Neck 0' names 7 rows; rows were taken by position"));
    }

    [Test]
    public void TheStrayLastLineIsNoClass()
    {
        var (prior, warning) = PriorFile.Read(Coco, 80);
        Assert.That((prior.Length, prior[0], prior[79]), Is.EqualTo((80, 0.542279f, 0.050358422f)));
        Assert.That(warning, Is.Null);
    }

    [TestCase(20)]
    [TestCase(22)]
    public void ALengthThatDoesNotFitIsRefusedNamingFileAndBoth(int classes) => Assert.That(
        () => PriorFile.Read(Flixstock, classes),
        Throws.TypeOf<InputException>().With.Message.Contains(Flixstock).And.Message.Contains("21 classes").And.Message
            .Contains($"{classes}"));

    [Test]
    public void ByPositionTheFileGivesTheLossOfItsIntendedReading()
    {
        var (prior, _) = PriorFile.Read(Flixstock, 21);
        AssertLoss("flixstock_B8_prior_fixed", prior);
    }

    [Test]
    public void ByNameAsTheReferenceReadsItTheFileGivesThePublishedLoss()
    {
        // A dictionary keeps the last value of a repeated name at the place of its first: 15 values, which stand for
        // the first 15 classes.
        var values = new List<(string Name, float Value)>();
        foreach (var fields in File.ReadAllLines(Flixstock).Skip(1).Select(line => line.Split(',')))
        {
            var (name, value) = (fields[0], float.Parse(fields[1], System.Globalization.CultureInfo.InvariantCulture));
            var place = values.FindIndex(one => one.Name == name);
            if (place < 0)
                values.Add((name, value));
            else
                values[place] = (name, value);
        }
        Assert.That(values, Has.Count.EqualTo(15));
        float[] prior = [.. values.Select(one => one.Value).Concat(Enumerable.Repeat(0f, 6))];
        Assert.That(Above(prior, 0.5f), Is.EqualTo(new[] { 0, 4, 14 }));
        AssertLoss("flixstock_B8_published_prior_file", prior);
    }

    private static int[] Above(float[] prior, float threshold) =>
        [.. Enumerable.Range(0, prior.Length).Where(k => prior[k] > threshold)];

    private static void AssertLoss(string name, float[] prior)
    {
        var item = Golden.Json("loss/csl.json").GetProperty("cases").EnumerateArray()
            .Single(one => one.GetProperty("name").GetString() == name);
        var id = item.GetProperty("id").GetString();
        using var backend = Backend.Cpu(1);
        var device = backend.Device;
        var shape = new Shape(8, 21);
        var logits = device.FromHost<float>(Losses[id + ".logits"].ToFloats(), shape);
        var labels = device.FromHost<sbyte>(
            Array.ConvertAll(Losses[id + ".targets"].ToIntegers(), label => (sbyte)label), shape, ElementType.Int8);
        var (loss, gradient, weights) = (device.Allocate(new Shape(1)), device.Allocate(shape), device.Allocate(shape));
        // Both cases have the defaults of training.
        backend.Kernels.SelectiveLoss(
            logits, labels, device.FromHost<float>(prior, new Shape(21)), SelectiveLossOptions.Default, loss,
            gradient, weights);
        Assert.That(device.ToHost<float>(weights), Same.As(Losses[id + ".weights"].ToFloats()));
        var expected = item.GetProperty("loss_f32").GetDouble();
        Assert.That(device.ToHost<float>(loss)[0], Is.EqualTo(expected).Within(2e-6 * expected));
    }
}
