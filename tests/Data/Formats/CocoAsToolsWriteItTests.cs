using System.Globalization;
using System.Text.Json.Nodes;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>COCO's annotations as labelling tools write them and pycocotools reads them.</summary>
public class CocoAsToolsWriteItTests
{
    private static readonly string[] Expected = ["0: 1 0 0", "1: 0 1 0", "2: 0 0 1", "3: 1 1 0"];

    private static IEnumerable<TestCaseData> Writings()
    {
        yield return Written("as published", _ => { });
        yield return Written(
            "folders of Windows",
            file => Each(file, "images", image => image["file_name"] = $"cam\\{image["file_name"]}"), "train/cam");
        yield return Written(
            "with the part", file => Each(file, "images", image => image["file_name"] = $"train/{image["file_name"]}"));
        yield return Written(
            "with the part, of Windows",
            file => Each(file, "images", image => image["file_name"] = $".\\train\\{image["file_name"]}"));
        yield return Written(
            "below images",
            file => Each(file, "images", image => image["file_name"] = $"images/train/{image["file_name"]}"),
            "images/train");
        yield return Written(
            "part below images",
            file => Each(file, "images", image => image["file_name"] = $"train/{image["file_name"]}"), "images/train");
        yield return Written("unpacked twice", _ => { }, "train/train");
        yield return Written("pictures beside", _ => { }, ".");
        yield return Written("ids as text", file => Ids(file, id => $"{id}"));
        yield return Written("ids as other text", file => Ids(file, id => $"img-{id:d3}"));
        yield return Written("ids with a point", file => Ids(file, id => JsonNode.Parse($"{id}.0")!));
        yield return Written(
            "ids as text in one list", file => Each(file, "images", image => image["id"] = $"{image["id"]}"));
        yield return Written("an image twice", file => file["images"]!.AsArray().Add(file["images"]![0]!.DeepClone()));
        yield return Written("Roboflow's root", file => Root(file, "things"));
        yield return Written("Roboflow's root of a class's name", file => Root(file, "cat"));
        yield return Written("Roboflow's root without a supercategory", file =>
        {
            Root(file, "things");
            file["categories"]![0]!.AsObject().Remove("supercategory");
        });
        yield return Written(
            "ids of annotations twice", file => Each(file, "annotations", annotation => annotation["id"] = 1));
    }

    [TestCaseSource(nameof(Writings))]
    public void TheLabelsAreTheSame(Action<JsonObject> change, string pictures)
    {
        using var folder = new TemporaryFolder();
        Write(folder, "annotations/instances_train.json", pictures, change);
        var data = new DatasetSource(folder.Path).Load("train");
        Assert.That(data.Attributes.ClassNames, Is.EqualTo(new[] { "cat", "dog", "tree" }));
        Assert.That(Labels(data), Is.EqualTo(Expected));
        Assert.That(data.Samples.Select(sample => File.Exists(sample.Path)), Is.All.True);
    }

    [Test]
    public void TheRootIsKeptWhereAnotherPartUsesIt()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "annotations/instances_train.json", "train", file => Root(file, "things"));
        Write(folder, "annotations/instances_val.json", "val", file =>
        {
            Root(file, "things");
            file["annotations"]![0]!["category_id"] = 0;
        });
        var source = new DatasetSource(folder.Path);
        var (train, validation) = (source.Load("train"), source.Load("val"));
        Assert.That(train.Attributes.ClassNames, Is.EqualTo(new[] { "things", "cat", "dog", "tree" }));
        Assert.That(validation.Attributes.ClassNames, Is.EqualTo(train.Attributes.ClassNames));
        Assert.That(train.Notes, Is.Empty);
    }

    [Test]
    public void TheRootIsNamedInANote()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "annotations/instances_train.json", "train", file => Root(file, "cat"));
        Assert.That(
            new DatasetSource(folder.Path).Load("train").Notes,
            Has.One.Contains("'cat' (id 0) only groups the others"));
    }

    [Test]
    public void AnnotationsWithoutTheirImageAreLeftOutWhereThatIsAskedFor()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "annotations/instances_train.json", "train", file =>
        {
            file["annotations"]!.AsArray().Add(new JsonObject { ["id"] = 90, ["image_id"] = 777, ["category_id"] = 1 });
            file["annotations"]!.AsArray().Add(new JsonObject { ["id"] = 91, ["image_id"] = 777, ["category_id"] = 2 });
        });
        var source = new DatasetSource(folder.Path);
        Assert.That(
            () => source.Load("train"),
            Throws.TypeOf<InputException>().With.Message.Contains("image 777").And.Message.Contains("SkipMissing"));
        var data = (source with { SkipMissing = true }).Load("train");
        Assert.That(Labels(data), Is.EqualTo(Expected));
        Assert.That(data.Notes, Has.One.Contains("2 annotations of train name images that the file does not list"));
        var faults = new List<DatasetFault>();
        source.Load("train", faults);
        Assert.That(faults, Has.Count.EqualTo(1));
        Assert.That(faults[0].Detail, Does.Contain("image 777"));
    }

    [Test]
    public void TwoImagesOfOneFileCountTogether()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "annotations/instances_train.json", "train", file =>
        {
            file["images"]!.AsArray().Add(new JsonObject { ["id"] = 50, ["file_name"] = "0.jpg" });
            file["annotations"]!.AsArray().Add(new JsonObject { ["id"] = 90, ["image_id"] = 50, ["category_id"] = 3 });
        });
        var data = new DatasetSource(folder.Path).Load("train");
        Assert.That(Labels(data), Is.EqualTo(Expected.Select(line => line == "0: 1 0 0" ? "0: 1 0 1" : line)));
        Assert.That(data.Notes, Has.One.Contains("1 images of train have the file of another image"));
    }

    [TestCase("train/_annotations.coco.json", "valid/_annotations.coco.json", "train", "valid")]
    [TestCase("Train/_annotations.coco.json", "Valid/_annotations.coco.json", "Train", "Valid")]
    [TestCase(
        "annotations/instances_Train.json", "annotations/instances_Validation.json", "images/Train",
        "images/Validation")]
    [TestCase("annotations/instances_train2017.json", "annotations/instances_val2017.json", "train2017", "val2017")]
    [TestCase("annotations/train.json", "annotations/val.json", "train", "val")]
    [TestCase("annotations/train.json", "annotations/val.json", "images/train2017", "images/val2017")]
    [TestCase("annotations/instances_train.json", "val.json", "train", "val")]
    [TestCase("train_coco.json", "valid_coco.json", "images", "images")]
    [TestCase("my-train-labels.json", "my-validation-labels.json", "images", "images")]
    public void PartsAreFoundAsToolsCallThem(
        string train, string validation, string trainPictures, string validationPictures)
    {
        using var folder = new TemporaryFolder();
        Write(folder, train, trainPictures, _ => { });
        Write(folder, validation, validationPictures, file => Each(file, "images", image => image["license"] = 1));
        var source = new DatasetSource(folder.Path);
        Assert.That(source.Resolve().Type, Is.EqualTo(DatasetType.Coco));
        Assert.That(new[] { "train", "val", "test" }.Select(source.Has), Is.EqualTo(new[] { true, true, false }));
        foreach (var part in new[] { "train", "val" })
            Assert.That(Labels(source.Load(part)), Is.EqualTo(Expected), part);
    }

    [TestCase("annotations/instances_default.json", "images")]
    [TestCase("annotations/instances_default.json", "images/default")]
    [TestCase("result.json", "images")]
    [TestCase("labels.json", "data")]
    [TestCase("_annotations.coco.json", ".")]
    [TestCase("annotations/coco.json", "coco")]
    public void OneFileWithoutPartsIsDividedAlwaysTheSameWay(string annotations, string pictures)
    {
        using var folder = new TemporaryFolder();
        Write(folder, annotations, pictures, file => file["info"] = new JsonObject { ["description"] = "no parts" });
        var source = new DatasetSource(folder.Path);
        Assert.That(source.Resolve().Type, Is.EqualTo(DatasetType.Coco));
        var parts = DatasetLayout.Parts.Select(source.Load).ToList();
        Assert.That(parts.SelectMany(Labels).Order(StringComparer.Ordinal), Is.EqualTo(Expected));
        Assert.That(parts.Select(part => part.Samples.Count), Is.EqualTo(new[] { 2, 1, 1 }));
        Assert.That(parts[0].Notes, Has.One.Contains("has no parts").And.Contains(Path.GetFileName(annotations)));
        Assert.That(Labels(source.Load("train")), Is.EqualTo(Labels(parts[0])));
    }

    [Test]
    public void TwoFilesThatCouldBeMeantAreNamedWithWhatToCallThem()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "first.json", "images", _ => { });
        Write(folder, "second.json", "images", _ => { });
        var source = new DatasetSource(folder.Path);
        Assert.That(source.Resolve().Type, Is.EqualTo(DatasetType.Coco));
        Assert.That(() => source.Load("train"), Throws.TypeOf<InputException>()
            .With.Message.Contains("first.json and second.json").And.Message
            .Contains("annotations/instances_train.json"));
    }

    [Test]
    public void OtherJsonIsNoAnnotationFile()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Csv(folder);
        Write(folder, "result.json", "images", _ => { });
        folder.Write("dataset.json", AttributeTable.OfClasses(SmallDatasets.Classes).ToJson());
        Assert.That(new DatasetSource(folder.Path).Resolve().Type, Is.EqualTo(DatasetType.Csv));
        File.Delete(folder["train.csv"]);
        File.Delete(folder["val.csv"]);
        Assert.That(
            new DatasetSource(folder.Path).Resolve().Recognised?.ToString(), Does.Contain("coco, by result.json"));
        folder.Write("annotations/captions_train2017.json", """{"images": []}""");
        Assert.That(new DatasetSource(folder.Path).Has("train"), Is.True, "undivided still");
    }

    [Test]
    public void ManyCategoriesAreReadInLinearTime()
    {
        using var folder = new TemporaryFolder();
        const int Many = 20_000; // 9 s where every name was looked for among all before it
        Write(folder, "annotations/instances_train.json", "train", file =>
        {
            for (var id = 10; id < Many; id++)
                file["categories"]!.AsArray().Add(new JsonObject { ["id"] = id, ["name"] = $"class {id}" });
        });
        Assert.That(
            InstanceFile.Read(folder["annotations/instances_train.json"]).Categories.Count, Is.EqualTo(Many - 7));
    }

    private static TestCaseData Written(string name, Action<JsonObject> change, string pictures = "train") =>
        new TestCaseData(change, pictures).SetName($"COCO: {name}");

    private static void Write(TemporaryFolder folder, string annotations, string pictures, Action<JsonObject> change)
    {
        var file = JsonNode.Parse("""
            {"images": [{"id": 1, "file_name": "0.jpg"}, {"id": 2, "file_name": "1.jpg"}, {"id": 3, "file_name": "2.jpg"}, {"id": 4, "file_name": "3.jpg"}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0}, {"id": 2, "image_id": 2, "category_id": 2, "iscrowd": 1},
               {"id": 3, "image_id": 3, "category_id": 3, "area": 0}, {"id": 4, "image_id": 4, "category_id": 1}, {"id": 5, "image_id": 4, "category_id": 2}],
             "categories": [{"id": 1, "name": "cat", "supercategory": "x"}, {"id": 2, "name": "dog", "supercategory": "x"}, {"id": 3, "name": "tree"}]}
            """)!.AsObject();
        change(file);
        folder.Write(annotations, file.ToJsonString());
        for (var i = 0; i < 4; i++)
            folder.Write($"{pictures}/{i}.jpg", "");
    }

    private static void Each(JsonObject file, string list, Action<JsonObject> change)
    {
        foreach (var item in file[list]!.AsArray())
            change(item!.AsObject());
    }

    private static void Ids(JsonObject file, Func<int, JsonNode> id)
    {
        foreach (var (list, names) in new[]
        {
            ("images", new[] { "id" }), ("annotations", ["image_id", "category_id"]), ("categories", ["id"]),
        })
        {
            foreach (var name in names)
                Each(file, list, item => item[name] = id(item[name]!.GetValue<int>()));
        }
    }

    private static void Root(JsonObject file, string name)
    {
        file["categories"]!.AsArray()
            .Insert(0, new JsonObject { ["id"] = 0, ["name"] = name, ["supercategory"] = "none" });
        Each(
            file, "categories",
            category => category["supercategory"] = category["id"]!.GetValue<int>() == 0 ? "none" : name);
    }

    private static IEnumerable<string> Labels(ImageDataset data) => data.Samples.Select(sample =>
        $"{Path.GetFileNameWithoutExtension(sample.Path)}: "
        + $"{string.Join(' ', sample.Labels.ToArray().Select(label => label.ToString(CultureInfo.InvariantCulture)))}");
}
