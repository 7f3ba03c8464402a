using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>
/// Every layout of a data set: recognised by what lies in the folder, and read to the labels that were written.
/// </summary>
public class DatasetFormatTests
{
    private static IEnumerable<DatasetType> Types => SmallDatasets.Writers.Keys;

    private static IEnumerable<TestCaseData> Partial() =>
        new[] { DatasetType.Csv, DatasetType.OpenImages, DatasetType.Lvis, DatasetType.Shards }.SelectMany(
            type => new[] { "train", "val" }.Select(part => new TestCaseData(type, part)));

    [Test]
    public void EveryLayoutIsTested() => Assert.That(
        Types, Is.EquivalentTo(Enum.GetValues<DatasetType>().Where(type => type != DatasetType.Auto)),
        "give it a small data set in SmallDatasets");

    [TestCaseSource(nameof(Types))]
    public void ALayoutIsRecognisedByWhatLiesThere(DatasetType type)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Writers[type](folder);
        var (found, line) = new DatasetSource(folder.Path).Resolve();
        Assert.That(found, Is.EqualTo(type));
        Assert.That(
            line?.ToString(), Does.StartWith($"data set: {DatasetSource.NameOf(type)}, by ").And.Not.Contain("\n"));
        Assert.That(new DatasetSource(folder.Path, type).Load("val").Type, Is.EqualTo(type));
    }

    [TestCaseSource(nameof(Partial))]
    public void PositiveNegativeAndUnknownLabelsAreRead(DatasetType type, string part)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Writers[type](folder);
        var data = new DatasetSource(folder.Path).Load(part);
        var numbers = SmallDatasets.Pictures(part).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(data.Attributes.ClassNames, Is.EqualTo(SmallDatasets.Classes));
            Assert.That(
                data.Samples.Select(sample => sample.Labels.ToArray()),
                Is.EqualTo(numbers.Select(i => SmallDatasets.Labels(i, SmallDatasets.Partial))));
            Assert.That(
                data.Samples.Select(sample => sample.ReadBytes()),
                Is.EqualTo(numbers.Select(i => TemporaryFolder.SmallJpeg((ulong)i, 40, 36))));
        });
    }

    [TestCase("train", "101,102,103,104,105,106,107")]
    [TestCase("val", "109,110,111")]
    public void CocoTakesEveryAnnotationWhateverAreaOrCrowdAndLeavesOutPicturesWithoutAny(
        string part, string identifiers)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Coco(folder);
        var data = new DatasetSource(folder.Path).Load(part);
        var numbers = identifiers.Split(',').Select(text => int.Parse(text) - 100).ToArray();
        Assert.That(data.Attributes.ClassNames, Is.EqualTo(SmallDatasets.Classes), "in the order of category ids");
        Assert.That(
            data.Samples.Select(sample => sample.Labels.ToArray()),
            Is.EqualTo(numbers.Select(i => SmallDatasets.Labels(i, SmallDatasets.Truth))));
        Assert.That(data.Notes, Has.One.Contains("1 pictures of " + part + " without annotations"));
    }

    [Test]
    public void JsonIsReadThroughABufferOfAnySize()
    {
        using var folder = new TemporaryFolder();
        var bytes = System.Text.Encoding.UTF8.GetBytes("\uFEFF" + SmallDatasets.CocoJson("train"));
        var tokens = new List<string>();
        foreach (var size in new[] { 16, 100, 1 << 20 })
        {
            var json = new JsonStream("x", new MemoryStream(bytes), size);
            var seen = new System.Text.StringBuilder();
            while (json.Read())
                seen.Append(json.Token).Append('@').Append(json.Offset).Append(' ');
            tokens.Add(seen.ToString());
        }
        Assert.That(tokens[0], Does.EndWith($"EndObject@{bytes.Length - 1} "));
        Assert.That(tokens, Is.All.EqualTo(tokens[0]));
    }

    [Test]
    public void OpenImagesLabelsAreKeptOnTheDiskUntilTheFilesChange()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.OpenImages(folder);
        var first = new DatasetSource(folder.Path).Load("val");
        var index = folder[".flixstock/openimages-val.index"];
        var written = File.GetLastWriteTimeUtc(index);
        var again = new DatasetSource(folder.Path).Load("val");
        Assert.That(File.GetLastWriteTimeUtc(index), Is.EqualTo(written));
        Assert.That(
            again.Samples.Select(sample => sample.Labels.ToArray()),
            Is.EqualTo(first.Samples.Select(sample => sample.Labels.ToArray())));
        Assert.That(again.Notes, Is.EqualTo(first.Notes).And.One.Contains("not to be learnt"));

        var csv = folder["validation-annotations-human-imagelabels.csv"];
        // cat was 1
        File.AppendAllText(
            csv,
            $"{SmallDatasets.Identifier(9)},verification,/m/4,1\n{SmallDatasets.Identifier(9)},verification,/m/1,0\n");
        Assert.That(
            new DatasetSource(folder.Path).Load("val").Samples[1].Labels[0], Is.EqualTo(-1),
            "contradicting labels are unknown");

        File.WriteAllBytes(index, File.ReadAllBytes(index)[..^9]);
        Assert.That(
            new DatasetSource(folder.Path).Load("val").Samples[1].Labels[0], Is.EqualTo(-1),
            "a damaged index is made anew");
    }

    [Test]
    public void AnExclusiveClassIsAFolder()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Folders(folder);
        var data = new DatasetSource(folder.Path).Load("val");
        Assert.That(
            data.Samples.Select(sample => sample.File),
            Is.EqualTo(new[] { "cat/p9.jpg", "dog/p10.jpg", "tree/p11.jpg", "tree/p8.jpg" }));
        Assert.That(data.Samples[1].Labels, Is.EqualTo(new sbyte[] { 0, 1, 0 }));
        Assert.That(data.Attributes.Independent, Is.False);
    }

    [Test]
    public void FoldersOfClassesWithoutPartsAreDividedAlwaysTheSameWay()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 60; i++)
            folder.Write($"{SmallDatasets.Classes[i % 3]}/{i}.jpg", "");
        var parts = DatasetLayout.Parts.Select(part => new DatasetSource(folder.Path).Load(part).Samples
            .Select(sample => sample.File).ToArray()).ToArray();
        Assert.That(parts.Select(part => part.Length), Is.EqualTo(new[] { 48, 6, 6 }));
        Assert.That(parts.SelectMany(part => part).Distinct().Count(), Is.EqualTo(60));
        Assert.That(parts[1].GroupBy(file => file.Split('/')[0]).Select(group => group.Count()), Is.All.EqualTo(2));
        Assert.That(
            new DatasetSource(folder.Path).Load("val").Samples.Select(sample => sample.File), Is.EqualTo(parts[1]));
    }

    [Test]
    public void ACsvMayNamePicturesInFoldersAndOrderItsColumnsAnew()
    {
        using var folder = new TemporaryFolder();
        folder.Write("train.csv", "filename,cat,dog\na/x.jpg,1,NaN\n");
        folder.Write("val.csv", "dog,filename,cat\n0.0,b.jpg,#N/A\n");
        folder.Write("a/x.jpg", "");
        folder.Write("b.jpg", "");
        Assert.That(new DatasetSource(folder.Path).Load("train").Samples[0].Labels, Is.EqualTo(new sbyte[] { 1, -1 }));
        Assert.That(
            new DatasetSource(folder.Path).Load("val").Samples[0].Labels, Is.EqualTo(new sbyte[] { -1, 0 }),
            "classes in the order of train.csv");
    }

    [Test]
    public void ACsvOfAttributesIsReadAsTheGarmentsAre()
    {
        using var folder = new TemporaryFolder();
        folder.Write("train.csv", "filename,pattern,neck,sleeve_length\nx.jpg,,6,3.0\n");
        folder.Write("images/x.jpg", "");
        var data = new DatasetSource(folder.Path).Load("train");
        Assert.That(data.Attributes.ClassCount, Is.EqualTo(21));
        Assert.That(
            Enumerable.Range(0, 3).Select(group => data.Attributes.ClassOf(data.Samples[0].Labels, group)),
            Is.EqualTo(new[] { 6, 3, -1 }));
    }

    [Test]
    public void ClassesOfAnExclusiveGroupSettleEachOther()
    {
        using var folder = new TemporaryFolder();
        folder.Write(
            "dataset.json",
            """{"attributes": [{"name": "Neck", "column": "neck", "classes": 3, "classNames": ["a", "b", "c"]}, {"name": "Fit", "column": "fit", "classes": 2, "classNames": ["x", "y"]}]}""");
        folder.Write("train.csv", "filename,Neck a,Neck b,Neck c,Fit x,Fit y\np.jpg,,1,,0,\nq.jpg,0,,,,\n");
        folder.Write("p.jpg", "");
        folder.Write("q.jpg", "");
        var labels = new DatasetSource(folder.Path).Load("train").Samples.Select(sample => sample.Labels.ToArray());
        Assert.That(labels, Is.EqualTo(new[] { new sbyte[] { 0, 1, 0, 0, 1 }, [0, -1, -1, -1, -1] }));
    }

    [Test]
    public void WhatIsMissingCanBeLeftOut()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Csv(folder);
        File.Delete(folder["images/p9.jpg"]);
        var data = (new DatasetSource(folder.Path) { SkipMissing = true }).Load("val");
        Assert.That(data.Samples.Select(sample => sample.File), Is.EqualTo(new[] { "p8.jpg", "p10.jpg", "p11.jpg" }));
        Assert.That(data.Notes, Has.One.Contains("p9.jpg"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void IndependentClassesAreDividedToo(bool stratified)
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(40);
        folder.Write("dataset.json", AttributeTable.OfClasses(SmallDatasets.Classes).ToJson());
        var rows = Enumerable.Range(0, 40).Select(i => $"p{i:d3}.jpg," + string.Join(
            ',', SmallDatasets.Labels(i, SmallDatasets.Partial).Select(label => label < 0 ? "" : $"{label}")));
        folder.Write("attributes_cleaned.csv", "filename,cat,dog,tree\n" + string.Join('\n', rows) + "\n");
        new DatasetSplitter(folder.Path, new SplitOptions { Stratified = stratified }).Run();
        var parts = DatasetLayout.Parts.Select(part => new DatasetSource(folder.Path).Load(part)).ToArray();
        Assert.That(parts.Select(part => part.Samples.Count), Is.EqualTo(new[] { 32, 4, 4 }));
        foreach (var sample in parts.SelectMany(part => part.Samples))
        {
            Assert.That(
                sample.Labels,
                Is.EqualTo(SmallDatasets.Labels(int.Parse(sample.File.AsSpan(1, 3)), SmallDatasets.Partial)),
                sample.File);
        }
    }
}
