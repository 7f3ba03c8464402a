using Flixstock.Engine;

namespace Flixstock.Tests;

public sealed class ImageDatasetTests
{
    private const string Header = "filename,neck,sleeve_length,pattern\n";

    [Test]
    public void Labels_are_those_of_the_reference()
    {
        var csv = Golden.PathOf("split/attributes.csv");
        var table = AttributeTable.Garments;
        var rows = AttributeCsv.Read(csv, table).Rows;
        var expected = Golden.Json("split/targets.json").GetProperty("attributes.csv_first20");
        foreach (var (row, labels) in rows.Zip(expected.EnumerateArray()))
        {
            Assert.That(
                table.Labels(row.Classes),
                Is.EqualTo(labels.EnumerateArray().Select(label => label.GetSByte())), row.File);
        }
    }

    [Test]
    public void Cells_may_be_integers_decimals_or_unknown()
    {
        using var folder = new TemporaryFolder();
        folder.Write("i/a.jpg", "");
        folder.Write("i/b.jpg", "");
        var csv = folder.Write("x.csv", "sleeve_length,filename,neck,pattern\n3.0,a.jpg,6,#N/A\r\n,b.jpg, NaN ,9\n");
        var dataset = GarmentData.Read(csv, folder["i"]);
        Assert.Multiple(() =>
        {
            Assert.That(dataset.Samples.Select(sample => sample.File), Is.EqualTo(new[] { "a.jpg", "b.jpg" }));
            Assert.That(
                dataset.Samples[0].Labels,
                Is.EqualTo(new sbyte[] { 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 }));
            Assert.That(
                Enumerable.Range(0, 3).Select(group => dataset.Attributes.ClassOf(dataset.Samples[1].Labels, group)),
                Is.EqualTo(new[] { -1, -1, 9 }));
        });
    }

    [TestCase("filename,neck,pattern\na.jpg,1,2\n", "sleeve_length", "missing")]
    [TestCase("filename,neck,sleeve_length,pattern,colour\na.jpg,1,2,3,4\n", "row 1", "unknown column 'colour'")]
    [TestCase("filename,neck,neck,sleeve_length,pattern\na.jpg,1,2,3,4\n", "column 3", "twice")]
    [TestCase(Header + "a.jpg,1,2,3\nb.jpg,7,2,3\n", "row 3, column 'neck'", "'7' is not a class")]
    [TestCase(Header + "a.jpg,-1,2,3\n", "row 2, column 'neck'", "0 to 6")]
    [TestCase(Header + "a.jpg,1,2.5,3\n", "column 'sleeve_length'", "2.5")]
    [TestCase(Header + "a.jpg,1,2,striped\n", "column 'pattern'", "striped")]
    [TestCase(Header + "a.jpg,1,2,3\nb.jpg,1,2,3\na.jpg,1,1,1\n", "row 4", "already named in row 2")]
    [TestCase(Header + "a.jpg,1,2,3\nc.jpg,1,2,3\n", "row 3", "'c.jpg' is not in")]
    [TestCase(Header + "../a.jpg,1,2,3\n", "row 2", "plain file name")]
    [TestCase(Header + ",1,2,3\n", "row 2", "empty")]
    [TestCase(Header + "a.jpg,1,2\n", "x.csv", "CSV")]
    [TestCase(Header, "x.csv", "no rows")]
    public void Every_fault_of_a_label_file_is_named(string text, string where, string what)
    {
        using var folder = new TemporaryFolder();
        folder.Write("i/a.jpg", "");
        folder.Write("i/b.jpg", "");
        var csv = folder.Write("x.csv", text);
        Assert.That(() => GarmentData.Read(csv, folder["i"]), Throws.InstanceOf<InputException>()
            .With.Message.Contains(csv).And.Message.Contains(where).And.Message.Contains(what).And.Message.Not
            .Contains("\n"));
    }

    [Test]
    public void Missing_files_and_folders_are_named()
    {
        using var folder = new TemporaryFolder();
        var csv = folder.Write("x.csv", Header + "a.jpg,1,2,3\n");
        Assert.That(
            () => GarmentData.Read(csv, folder["i"]),
            Throws.InstanceOf<InputException>().With.Message.Contains(folder["i"]));
        Assert.That(
            () => GarmentData.Read(folder["y.csv"], folder["i"]),
            Throws.InstanceOf<InputException>().With.Message.Contains("y.csv"));
        Assert.That(
            () => GarmentData.Part(folder.Path, "val"),
            Throws.InstanceOf<InputException>().With.Message.Contains("DatasetSplitter"));
    }

    [Test]
    public void Other_attributes_need_a_description_and_no_code()
    {
        using var folder = new TemporaryFolder();
        folder.Write("i/a.jpg", "");
        folder.Write(
            "dataset.json",
            """{"attributes": [{"name": "Shoe", "column": "shoe", "classes": 2, "classNames": ["flat", "high"]}, {"name": "Lace", "column": "lace", "classes": 3}]}""");
        var csv = folder.Write("x.csv", "filename,shoe,lace\na.jpg,1,#N/A\n");
        var dataset = GarmentData.Read(csv, folder["i"]);
        Assert.Multiple(() =>
        {
            Assert.That(
                dataset.Attributes.ClassNames,
                Is.EqualTo(new[] { "Shoe flat", "Shoe high", "Lace 0", "Lace 1", "Lace 2" }));
            Assert.That(dataset.Samples[0].Labels, Is.EqualTo(new sbyte[] { 0, 1, -1, -1, -1 }));
            Assert.That(
                AttributeTable.FromJson(dataset.Attributes.ToJson()).ClassNames,
                Is.EqualTo(dataset.Attributes.ClassNames));
        });
    }

    [TestCase("""{"attributes": []}""", "empty")]
    [TestCase("""{"attributs": []}""", "attributs")]
    [TestCase("""[1]""", "description")]
    [TestCase("""{"attributes": [{"name": "A", "column": "filename", "classes": 2}]}""", "filename")]
    [TestCase("""{"attributes": [{"name": "A", "column": "a", "classes": 1}]}""", "at least 2")]
    [TestCase("""{"attributes": [{"name": "A", "column": "a", "classes": 2, "classNames": ["x"]}]}""", "class names")]
    public void A_wrong_description_is_named(string json, string what)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("dataset.json", json);
        Assert.That(
            () => AttributeTable.LoadBeside(folder["x.csv"]),
            Throws.InstanceOf<InputException>().With.Message.Contains(path).And.Message.Contains(what));
    }

    [Test]
    public void The_garments_have_the_names_of_the_published_task()
    {
        var table = AttributeTable.Garments;
        Assert.That(table.ClassCount, Is.EqualTo(21));
        Assert.That(
            (table.ClassNames[0], table.ClassNames[7], table.ClassNames[20]),
            Is.EqualTo(("Neck 0", "Sleeve Length 0", "Pattern 9")));
        Assert.That(table.Offset(2), Is.EqualTo(11));
    }
}
