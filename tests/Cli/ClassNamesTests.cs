using Flixstock.Engine;
using static Flixstock.Tests.Cli.NamedDatasets;

namespace Flixstock.Tests.Cli;

/// <summary>
/// A model and a data set are matched by the names of attributes and classes in every command that has both.
/// </summary>
[NonParallelizable]
public sealed class ClassNamesTests
{
    private static readonly (string Name, string[] Classes)[] Own =
    [
        ("Colour", ["red", "green", "blue"]), ("Size", ["small", "large"]),
    ];
    private static readonly (string Name, string[] Classes)[] Permuted =
    [
        ("Size", ["large", "small"]), ("Colour", ["blue", "red", "green"]),
    ];
    private static readonly (string Name, string[] Classes)[] Renamed =
    [
        ("Colour", ["red", "azure", "blue"]), ("Size", ["small", "large"]),
    ];

    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public void WriteOnce()
    {
        _folder = new TemporaryFolder();
        WriteClasses(_folder, "classes", Colours);
        WriteClasses(_folder, "classes-permuted", "blue", "red", "green");
        WriteClasses(_folder, "classes-renamed", "blue", "green", "aaa");
        WriteAttributes(_folder, "own", Own);
        WriteAttributes(_folder, "own-permuted", Permuted);
        WriteAttributes(_folder, "own-renamed", Renamed);
        SaveCheckpoint(_folder["classes.safetensors"], AttributeTable.OfClasses(Colours));
        SaveCheckpoint(_folder["own.safetensors"], Table(Own));
    }

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void EveryCommandGivesTheSameResultsForClassesInAnotherOrderAndSaysSo([Values("classes", "own")] string name)
    {
        foreach (var (command, options, file) in Commands)
        {
            var results = new[] { name, $"{name}-permuted" }.Select(data =>
            {
                var output = Done(
                    [
                        command, "--data", _folder[data], "--weights", _folder[$"{name}.safetensors"], .. options,
                        "--out", _folder[$"{command}-{data}{file}"],
                    ]);
                Assert.That(
                    output.Contains("they are matched by name", StringComparison.Ordinal), Is.EqualTo(data != name),
                    $"{command} {data}: {output}");
                return _folder[$"{command}-{data}{file}"];
            }).ToList();
            var compared = command switch { "validate" => "validate_val.json", "review" => "review.csv", _ => "" };
            Assert.That(
                File.ReadAllText(Path.Combine(results[1], compared)),
                Is.EqualTo(File.ReadAllText(Path.Combine(results[0], compared))), command);
        }
    }

    [Test]
    public void EveryCommandRefusesOtherNamesAndNamesThemUnlessToldToTakePositions(
        [Values("classes", "own")] string name)
    {
        var (missing, surplus) = name == "own" ? ("Colour green", "Colour azure") : ("red", "aaa");
        foreach (var (command, options, file) in Commands.Append(("infer", ["--all-val"], "")))
        {
            string[] line =
            [
                command, "--data", _folder[$"{name}-renamed"], "--weights", _folder[$"{name}.safetensors"], .. options,
                "--out", _folder[$"{command}-renamed-{name}{file}"],
            ];
            Assert.That(
                Refused(line),
                Does.Contain($"{missing} is missing").And.Contain($"{surplus} is new").And
                    .Contain("--classes-by-position"),
                command);
            Assert.That(Path.Exists(_folder[$"{command}-renamed-{name}{file}"]), Is.False);
            Done([.. line, "--classes-by-position"]);
        }
    }

    [Test]
    public void InferWritesTheNumbersThatTheDataSetUses()
    {
        foreach (var data in new[] { "own", "own-permuted" })
        {
            Done(
                "infer", "--all-val", "--data", _folder[data], "--weights", _folder["own.safetensors"],
                "--out", _folder[$"infer-{data}"]);
        }
        var (own, permuted) = (Cells("own"), Cells("own-permuted"));
        Assert.That(
            own[0], Is.EqualTo(new[] { "filename", "colour", "size", "Predicted Colour Type", "Predicted Size Type" }));
        Assert.That(
            permuted[0],
            Is.EqualTo(new[] { "filename", "size", "colour", "Predicted Size Type", "Predicted Colour Type" }));
        for (var row = 1; row < own.Length; row++)
        {
            // The last two columns, by name: the same answers in other numbers.
            Assert.That(
                Permuted[1].Classes[int.Parse(permuted[row][4])], Is.EqualTo(Own[0].Classes[int.Parse(own[row][3])]));
            Assert.That(
                Permuted[0].Classes[int.Parse(permuted[row][3])], Is.EqualTo(Own[1].Classes[int.Parse(own[row][4])]));
        }
        Done(
            "infer", "--all-val", "--data", _folder["classes-permuted"], "--weights", _folder["classes.safetensors"],
            "--out", _folder["infer-a"]);
        Done(
            "infer", "--all-val", "--data", _folder["classes"], "--weights", _folder["classes.safetensors"],
            "--out", _folder["infer-b"]);
        string[] Predicted(string folder) => [.. File.ReadAllLines(_folder[$"{folder}/attributes_val_inference.csv"])
            .Select(line => line.Split(',')[^1])];
        Assert.That(Predicted("infer-a"), Is.EqualTo(Predicted("infer-b")));
    }

    [Test]
    public void CategoriesOfCocoInAnotherOrderGiveTheSameNumbers()
    {
        SaveCheckpoint(_folder["coco.safetensors"], AttributeTable.OfClasses(Data.SmallDatasets.Classes));
        using var coco = new TemporaryFolder();
        Data.SmallDatasets.Coco(coco);
        string[] line =
        [
            "validate", "--data", coco.Path, "--weights", _folder["coco.safetensors"], "--bootstrap", "0",
            "--threads", "1", "--json",
        ];
        Done([.. line, _folder["coco-a.json"]]);
        // The first category gets the highest number, and with it the last place.
        var json = coco["annotations/instances_val2017.json"];
        File.WriteAllText(
            json,
            File.ReadAllText(json).Replace("\"category_id\": 1,", "\"category_id\": 99,", StringComparison.Ordinal)
                .Replace("\"id\": 1, \"name\"", "\"id\": 99, \"name\"", StringComparison.Ordinal));
        Assert.That(
            Done([.. line, _folder["coco-b.json"]]), Does.Contain("(dog, tree, cat instead of cat, dog, tree)"));
        Assert.That(File.ReadAllText(_folder["coco-b.json"]), Is.EqualTo(File.ReadAllText(_folder["coco-a.json"])));
    }

    [Test]
    public void APublishedCheckpointWithoutNamesIsMatchedByNumberAndSaysSo()
    {
        var path = _folder["published.pth"];
        using (var own = Checkpoint.Load(_folder["classes.safetensors"]))
        {
            var state = new StateDict();
            foreach (var tensor in own.State)
                state.Add(tensor);
            TorchFile.Write(path, state); // and nothing about what it is of
        }
        Assert.That(
            Done(Validate("classes", path)),
            Does.Contain("does not name its classes; its 3 outputs are taken to be the classes of"));
        Assert.That(
            Refused(Validate("own", path)), Does.Contain("predicts Class (3)").And.Contain("Colour (3), Size (2)"));
    }

    [Test]
    public void AGroupedHeadIsNotTakenByPositionWhereAttributesHaveOtherSizes()
    {
        using (var own = Checkpoint.Load(_folder["own.safetensors"]))
        {
            new Checkpoint
            {
                State = own.State,
                Model = own.Model,
                Attributes = own.Attributes,
                Preparation = new(32),
                Head = HeadKind.Grouped,
            }.Save(_folder["grouped.safetensors"]);
        }
        WriteAttributes(_folder, "other-sizes", ("Size", ["s", "l"]), ("Colour", ["r", "g", "b"]));
        Assert.That(
            Refused([.. Validate("other-sizes", _folder["grouped.safetensors"]), "--classes-by-position"]),
            Does.Contain("Colour (3), Size (2)"));
        Done([.. Validate("own-permuted", _folder["grouped.safetensors"])]);
    }

    [Test]
    public void ThePriorsRowsAreFoundByNameAndOtherNamesAreRefused()
    {
        string[] train =
        [
            "train", "--data", _folder["classes"], "--epochs", "1", "--batch-size", "4", .. Tiny, "--prior-path",
        ];
        _folder.Write("prior.csv", "index,name,prior\n0,red,0.9\n1,green,0.1\n2,blue,0.2\n");
        _folder.Write("permuted.csv", "index,name,prior\n0,blue,0.2\n1,red,0.9\n2,green,0.1\n");
        _folder.Write("reference.csv", "Classes,avg_pred\ngreen,0.1\nred,0.9\nblue,0.2\n");
        _folder.Write("renamed.csv", "index,name,prior\n0,scarlet,0.9\n1,green,0.1\n2,blue,0.2\n");
        Done([.. train, _folder["prior.csv"], "--out", _folder["by-prior"]]);
        foreach (var name in new[] { "permuted", "reference" })
        {
            Assert.That(
                Done([.. train, _folder[$"{name}.csv"], "--out", _folder[$"by-{name}"]]),
                Does.Contain($"{name}.csv: its classes are in another order than the data set's"));
            AssertSame($"by-{name}", "by-prior");
        }
        Assert.That(
            Refused([.. train, _folder["renamed.csv"], "--out", _folder["by-renamed"]]),
            Does.Contain("scarlet is missing and red is new in the data set").And.Contain("--classes-by-position"));
        Done([.. train, _folder["renamed.csv"], "--out", _folder["by-renamed"], "--classes-by-position"]);
        AssertSame("by-renamed", "by-prior");
        _folder.Write(
            "own-prior.csv", "index,name,prior\n0,small,0.9\n1,large,0.1\n2,blue,0.2\n3,red,0.3\n4,green,0.4\n");
        Done(
            [
                .. train[..1], "--data", _folder["own"], .. train[3..], _folder["own-prior.csv"],
                "--out", _folder["own-by-prior"],
            ]);
    }

    [Test]
    public void AClassifiersRowsAreFoundByNameAndOneOfOtherClassesStartsFresh()
    {
        string[] train =
        [
            "train", "--data", _folder["classes"], "--epochs", "1", "--batch-size", "4", .. Tiny, "--weights",
        ];
        Done([.. train, _folder["classes.safetensors"], "--out", _folder["from"]]);
        SaveWithRows("turned", ["blue", "red", "green"], [2, 0, 1]);
        Assert.That(
            Done([.. train, _folder["turned.safetensors"], "--out", _folder["from-turned"]]),
            Does.Contain("the classifier's rows are matched by name"));
        AssertSame("from-turned", "from");
        SaveWithRows("other", ["red", "green", "azure"], [0, 1, 2]);
        Assert.That(Done([.. train, _folder["other.safetensors"], "--out", _folder["from-other"]]),
            Does.Contain("azure is missing and blue is new there): the classifier starts fresh; --classes-by-position "
                + "takes it as it is").And.Contain("2 tensors new"));
        Assert.That(
            Done([.. train, _folder["other.safetensors"], "--out", _folder["from-position"], "--classes-by-position"]),
            Does.Not.Contain("tensors new"));
        AssertSame("from-position", "from");
    }

    [Test]
    public void ThresholdsGoNextToTheModelAndAreUsedUnlessANumberIsGiven()
    {
        _folder.Write("fit/best.safetensors", File.ReadAllBytes(_folder["classes.safetensors"]));
        var (model, fitted) = (_folder["fit/best.safetensors"], _folder["fit/best.thresholds.safetensors"]);
        var before = File.ReadAllBytes(model);
        string[] thresholds = ["thresholds", "--data", _folder["classes"], "--weights"];
        Assert.That(Done([.. thresholds, model]), Does.Contain($"written: {fitted}"));
        Assert.That(File.ReadAllBytes(model), Same.As(before));
        Assert.That(Refused([.. thresholds, fitted]), Does.Contain("--in-place"));
        Done([.. thresholds, fitted, "--in-place"]);
        Assert.That(
            Done(Validate("classes", model)), Does.Contain("threshold: 0.7 for every class; none are stored in"));
        Assert.That(
            Done(Validate("classes", fitted)),
            Does.Contain($"thresholds: each class' own, fitted and stored in {fitted}"));
        using (var checkpoint = Checkpoint.Load(fitted))
        {
            var used = System.Text.Json.JsonDocument.Parse(File.ReadAllText(_folder["v.json"])).RootElement
                .GetProperty("classes").EnumerateArray().Select(c => (float)c.GetProperty("threshold").GetDouble());
            Assert.That(used, Is.EqualTo(checkpoint.Calibration!.Thresholds).Within(1e-6f));
        }
        Assert.That(
            Done([.. Validate("classes", fitted), "--thre", "0.25"]),
            Does.Contain("threshold: 0.25 for every class, as given"));
        var picture = _folder["classes/images/p0.jpg"];
        Assert.That(
            Done("infer", "--weights", fitted, picture, "--thre", "1"),
            Does.Not.Contain("red").And.Not.Contain("blue"));
        Assert.That(
            Done("infer", "--weights", fitted, picture, "--thre", "0"), Does.Contain("red").And.Contain("blue"));
    }

    private void SaveWithRows(string name, string[] classes, int[] rows)
    {
        using var own = Checkpoint.Load(_folder["classes.safetensors"]);
        var state = new StateDict();
        foreach (var tensor in own.State)
        {
            var values = tensor.Name.StartsWith("head.", StringComparison.Ordinal) ? tensor.ToFloats() : [];
            var length = values.Length / rows.Length;
            state.Add(values.Length == 0
                ? tensor
                : StateTensors.From(
                    tensor.Name, tensor.Shape,
                    [.. rows.SelectMany(row => values[(row * length)..((row + 1) * length)])]));
        }
        new Checkpoint
        {
            State = state,
            Model = own.Model,
            Attributes = AttributeTable.OfClasses(classes),
            Preparation = new(32),
        }.Save(_folder[$"{name}.safetensors"]);
    }

    private void AssertSame(string run, string other) =>
        Assert.That(
            File.ReadAllBytes(_folder[$"{run}/last.safetensors"]),
            Same.As(File.ReadAllBytes(_folder[$"{other}/last.safetensors"])), run);

    private static (string Command, string[] Options, string File)[] Commands =>
    [
        ("validate", ["--bootstrap", "0"], ""), ("review", ["--confidence", "0.5"], ""), ("prior", [], ".csv"),
        ("thresholds", [], ".safetensors"),
    ];

    private string[][] Cells(string data) =>
        [.. File.ReadAllLines(_folder[$"infer-{data}/attributes_val_inference.csv"]).Select(line => line.Split(','))];

    private string[] Validate(string data, string weights) =>
        [
            "validate", "--data", _folder[data], "--weights", weights, "--image-size", "32", "--bootstrap", "0",
            "--json", _folder["v.json"],
        ];
}
