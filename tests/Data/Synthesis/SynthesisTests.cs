using Flixstock.Engine;

namespace Flixstock.Tests.Data;

public class SynthesisTests
{
    [Test]
    public void SameSeedGivesTheSameBytesWithAnyNumberOfWorkers()
    {
        using var one = new TemporaryFolder();
        using var four = new TemporaryFolder();
        using var other = new TemporaryFolder();
        GarmentSynthesizer.Draw(one.Path, new SynthesisOptions { Count = 24, Size = 48, Seed = 7, Workers = 1 });
        GarmentSynthesizer.Draw(four.Path, new SynthesisOptions { Count = 24, Size = 48, Seed = 7, Workers = 4 });
        GarmentSynthesizer.Draw(other.Path, new SynthesisOptions { Count = 24, Size = 48, Seed = 8, Workers = 4 });
        Assert.That(Contents(four.Path), Is.EqualTo(Contents(one.Path)));
        Assert.That(Contents(one.Path), Has.Count.EqualTo(24 + 3), "the pictures, two tables, dataset.json");
        Assert.That(
            Contents(other.Path).Values.Intersect(Contents(one.Path).Values).Count(), Is.EqualTo(1),
            "only dataset.json is the same for another seed");
    }

    [Test]
    public void ThePublishedCountGivesThePublishedNumbersExactly()
    {
        var labels = LabelPlan.Deal(1422, new SeededRandom(3));
        for (var attribute = 0; attribute < 3; attribute++)
        {
            var published = LabelPlan.Published[attribute];
            for (var label = 0; label < published.Length - 1; label++)
                Assert.That(labels.Count(row => row.Written[attribute] == label), Is.EqualTo(published[label]));
            Assert.That(labels.Count(row => row.Written[attribute] < 0), Is.EqualTo(published[^1]));
        }
    }

    [Test]
    public void AnyCountIsDealtOutCompletelyAndWithinOneOfTheProportions([Values(1, 2, 89, 300, 1000, 5003)] int count)
    {
        var labels = LabelPlan.Deal(count, new SeededRandom(1));
        Assert.That(labels, Has.Length.EqualTo(count));
        for (var attribute = 0; attribute < 3; attribute++)
        {
            var published = LabelPlan.Published[attribute];
            for (var label = 0; label < published.Length - 1; label++)
            {
                var exact = published[label] * (double)count / 1422;
                Assert.That(labels.Count(row => row.Written[attribute] == label), Is.EqualTo(exact).Within(1.0));
            }
            Assert.That(
                labels.All(row => row.Written[attribute] < 0 || row.Written[attribute] == row.Drawn[attribute]),
                "what is written is what is drawn");
        }
    }

    [Test]
    public void ThreeHundredPicturesHaveEveryClassSeveralTimes()
    {
        var labels = LabelPlan.Deal(300, new SeededRandom(1));
        for (var attribute = 0; attribute < 3; attribute++)
        {
            for (var label = 0; label < LabelPlan.Published[attribute].Length - 1; label++)
                Assert.That(labels.Count(row => row.Written[attribute] == label), Is.GreaterThanOrEqualTo(3));
        }
    }

    [Test]
    public void TheDataSetLoadsAndItsClassesHaveNames()
    {
        using var folder = new TemporaryFolder();
        GarmentSynthesizer.Draw(folder.Path, new SynthesisOptions { Count = 30, Size = 40 });
        var layout = new DatasetLayout(folder.Path);
        var dataset = GarmentData.Read(layout.CleanedCsv, layout.CleanedImages);
        Assert.That(dataset.Samples, Has.Count.EqualTo(30));
        Assert.That(dataset.Attributes.ClassNames, Does.Contain("Neck turtleneck").And.Contain("Pattern zigzag"));
        foreach (var sample in dataset.Samples)
        {
            var picture = PictureDecoder.Decode(sample.Path);
            Assert.That(Math.Min(picture.Width, picture.Height), Is.InRange(40, 45));
            Assert.That(Math.Max(picture.Width, picture.Height), Is.InRange(40, 50));
        }
    }

    /// <summary>
    /// The same seeds drawn with every class: over 80 looks the mean colour of a class may differ from the mean of all
    /// by what its structure moves (more or less skin), not by a choice of colours. Levels of 255; independent colours
    /// for each class would differ by about 60.
    /// </summary>
    [Test]
    public void ColourSizeAndBackgroundSayNothingAboutTheClass([Values(0, 1, 2)] int attribute)
    {
        int[] typical = [6, 3, 9];
        var means = new List<double[]>();
        for (var label = 0; label < LabelPlan.Published[attribute].Length - 1; label++)
        {
            var classes = typical.ToArray();
            classes[attribute] = label;
            means.Add(MeanColour(classes));
        }
        for (var channel = 0; channel < 3; channel++)
        {
            var all = means.Average(mean => mean[channel]);
            Assert.That(means.Select(mean => mean[channel]), Is.All.EqualTo(all).Within(12));
        }
    }

    [Test]
    public void SizeOfThePictureComesFromTheSeedAlone()
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            var plain = PictureDecoder.Decode(GarmentSynthesizer.DrawOne(6, 3, 9, seed, 40), "plain");
            var printed = PictureDecoder.Decode(GarmentSynthesizer.DrawOne(3, 0, 6, seed, 40), "printed");
            Assert.That((printed.Width, printed.Height), Is.EqualTo((plain.Width, plain.Height)));
        }
    }

    [Test]
    public void OtherDataIsNeverOverwritten()
    {
        using var folder = new TemporaryFolder();
        var options = new SynthesisOptions { Count = 3, Size = 32 };
        GarmentSynthesizer.Draw(folder.Path, options);
        Assert.That(() => GarmentSynthesizer.Draw(folder.Path, options), Throws.TypeOf<InputException>().With.Message
            .Contains("holds a data set already").And.Message.Contains("replace it with overwrite"));
        File.Delete(new DatasetLayout(folder.Path).CleanedCsv); // as a stopped command leaves it
        Assert.That(() => GarmentSynthesizer.Draw(folder.Path, options), Throws.Nothing);
        Assert.That(
            () => GarmentSynthesizer.Draw(folder.Path, options with { Overwrite = true, Count = 2 }), Throws.Nothing);
        Assert.That(
            Directory.GetFiles(new DatasetLayout(folder.Path).CleanedImages), Has.Length.EqualTo(2),
            "nothing of the larger set is left");
        folder.Write("images_cleaned/images/mine.jpg", [1]);
        Assert.That(
            () => GarmentSynthesizer.Draw(folder.Path, options with { Overwrite = true }),
            Throws.TypeOf<InputException>().With.Message.Contains("mine.jpg"));
    }

    [TestCase(0, 64, 1)]
    [TestCase(5, 8, 1)]
    [TestCase(5, 64, -1)]
    public void OptionsOutOfRangeAreNamedBeforeAnythingIsWritten(int count, int size, int workers)
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            () => GarmentSynthesizer.Draw(
                folder["new"], new SynthesisOptions { Count = count, Size = size, Workers = workers }),
            Throws.TypeOf<InputException>());
        Assert.That(Directory.Exists(folder["new"]), Is.False);
    }

    private static double[] MeanColour(int[] classes)
    {
        var sums = new double[3];
        for (var seed = 0UL; seed < 80; seed++)
        {
            var picture = PictureDecoder.Decode(
                GarmentSynthesizer.DrawOne(classes[0], classes[1], classes[2], seed, 32), "drawn");
            for (var i = 0; i < picture.Pixels.Length; i++)
                sums[i % 3] += picture.Pixels[i] / (80.0 * picture.Width * picture.Height);
        }
        return sums;
    }

    private static SortedDictionary<string, string> Contents(string folder) => new(
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetRelativePath(folder, file), file => Convert.ToBase64String(File.ReadAllBytes(file)),
            StringComparer.Ordinal),
        StringComparer.Ordinal);
}
