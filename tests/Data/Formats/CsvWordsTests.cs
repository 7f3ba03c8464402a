using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>
/// Label files whose cells are words: names of described classes, words that make the classes, lists of names.
/// </summary>
public class CsvWordsTests
{
    private const string Neck =
        """{"attributes": [{"name": "Neck", "column": "neck", "classes": 3, "classNames": ["round", "V", "boat"]}]}""";

    [TestCase("round", 0)]
    [TestCase("boat", 2)]
    [TestCase("v", 1)]
    [TestCase(" ROUND ", 0)]
    [TestCase("2", 2)]
    [TestCase("1.0", 1)]
    [TestCase("#N/A", -1)]
    [TestCase("", -1)]
    public void ANameOfDatasetJsonIsAsGoodAsItsNumber(string cell, int expected)
    {
        using var folder = new TemporaryFolder();
        folder.Write("dataset.json", Neck);
        Assert.That(Load(folder, $"filename,neck\na.jpg,{cell}\n")[0], Is.EqualTo(
            expected < 0 ? "-1 -1 -1" : string.Join(' ', Enumerable.Range(0, 3).Select(k => k == expected ? 1 : 0))));
    }

    [TestCase("square", "'square' is not a class of Neck; write 0 to 2 or a name of dataset.json (round, V, boat)")]
    [TestCase("3", "'3' is not a class of Neck; write 0 to 2 or a name")]
    [TestCase("-1", "'-1' is not a class")]
    public void AnotherWordIsRefusedWithTheNames(string cell, string message)
    {
        using var folder = new TemporaryFolder();
        folder.Write("dataset.json", Neck);
        Assert.That(() => Load(folder, $"filename,neck\na.jpg,{cell}\n"), Throws.TypeOf<InputException>().With.Message
            .Contains("row 2, column 'neck'").And.Message.Contains(message));
    }

    [TestCase("""["v", "V", "boat"]""", "V", "0 1 0")]
    [TestCase("""["36", "38", "40"]""", "38", "0 1 0")]
    [TestCase("""["36", "38", "40"]""", "2", "0 0 1")]
    [TestCase("""["1", "2", "3"]""", "1", "0 1 0")]
    [TestCase("""["0", "1", "2"]""", "1", "0 1 0")]
    public void NamesMayDifferInCaseOrBeNumbers(string names, string cell, string labels)
    {
        using var folder = new TemporaryFolder();
        folder.Write("dataset.json", Neck.Replace("""["round", "V", "boat"]""", names, StringComparison.Ordinal));
        Assert.That(Load(folder, $"filename,neck\na.jpg,{cell}\n")[0], Is.EqualTo(labels));
    }

    [TestCase("""["v", "V", "boat"]""", "\u2228", "not a class")]
    [TestCase("""["boat", "BOAT", "v"]""", "Boat", "not a class")]
    [TestCase("""["1", "2", "3"]""", "3", "names of dataset.json that are numbers are not read as names")]
    public void WhatCouldBeEitherIsRefused(string names, string cell, string message)
    {
        using var folder = new TemporaryFolder();
        folder.Write("dataset.json", Neck.Replace("""["round", "V", "boat"]""", names, StringComparison.Ordinal));
        Assert.That(
            () => Load(folder, $"filename,neck\na.jpg,{cell}\n"),
            Throws.TypeOf<InputException>().With.Message.Contains(message));
    }

    [Test]
    public void WordsMakeTheClassesAndTheDescriptionThatTheyWereReadBy()
    {
        using var folder = new TemporaryFolder();
        Pictures(folder);
        folder.Write("train.csv", "Filename;Neck;colour\na.jpg;V;red\nb.jpg;boat;\nc.jpg;#N/A;blue\n");
        folder.Write("val.csv", "colour,filename,neck\nblue,d.jpg,boat\n");
        var source = new DatasetSource(folder.Path);
        var train = source.Load("train");
        Assert.That(
            train.Attributes.ClassNames, Is.EqualTo(new[] { "Neck V", "Neck boat", "colour blue", "colour red" }));
        Assert.That(Labels(train), Is.EqualTo(new[] { "1 0 0 1", "0 1 -1 -1", "-1 -1 1 0" }));
        Assert.That(train.Notes, Has.One.EqualTo("the words of train.csv are the classes: Neck: V, boat; colour: blue, "
            + "red; written to dataset.json (delete it when the words change)"));
        var written = File.ReadAllText(folder["dataset.json"]);
        Assert.That(AttributeTable.FromJson(written).ClassNames, Is.EqualTo(train.Attributes.ClassNames));
        var validation = source.Load("val");
        Assert.That(validation.Attributes.ClassNames, Is.EqualTo(train.Attributes.ClassNames));
        Assert.That(Labels(validation), Is.EqualTo(new[] { "0 1 1 0" }));
        Assert.That(validation.Notes, Is.Empty);
        folder.Write("train.csv", "filename,neck,colour\na.jpg,square,red\nb.jpg,boat,blue\n");
        Assert.That(() => source.Load("train"), Throws.TypeOf<InputException>().With.Message
            .Contains("'square' is not a class of Neck").And.Message.Contains("dataset.json"));
        Assert.That(File.ReadAllText(folder["dataset.json"]), Is.EqualTo(written));
    }

    [TestCase("val")]
    [TestCase("train")]
    public void TheClassesAreThoseOfTheTrainingPartWhateverIsReadFirst(string first)
    {
        using var folder = new TemporaryFolder();
        Pictures(folder);
        Directory.CreateDirectory(folder["dataset.json/x"]); // so that it cannot be written
        folder.Write("train.csv", "filename,label\na.jpg,dog\nb.jpg,cat\n");
        folder.Write("val.csv", "filename,label\nc.jpg,dog\nd.jpg,cow\n");
        folder.Write("test.csv", "filename,label\nc.jpg,dog\n");
        var source = new DatasetSource(folder.Path);
        var data = source.Load(first == "val" ? "test" : "train");
        Assert.That(data.Attributes.ClassNames, Is.EqualTo(new[] { "label cat", "label dog" }));
        Assert.That(data.Notes, Has.One.Contains("dataset.json is not written, so they must be read anew every time"));
        Assert.That(() => source.Load("val"), Throws.TypeOf<InputException>().With.Message
            .Contains("val.csv: row 3, column 'label': 'cow' is not a class"));
    }

    [Test]
    public void NumbersBetweenWordsAreNumbersOfClasses()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            Load(folder, "filename,neck,sleeve_length,pattern,size\na.jpg,round,3,2.0,1\nb.jpg,v,,9,4\n"),
            Has.Length.EqualTo(2));
        var table = AttributeTable.LoadBeside(folder["train.csv"]);
        Assert.That(
            table.Groups.Select(group => $"{group.Name} {group.Classes}"),
            Is.EqualTo(new[] { "Neck 2", "Sleeve Length 4", "Pattern 10", "size 5" }));
        Assert.That(
            table.Groups.Select(group => group.ClassNames is null), Is.EqualTo(new[] { false, true, true, true }));
    }

    [TestCase("filename,cat,dog\na.jpg,1,0\nb.jpg,,1\n")]
    [TestCase("filename,cat,dog\na.jpg,True,False\nb.jpg,,TRUE\n")]
    [TestCase("filename,cat,dog\na.jpg,yes,no\nb.jpg,NaN,Yes\n")]
    [TestCase("filename,cat,dog\na.jpg,1.0,false\nb.jpg,#N/A,1\n")]
    public void NumbersYesAndNoAreLabelsOfAColumnForEachClass(string text)
    {
        using var folder = new TemporaryFolder();
        Assert.That(Load(folder, text), Is.EqualTo(new[] { "1 0", "-1 1" }));
        Assert.That(File.Exists(folder["dataset.json"]), Is.False);
    }

    [TestCase("tags", "clear primary", "primary", "haze clear")]
    [TestCase("Labels", "clear; primary", "primary", "haze;clear")]
    [TestCase("tags", "clear|primary", "primary", "haze|clear")]
    [TestCase("tags", "\"clear, primary\"", "primary", "\"haze,clear\"")]
    [TestCase("tags", "\"['clear', 'primary']\"", "['primary']", "\"['haze', 'clear']\"")]
    public void AColumnOfTagsNamesTheClassesThatAreThere(string heading, string first, string second, string third)
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            Load(folder, $"filename,{heading}\na.jpg,{first}\nb.jpg,{second}\nc.jpg,{third}\nd.jpg,\n"),
            Is.EqualTo(new[] { "1 0 1", "0 0 1", "1 1 0", "-1 -1 -1" }));
        Assert.That(
            AttributeTable.LoadBeside(folder["train.csv"]).ClassNames,
            Is.EqualTo(new[] { "clear", "haze", "primary" }));
        folder.Write("val.csv", $"filename,{heading}\na.jpg,Haze\nb.jpg,{third}\n");
        Assert.That(Labels(new DatasetSource(folder.Path).Load("val")), Is.EqualTo(new[] { "0 1 0", "1 1 0" }));
        folder.Write("val.csv", $"filename,{heading}\na.jpg,fog\n");
        Assert.That(() => new DatasetSource(folder.Path).Load("val"), Throws.TypeOf<InputException>().With.Message
            .Contains("row 2, column").And.Message.Contains("'fog' is none of the classes"));
    }

    [Test]
    public void TagsMayHoldSpaces()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            Load(folder, "filename,tags\na.jpg,red dress;hat\nb.jpg,red dress\n"), Is.EqualTo(new[] { "1 1", "0 1" }));
        Assert.That(
            AttributeTable.LoadBeside(folder["train.csv"]).ClassNames, Is.EqualTo(new[] { "hat", "red dress" }));
    }

    [Test]
    public void OneNameInEveryCellIsAnAttributeWhateverItsHeading()
    {
        using var folder = new TemporaryFolder();
        Load(folder, "filename,labels\na.jpg,dog\nb.jpg,cat\n");
        Assert.That(
            AttributeTable.LoadBeside(folder["train.csv"]).ClassNames,
            Is.EqualTo(new[] { "labels cat", "labels dog" }));
    }

    [TestCase("filename,neck\na.jpg,round\nb.jpg,round\n", "column 'neck': it holds 'round' and nothing else")]
    [TestCase("filename,neck,x\na.jpg,round,\nb.jpg,v,\n", "column 'x': it is unknown in every row")]
    [TestCase(
        "filename,neck\na.jpg,round\nb.jpg,Round\nc.jpg,v\n",
        "'Round' and 'round', which differ only in upper and lower case")]
    [TestCase("filename,neck\na.jpg,2\nb.jpg,Round\n", "row 2, column 'neck': '2' is no label")]
    [TestCase("filename,neck\na.jpg,1\nb.jpg,Round\n", "row 3, column 'neck': 'Round' is no label")]
    [TestCase("filename,neck,size\na.jpg,round,2\nb.jpg,v,1\nc.jpg,v,M\n", "column 'size': it holds numbers and words")]
    [TestCase(
        "filename,neck,price\na.jpg,round,12.5\nb.jpg,v,3\n", "column 'price': it holds numbers that are no classes")]
    [TestCase(
        "filename,neck,price\na.jpg,round,-1\nb.jpg,v,3\n", "column 'price': it holds numbers that are no classes")]
    [TestCase("filename,neck,price\na.jpg,round,1e400\nb.jpg,v,3\n", "column 'price'")]
    public void WordsThatCannotBeClassesAreNamedWithDatasetJson(string text, string message)
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            () => Load(folder, text),
            Throws.TypeOf<InputException>().With.Message.Contains(message).And.Message.Contains("dataset.json"));
        Assert.That(File.Exists(folder["dataset.json"]), Is.False);
    }

    [Test]
    public void ATextOfItsOwnInEveryRowIsNoAttribute()
    {
        using var folder = new TemporaryFolder();
        var rows = Enumerable.Range(0, 40).Select(i => $"{i}.jpg,a picture of {i},{(i % 2 == 0 ? "dog" : "cat")}");
        Assert.That(
            () => Load(folder, "filename,caption,animal\n" + string.Join('\n', rows)),
            Throws.TypeOf<InputException>().With.Message
                .Contains("column 'caption': it has 40 different texts in 40 rows"));
    }

    [TestCase(
        "filename,fit,colour\np000.jpg,slim,red\np001.jpg,wide,\np002.jpg,slim,blue\n",
        "fit slim|fit wide|colour blue|colour red")]
    [TestCase(
        "filename;neck;sleeve_length;pattern\np000.jpg;round;3;dots\np001.jpg;v;;plain\np002.jpg;#N/A;1;dots\n",
        "Neck round|Neck v|Sleeve Length 0|Sleeve Length 1|Sleeve Length 2|Sleeve Length 3|Pattern dots|Pattern plain")]
    [TestCase("filename,tags\np000.jpg,red slim\np001.jpg,blue\np002.jpg,\n", "blue|red|slim")]
    public void AGarmentSetWithWordsIsSplit(string text, string classes)
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(10);
        var rows = string.Join('\n', Enumerable.Range(3, 7)
            .Select(i => text.Split('\n')[1 + (i % 3)].Replace($"p00{i % 3}", $"p00{i}", StringComparison.Ordinal)));
        folder.Write("attributes_cleaned.csv", text + rows + "\n");
        var report = new DatasetSplitter(folder.Path, new SplitOptions()).Run();
        Assert.That(report.Notes, Has.One.Contains("the words of attributes_cleaned.csv are the classes").And
            .Contains("written to dataset.json"));
        var train = GarmentData.Part(folder.Path, "train");
        Assert.That(string.Join('|', train.Attributes.ClassNames), Is.EqualTo(classes));
        Assert.That(train.Samples, Has.Count.GreaterThanOrEqualTo(8));
        var again = new DatasetSplitter(folder.Path, new SplitOptions { Overwrite = true }).Run();
        Assert.That((again.Train, again.Notes.Count), Is.EqualTo((report.Train, 0)));
        Assert.That(Labels(GarmentData.Part(folder.Path, "train")), Is.EqualTo(Labels(train)));
    }

    [Test]
    public void PartsOfGarmentsThatPeopleWroteThemselvesMayHaveWords()
    {
        using var folder = new TemporaryFolder();
        folder.Write("images_augmented/train/images/a.jpg", "");
        folder.Write("images_split/val/images/b.jpg", "");
        folder.Write("attributes_train.csv", "filename,fit\na.jpg,slim\n");
        folder.Write("attributes_val.csv", "filename,fit\nb.jpg,slim\n");
        Assert.That(() => GarmentData.Part(folder.Path, "val"), Throws.TypeOf<InputException>().With.Message
            .Contains("attributes_train.csv: row 1, column 'fit': it holds 'slim' and nothing else"));
        folder.Write("images_augmented/train/images/c.jpg", "");
        folder.Write("attributes_train.csv", "filename,fit\na.jpg,slim\nc.jpg,wide\n");
        Assert.That(Labels(GarmentData.Part(folder.Path, "val")), Is.EqualTo(new[] { "1 0" }));
    }

    [Test]
    public void NumbersOfGarmentsStayWhatTheyAre()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(10);
        Assert.That(new DatasetSplitter(folder.Path, new SplitOptions { Augment = false }).Run().Notes, Is.Empty);
        Assert.That(File.Exists(folder["dataset.json"]), Is.False);
    }

    private static string[] Load(TemporaryFolder folder, string text)
    {
        Pictures(folder);
        folder.Write("train.csv", text);
        return Labels(new DatasetSource(folder.Path, DatasetType.Csv).Load("train"));
    }

    private static void Pictures(TemporaryFolder folder)
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
            folder.Write($"images/{name}.jpg", "");
    }

    private static string[] Labels(ImageDataset data) =>
        [.. data.Samples.Select(sample => string.Join(' ', sample.Labels.ToArray()))];
}
