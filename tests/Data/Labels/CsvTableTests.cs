using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>CSV files as spreadsheets of all countries leave them.</summary>
public class CsvTableTests
{
    private const string Plain = "filename,cat,dog\na.jpg,1,0\nb.jpg,,1\n";

    [TestCase("filename;cat;dog\na.jpg;1;0\nb.jpg;;1\n")]
    [TestCase("filename\tcat\tdog\na.jpg\t1\t0\nb.jpg\t\t1\n")]
    [TestCase("filename|cat|dog\na.jpg|1|0\nb.jpg||1\n")]
    [TestCase("sep=;\nfilename;cat;dog\na.jpg;1;0\nb.jpg;;1\n")]
    [TestCase("sep=:\nfilename:cat:dog\na.jpg:1:0\nb.jpg::1\n")]
    [TestCase("FileName,cat,dog\na.jpg,1,0\nb.jpg,,1\n")]
    [TestCase(" FILENAME , cat,dog\na.jpg,1,0\nb.jpg,,1\n")]
    [TestCase("filename,cat,dog,,\na.jpg,1,0,,\nb.jpg,,1,,\n")]
    [TestCase("filename,cat,dog\na.jpg,1,0,,\nb.jpg,,1,,\n")]
    [TestCase("filename,,cat,dog\na.jpg,,1,0\nb.jpg, ,,1\n")]
    [TestCase("filename;cat;dog;;\na.jpg;1;0;;\n;;;;\nb.jpg;;1;;\n;;;;\n")]
    public void IsReadAsThePlainFile(string text)
    {
        var (names, labels) = Load(text);
        var (expected, truth) = Load(Plain);
        Assert.That(
            (string.Join('|', names), string.Join('|', labels)),
            Is.EqualTo((string.Join('|', expected), string.Join('|', truth))));
    }

    [TestCase("filename,\"a;b\",c|d,e\tf\nx.jpg,1,0,1\n", "a;b|c|d|e\tf")]
    [TestCase("filename;\"a,b\";c\nx.jpg;1;0\n", "a,b|c")]
    [TestCase("filename;a,b;c\nx.jpg;1;0\n", "a,b|c")]
    public void AHeadingMayHoldAnotherSeparator(string text, string classes) =>
        Assert.That(string.Join('|', Load(text).Names), Is.EqualTo(classes));

    [TestCase("filename,cat,,dog\na.jpg,1,0,1\n", "row 1: column 3 has no name but cells (row 2: '0')")]
    [TestCase(",filename,cat\n0,a.jpg,1\n", "column 1 has no name")]
    [TestCase("filename,cat,dog\na.jpg,1,0,1\n", "line 2 has 4 cells, the header 3")]
    [TestCase("filename;cat;dog\na.jpg;1\n", "line 2 has 2 cells, the header 3")]
    [TestCase("filename,Cat,cat\na.jpg,1,0\n", "columns 2 and 3, 'Cat' and 'cat', differ only in upper and lower case")]
    [TestCase("filename,cat,FileName\na.jpg,1,0\n", "'filename' and 'FileName', differ only")]
    [TestCase("name;cat\na.jpg;1\n", "'filename' is missing")]
    [TestCase(
        "Image_Name,tags\na.jpg,x y\n",
        "a column for each class or attribute; rename 'Image_Name' if it names the pictures")]
    [TestCase("name;cat,dog\na.jpg;1,0\n", "could be separated by ',' or by ';'")]
    [TestCase("sep=é\nfilename;cat\na.jpg;1\n", "sep= names a character")]
    [TestCase("filename;cat;dog\na.jpg;1,0;0\n", "row 2, column 'cat': '1,0' is no label")]
    public void WhatIsWrongIsNamed(string text, string message) => Assert.That(() => Load(text),
        Throws.TypeOf<InputException>().With.Message.Contains("train.csv").And.Message.Contains(message));

    [Test]
    public void ColumnsOfAnotherPartMayDifferInCase()
    {
        using var folder = new TemporaryFolder();
        folder.Write("train.csv", "filename,Cat,dog\na.jpg,1,0\n");
        folder.Write("val.csv", "Filename;DOG;cat\na.jpg;0;1\n");
        folder.Write("images/a.jpg", TemporaryFolder.SmallJpeg(1));
        var validation = new DatasetSource(folder.Path).Load("val");
        Assert.That(validation.Attributes.ClassNames, Is.EqualTo(new[] { "Cat", "dog" }));
        Assert.That(validation.Samples[0].Labels.ToArray(), Is.EqualTo(new sbyte[] { 1, 0 }));
    }

    [Test]
    public void DescribedClassesMayDifferInCaseOnly()
    {
        using var folder = new TemporaryFolder();
        folder.Write("dataset.json", AttributeTable.OfClasses(["a", "A"]).ToJson());
        folder.Write("train.csv", "filename,A,a\nx.jpg,1,0\n");
        folder.Write("images/x.jpg", TemporaryFolder.SmallJpeg(1));
        Assert.That(
            new DatasetSource(folder.Path).Load("train").Samples[0].Labels.ToArray(), Is.EqualTo(new sbyte[] { 0, 1 }));
    }

    [TestCase("Filename;NECK;Sleeve_Length;pattern\np000.jpg;1;3;9\np001.jpg;2;;9\n")]
    [TestCase("filename\tneck\tsleeve_length\tpattern\t\np000.jpg\t1.0\t#N/A\t\t\np001.jpg\t2.0\t1\t\t\n")]
    public void GarmentsAreSplitToo(string text)
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(8);
        folder.Write("attributes_cleaned.csv", text);
        Assert.That(
            new DatasetSplitter(folder.Path, new SplitOptions { Augment = false }).Run().Unlabelled,
            Has.Count.EqualTo(6));
    }

    [TestCase(
        "filename;neck;sleeve_length;pattern\np000.jpg;1,0;3;9\n",
        "row 2, column 'neck': '1,0' is not a class of Neck; write 0 to 6 (1.0, with a point)")]
    [TestCase("filename,neck,sleeve_length,pattern\np000.jpg,1e400,3,9\n", "'1e400' is not a class")]
    [TestCase("filename,fit\np000.jpg,1\n", "the column 'neck' is missing; the header must be "
        + "filename,neck,sleeve_length,pattern, or dataset.json must describe other columns")]
    [TestCase(
        "image;neck;sleeve_length;pattern\np000.jpg;1;1;1\n",
        "(the cells are separated by ';'); rename 'image' if it names the pictures")]
    [TestCase("filename,neck,sleeve_length,pattern\np000.jpg,1,inf,9\n", "'inf' is not a class")]
    public void ANumberThatIsNoneIsNamed(string text, string message)
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(1);
        folder.Write("attributes_cleaned.csv", text);
        Assert.That(
            () => new DatasetSplitter(folder.Path, new SplitOptions()).Run(),
            Throws.TypeOf<InputException>().With.Message.Contains(message));
    }

    [TestCase("images\\a.jpg")]
    [TestCase("images/a.jpg")]
    [TestCase("a.jpg")]
    public void WindowsPathsAreFound(string file) =>
        Assert.That(Load($"filename,cat,dog\n{file},1,0\n").Labels, Is.EqualTo(new[] { "1,0" }));

    [TestCase("..\\a.jpg")]
    [TestCase("C:\\images\\a.jpg")]
    [TestCase("\\images\\a.jpg")]
    public void WindowsPathsLeadNowhereElse(string file) => Assert.That(
        () => Load($"filename,cat,dog\n{file},1,0\n"),
        Throws.TypeOf<InputException>().With.Message.Contains("below the folder"));

    private static (IReadOnlyList<string> Names, string[] Labels) Load(string text)
    {
        using var folder = new TemporaryFolder();
        folder.Write("train.csv", text);
        foreach (var name in new[] { "a.jpg", "b.jpg", "x.jpg" })
            folder.Write($"images/{name}", "");
        var data = new DatasetSource(folder.Path, DatasetType.Csv).Load("train");
        return (
            data.Attributes.ClassNames, [.. data.Samples.Select(sample => string.Join(',', sample.Labels.ToArray()))]);
    }
}
