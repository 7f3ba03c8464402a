using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>Every kind of fault, planted in a sound data set, is found where it is, and nothing else is.</summary>
public class DatasetCheckerTests
{
    private static IEnumerable<TestCaseData> Plants()
    {
        yield return Plant("missing", FaultKind.Missing, "p3.jpg", folder => File.Delete(folder["images/p3.jpg"]));
        yield return Plant("a text", FaultKind.Unreadable, "p3.jpg", folder => folder.Write("images/p3.jpg", "hello"));
        yield return Plant("nothing", FaultKind.Unreadable, "p3.jpg", folder => folder.Write("images/p3.jpg", ""));
        yield return Plant(
            "cut", FaultKind.Truncated, "p3.jpg", folder => folder.Write("images/p3.jpg", Picture(3)[..^200]));
        yield return Plant(
            "tiny", FaultKind.Tiny, "p3.jpg",
            folder => folder.Write("images/p3.jpg", PictureWriter.EncodeJpeg(Noise(3, 30, 200))));
        yield return Plant(
            "a copy in training", FaultKind.Duplicate, "p5.jpg",
            folder => folder.Write("images/p5.jpg", Picture(3)), "p3.jpg");
        yield return Plant(
            "a copy with other labels", FaultKind.Contradiction, "p4.jpg",
            folder => folder.Write("images/p4.jpg", Picture(3)), "p3.jpg");
        yield return Plant(
            "compressed anew", FaultKind.NearDuplicate, "p5.jpg",
            folder => folder.Write("images/p5.jpg", PictureWriter.EncodeJpeg(Noise(3), 60)), "p3.jpg");
        yield return Plant(
            "made smaller", FaultKind.NearDuplicate, "p5.jpg",
            folder => folder.Write("images/p5.jpg", Smaller(3)), "p3.jpg");
        yield return Plant(
            "a copy in validation", FaultKind.Leak, "p9.jpg", folder => folder.Write("images/p9.jpg", Picture(3)),
            "p3.jpg of train");
        yield return Plant(
            "alike in validation", FaultKind.Leak, "p9.jpg", folder => folder.Write("images/p9.jpg", Smaller(3)),
            "p3.jpg of train");
        yield return Plant("a class of none", FaultKind.EmptyClass, "stone", folder =>
        {
            foreach (var part in new[] { "train", "val" })
            {
                folder.Write($"{part}.csv", string.Join('\n', File.ReadAllLines(folder[$"{part}.csv"])
                    .Select((line, i) => line + (i == 0 ? ",stone" : part == "train" ? ",0" : ",1"))) + "\n");
            }
        });
    }

    [Test]
    public void ASoundDataSetHasNoFaults()
    {
        using var folder = Sound();
        var report = Check(folder);
        Assert.That(report.Faults, Is.Empty);
        Assert.That(report.Pictures, Is.EqualTo(12));
    }

    [TestCaseSource(nameof(Plants))]
    public void APlantedFaultIsFound(FaultKind kind, string file, object plant, string detail)
    {
        using var folder = Sound();
        ((Action<TemporaryFolder>)plant)(folder);
        var report = Check(folder);
        Assert.That(report.Faults.Select(fault => (fault.Kind, fault.File)), Is.EqualTo(new[] { (kind, file) }));
        Assert.That(report.Faults[0].Detail, Does.Contain(detail));
        Assert.That(report.Faults[0].Remedy, Is.Not.Empty);
        Assert.That(report.ToCsv().Split('\n')[1], Does.StartWith($"{file},").And.Contain(report.Faults[0].KindName));
    }

    [Test]
    public void LabelsThatContradictAGroupAreFound()
    {
        using var folder = new TemporaryFolder();
        folder.Write(
            "dataset.json",
            """{"attributes": [{"name": "Neck", "column": "neck", "classes": 3, "classNames": ["a", "b", "c"]}]}""");
        folder.Write(
            "train.csv",
            "filename,Neck a,Neck b,Neck c\np0.jpg,1,1,\np1.jpg,0,0,0\np2.jpg,1,,\np3.jpg,,1,\np4.jpg,,,1\n");
        for (var i = 0; i < 5; i++)
            folder.Write($"images/p{i}.jpg", Picture(i));
        Assert.That(
            Check(folder).Faults.Select(fault => (fault.Kind, fault.File)),
            Is.EqualTo(new[] { (FaultKind.Contradiction, "p0.jpg"), (FaultKind.Contradiction, "p1.jpg") }));
        Assert.That(() => new DatasetSource(folder.Path).Load("train"), Throws.InstanceOf<InputException>().With.Message
            .Contains("row 2").And.Message.Contains("2 classes of Neck"));
    }

    [Test]
    public void CopiesThatTheSplitMakesAreNoFaults()
    {
        using var folder = Sound();
        var rows = File.ReadAllText(folder["train.csv"]);
        folder.Write(
            "train.csv", rows + rows.Split('\n')[4].Replace("p3.jpg", "p3_aug_1.jpg", StringComparison.Ordinal) + "\n");
        folder.Write("train.csv", File.ReadAllText(folder["train.csv"]) + "p3_aug_2.jpg,1,0,1\n");
        folder.Write("images/p3_aug_1.jpg", Smaller(3));
        folder.Write("images/p3_aug_2.jpg", Smaller(3));
        Assert.That(Check(folder).Faults, Is.Empty);
    }

    [Test]
    public void TheNumberOfThreadsChangesNothing()
    {
        using var folder = Sound();
        foreach (var i in new[] { 2, 4, 6, 9 })
            folder.Write($"images/p{i}.jpg", Picture(1));
        var one = new DatasetChecker(new DatasetSource(folder.Path), new CheckOptions { Workers = 1 }).Run();
        var four = new DatasetChecker(new DatasetSource(folder.Path), new CheckOptions { Workers = 4 }).Run();
        Assert.That(four.Faults, Is.EqualTo(one.Faults).And.Not.Empty);
    }

    private static TestCaseData Plant(
        string name, FaultKind kind, string file, Action<TemporaryFolder> plant, string detail = "") =>
        new TestCaseData(kind, file, plant, detail).SetName($"A planted fault is found: {name}");

    private static TemporaryFolder Sound()
    {
        var folder = new TemporaryFolder();
        SmallDatasets.Csv(folder);
        // Pictures 3 and 5 have equal labels, so that a copy contradicts nothing.
        folder.Write("train.csv", string.Join('\n', File.ReadAllLines(folder["train.csv"]).Select(
            line => line.StartsWith("p3.", StringComparison.Ordinal) || line.StartsWith("p5.", StringComparison.Ordinal)
                ? line[..6] + ",1,0,1"
                : line)) + "\n");
        // every class is there
        folder.Write("val.csv", File.ReadAllText(folder["val.csv"])
            .Replace("\np11.jpg,1,,0\n", "\np11.jpg,1,,1\n", StringComparison.Ordinal));
        for (var i = 0; i < 12; i++)
            folder.Write($"images/p{i}.jpg", Picture(i));
        return folder;
    }

    private static CheckReport Check(TemporaryFolder folder) =>
        new DatasetChecker(new DatasetSource(folder.Path), new CheckOptions()).Run();

    private static byte[] Picture(int number) => PictureWriter.EncodeJpeg(Noise(number));

    private static byte[] Smaller(int number)
    {
        var small = new RgbPicture(50, 42);
        PictureResizer.Resize(Noise(number), 50, 42, ResizeFilter.Bicubic, small.Pixels);
        return PictureWriter.EncodeJpeg(small, 85);
    }

    // Large soft spots of colour, as photos have.
    private static RgbPicture Noise(int number, int width = 96, int height = 80)
    {
        var random = new SeededRandom(77).Derive((ulong)number);
        var coarse = new RgbPicture(6, 5);
        for (var i = 0; i < coarse.Pixels.Length; i++)
            coarse.Pixels[i] = (byte)random.Next(256);
        var picture = new RgbPicture(width, height);
        PictureResizer.Resize(coarse, width, height, ResizeFilter.Bicubic, picture.Pixels);
        return picture;
    }
}
