using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>Label files with one column per class, each known or unknown on its own.</summary>
public class ClassCsvTests
{
    private static readonly AttributeTable Classes = AttributeTable.OfClasses(["cat", "dog, wet", "tree"]);

    [Test]
    public void WhatIsWrittenIsReadAgain()
    {
        using var folder = new TemporaryFolder();
        var rows = new (string, sbyte[])[] { ("a.png", [1, 0, -1]), ("b.png", [-1, -1, -1]) };
        var csv = Write(folder, ClassCsv.Format(Classes, rows));
        File.WriteAllText(Path.Combine(folder.Path, "a.png"), "");
        File.WriteAllText(Path.Combine(folder.Path, "b.png"), "");

        var dataset = GarmentData.Read(csv, folder.Path);

        Assert.That(dataset.Attributes.ClassNames, Is.EqualTo(new[] { "cat", "dog, wet", "tree" }));
        Assert.That(dataset.Samples.Select(sample => sample.Labels), Is.EqualTo(rows.Select(row => row.Item2)));
    }

    [TestCase("filename,cat,\"dog, wet\",tree\na.png,1,2,\n", "row 2, column 'dog, wet': '2' is no label")]
    [TestCase("filename,cat,\"dog, wet\"\na.png,1,0\n", "the column 'tree' is missing")]
    [TestCase("filename,cat,\"dog, wet\",tree\na.png,1,0,0\na.png,1,0,0\n", "already named in row 2")]
    [TestCase("filename,cat,\"dog, wet\",tree\na.png,1,0\n", "not a valid CSV file")]
    public void AFaultIsNamedByRowAndColumn(string text, string expected)
    {
        using var folder = new TemporaryFolder();
        var csv = Write(folder, text);

        Assert.That(
            () => GarmentData.Read(csv, folder.Path),
            Throws.InstanceOf<InputException>().With.Message.Contains(expected));
    }

    private static string Write(TemporaryFolder folder, string text)
    {
        File.WriteAllText(Path.Combine(folder.Path, AttributeTable.FileName), Classes.ToJson());
        var path = Path.Combine(folder.Path, "labels.csv");
        File.WriteAllText(path, text);
        return path;
    }
}
