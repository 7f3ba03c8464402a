using System.Text.Json;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary>
/// One bad picture among good ones: training finds it before its first step, other commands label or measure the rest
/// where that is asked for.
/// </summary>
public sealed class BadPictureTests
{
    private const string Bad = "val/cat/p9.jpg";

    [Test]
    public void Training_names_a_bad_picture_before_it_begins()
    {
        using var folder = Dataset(Bad);
        var (exit, output, error) = Run(Train(folder, "run"));
        Assert.That(exit, Is.EqualTo(2), error);
        Assert.That(error, Does.Contain("val: cat/p9.jpg (the picture is truncated)").And.Contain("--skip-bad 1"));
        Assert.That(output, Does.Not.Contain("epoch"));
        Assert.That(Directory.Exists(folder["run"]), Is.False, "nothing is left that has to be overwritten");
    }

    [Test]
    public void What_is_left_out_stays_left_out_when_the_run_goes_on()
    {
        using var folder = Dataset(Bad);
        var (exit, output, error) = Run([.. Train(folder, "run", epochs: 2), "--stop-epoch", "1", "--skip-bad", "1"]);
        Assert.That(exit, Is.Zero, error);
        Assert.That(output, Does.Contain("left out: val: cat/p9.jpg (the picture is truncated)"));
        Assert.That(LeftOut(folder, "run/run.json"), Is.EqualTo(new[] { $"val {Bad[4..]} the picture is truncated" }));
        Good(folder, Bad); // mended: the run's numbers are those of the pictures that it was begun with
        Assert.That(Run([.. Train(folder, "run", epochs: 2), "--resume"]).Exit, Is.Zero);
        Assert.That(File.ReadAllLines(folder["run/metrics.csv"]), Has.Length.EqualTo(3));
        using var whole = Dataset(Bad);
        Assert.That(Run([.. Train(whole, "run", epochs: 2), "--skip-bad"]).Exit, Is.Zero);
        Assert.That(
            File.ReadAllBytes(folder["run/best.safetensors"]),
            Same.As(File.ReadAllBytes(whole["run/best.safetensors"])));
        Assert.That(
            File.ReadAllBytes(folder["run/last.safetensors"]),
            Same.As(File.ReadAllBytes(whole["run/last.safetensors"])));
    }

    [Test]
    public void More_bad_pictures_than_may_be_left_out_are_an_error_that_names_them()
    {
        using var folder = Dataset(Bad, "train/cat/p3.jpg");
        var (exit, _, error) = Run([.. Train(folder, "run"), "--skip-bad", "1"]);
        Assert.That(exit, Is.EqualTo(2));
        Assert.That(error, Does.Contain("2 pictures").And.Contain("cat/p9.jpg").And.Contain("train: cat/p3.jpg").And
            .Contain("--skip-bad 2"));
        Assert.That(Run([.. Train(folder, "run"), "--skip-bad", "1", "--no-check"]).Error, Does.Contain("--no-check"));
    }

    [Test]
    public void A_bad_picture_that_was_not_looked_at_ends_the_epoch_and_the_run_goes_on_when_it_is_mended()
    {
        using var folder = Dataset(Bad);
        var (exit, _, error) = Run([.. Train(folder, "run"), "--no-check"]);
        Assert.That(exit, Is.EqualTo(2));
        Assert.That(
            error, Does.Contain("p9.jpg").And.Contain("truncated").And.Contain("--resume").And.Contain("--skip-bad"));
        var known = PictureCheckCache.Open(PictureCheckCache.DefaultFolder, folder["data"]);
        Assert.That(known.Suspects.Single(), Does.EndWith("p9.jpg"), "--skip-bad looks at it first");
        known.Keep([], [], complete: true);
        Assert.That(Run([.. Train(folder, "run"), "--resume"]).Error, Does.Contain("p9.jpg").And.Contain("restore"));
        Good(folder, Bad);
        var (resumed, _, words) = Run([.. Train(folder, "run"), "--resume"]);
        Assert.That(resumed, Is.Zero, words);
        using var fine = Dataset();
        Assert.That(Run(Train(fine, "run")).Exit, Is.Zero);
        Assert.That(
            File.ReadAllBytes(folder["run/last.safetensors"]),
            Same.As(File.ReadAllBytes(fine["run/last.safetensors"])), "nothing was lost and nothing done twice");
    }

    [Test]
    public void Both_stages_and_every_training_of_an_experiment_leave_it_out()
    {
        using var folder = Dataset(Bad);
        var (exit, _, error) = Run([.. Train(folder, "run"), "--two-stage", "--skip-bad", "3"]);
        Assert.That(exit, Is.Zero, error);
        Assert.That(LeftOut(folder, "run/run.json"), Has.Length.EqualTo(1));
        Assert.That(LeftOut(folder, "run/ignore/run.json"), Has.Length.EqualTo(1));
        folder.Write("grid.json", """
            { "seeds": [1], "simulations": ["none"], "train": { "layers": "1,1,1,1", "width": 0.0625, "image-size": 32, "epochs": 1, "batch-size": 4 },
              "methods": [{ "name": "Ignore", "train": { "partial-loss-mode": "ignore" } }] }
            """);
        string[] experiment =
        [
            "experiment", folder["grid.json"], "--data", folder["data"], "--out", folder["grid"], "--device", "cpu",
        ];
        Assert.That(Run(experiment).Error, Does.Contain("p9.jpg").And.Contain("--skip-bad 1"));
        Assert.That(Run([.. experiment, "--skip-bad", "1"]).Exit, Is.Zero);
        Assert.That(LeftOut(folder, "grid/none/ignore/seed-1/run.json"), Has.Length.EqualTo(1));
    }

    [Test]
    public void Infer_labels_the_rest_and_lists_the_bad()
    {
        using var folder = Dataset(Bad, "val/dog/p10.jpg");
        var model = Model(folder);
        string[] infer =
        [
            "infer", "--weights", model, "--device", "cpu", folder["data/val/cat"], folder["data/val/dog"],
        ];
        var (exit, output, error) = Run([.. infer, "--save-pictures", folder["saved"]]);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(output, Does.Contain("p8.jpg").Or.Contain("p11.jpg").And.Not.Contain("p9.jpg"));
        Assert.That(error, Does.Contain("not labelled: ").And.Contain("p9.jpg: the picture is truncated").And
            .Contain("p10.jpg").And.Contain("2 of "));
        Assert.That(
            Directory.GetFiles(folder["saved"]).Select(Path.GetFileName), Does.Not.Contain("p9.jpg").And.Not.Empty);
        Assert.That(Run([.. infer, "--skip-bad", "2"]).Exit, Is.Zero);
        Assert.That(Run([.. infer, "--skip-bad", "1"]).Exit, Is.EqualTo(1));
    }

    [Test]
    public void Saved_pictures_replace_no_picture_of_the_users()
    {
        using var folder = Dataset();
        string[] infer = ["infer", "--weights", Model(folder), "--device", "cpu"];
        var (cat, copies) = (folder["data/val/cat"], folder["copies"]);
        var before = Contents(cat);
        File.CreateSymbolicLink(folder["linked"], cat);
        foreach (var target in new[] { cat, folder["linked"], cat + "/../cat" })
        {
            var (exit, _, error) = Run([.. infer, cat, "--save-pictures", target]);
            Assert.That(exit, Is.EqualTo(2), target);
            Assert.That(error, Does.Contain("would be replaced; choose another folder"), target);
        }
        Directory.CreateDirectory(copies);
        foreach (var file in Directory.GetFiles(cat))
            File.Copy(file, Path.Combine(copies, Path.GetFileName(file)));
        Assert.That(
            Run([.. infer, cat, "--save-pictures", copies]).Error,
            Does.Contain("is there already, and no such command has made it"));
        Assert.That(Contents(cat), Is.EqualTo(before));
        Assert.That(Contents(copies), Is.EqualTo(before));

        Assert.That(Run([.. infer, cat, "--save-pictures", folder["labelled"]]).Exit, Is.Zero);
        Assert.That(
            Run([.. infer, cat, "--save-pictures", folder["labelled"]]).Exit, Is.Zero, "its own pictures are replaced");
        Assert.That(Run([.. infer, folder["labelled"], "--save-pictures", folder["labelled"]]).Exit, Is.EqualTo(2));
    }

    [Test]
    public void No_command_writes_over_the_model_that_it_reads()
    {
        using var folder = Dataset();
        var model = Model(folder);
        var before = File.ReadAllBytes(model);
        File.CreateSymbolicLink(folder["link.safetensors"], model);
        string[] given = ["--weights", model];
        foreach (var target in new[] { model, folder["link.safetensors"] })
        {
            foreach (var command in new string[][]
            {
                ["export", .. given, "--out", target],
                ["prior", .. given, "--data", folder["data"], "--out", target],
                ["validate", .. given, "--data", folder["data"], "--json", target],
                ["weights", "convert", model, target],
            })
            {
                var (exit, _, error) = Run(command);
                Assert.That(exit, Is.EqualTo(2), string.Join(' ', command));
                Assert.That(
                    error,
                    Does.Contain($"{target}: that is the file to read, which would be lost; choose another name"));
            }
        }
        Assert.That(File.ReadAllBytes(model), Same.As(before));
    }

    private static string[] Contents(string path) =>
        [.. Directory.GetFiles(path).Order(StringComparer.Ordinal)
            .Select(file => Path.GetFileName(file) + Convert.ToHexString(File.ReadAllBytes(file)))];

    [Test]
    public void Infers_json_stays_json_and_says_what_could_not_be_read()
    {
        using var folder = Dataset(Bad);
        string[] pictures = [folder[$"data/{Bad}"], folder["data/val/dog/p10.jpg"]];
        var (exit, output, _) = Run(["infer", "--weights", Model(folder), "--device", "cpu", "--json", .. pictures]);
        using var json = JsonDocument.Parse(output);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(json.RootElement[0].GetProperty("picture").GetString(), Is.EqualTo(pictures[0]));
        Assert.That(json.RootElement[0].GetProperty("error").GetString(), Is.EqualTo("the picture is truncated"));
        Assert.That(json.RootElement[1].GetProperty("labels").GetArrayLength(), Is.EqualTo(1));
        var (classes, listed, _) = Run(
            [
                "infer", "--weights", Model(folder), "--device", "cpu", "--json", "--dataset-type", "openimages",
                "--th", "0", .. pictures,
            ]);
        using var open = JsonDocument.Parse(listed);
        Assert.That(classes, Is.EqualTo(1));
        Assert.That(
            open.RootElement[0].TryGetProperty("error", out _) && open.RootElement[1].TryGetProperty("classes", out _));
    }

    [Test]
    public void Where_nothing_can_be_read_infer_is_wrong_input()
    {
        using var folder = Dataset(Bad, "val/dog/p10.jpg");
        var (exit, output, error) = Run(
            "infer", "--weights", Model(folder), "--device", "cpu", folder[$"data/{Bad}"],
            folder["data/val/dog/p10.jpg"]);
        Assert.That((exit, output), Is.EqualTo((2, "")));
        Assert.That(error, Does.Contain("none of the 2 pictures").And.Contain("p9.jpg").And.Contain("p10.jpg"));
    }

    [Test]
    public void All_validation_pictures_but_the_bad_one_are_in_the_table()
    {
        using var folder = Dataset(Bad);
        string[] infer =
        [
            "infer", "--all-val", "--data", folder["data"], "--weights", Model(folder), "--device", "cpu",
            "--out", folder["results"],
        ];
        var (exit, _, error) = Run(infer);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(error, Does.Contain("p9.jpg"));
        var table = File.ReadAllText(folder["results/attributes_val_inference.csv"]);
        Assert.That(table.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(4));
        Assert.That(table, Does.Not.Contain("p9.jpg"));
        Assert.That(Run([.. infer, "--skip-bad"]).Exit, Is.Zero);
    }

    [TestCase("validate", "--out")]
    [TestCase("review", "--out")]
    [TestCase("prior", "--out")]
    [TestCase("thresholds", "--out")]
    public void Measuring_goes_on_without_bad_pictures_only_where_that_is_asked_for(string command, string option)
    {
        using var folder = Dataset(Bad);
        using var without = Dataset();
        File.Delete(without[$"data/{Bad}"]);
        string[] Arguments(TemporaryFolder place, string target) =>
            [
                command, "--data", place["data"], "--split", "val", "--weights", Model(place), "--device", "cpu",
                option, place[Target(command, target)],
            ];
        var (exit, _, error) = Run(Arguments(folder, "a"));
        Assert.That(exit, Is.EqualTo(2));
        Assert.That(error, Does.Contain("p9.jpg").And.Contain("--skip-bad"));
        var (skipped, output, words) = Run([.. Arguments(folder, "b"), "--skip-bad", "1"]);
        Assert.That(skipped, Is.Zero, words);
        Assert.That(output, Does.Contain("left out: cat/p9.jpg (the picture is truncated)"));
        Assert.That(Run(Arguments(without, "b")).Exit, Is.Zero);
        Assert.That(Result(folder, command), Is.EqualTo(Result(without, command)), "as if it had never been there");
    }

    [Test]
    public void Validations_json_lists_what_was_left_out()
    {
        using var folder = Dataset(Bad, "val/dog/p10.jpg");
        string[] validate =
        [
            "validate", "--data", folder["data"], "--weights", Model(folder), "--device", "cpu",
            "--out", folder["results"],
        ];
        Assert.That(
            Run([.. validate, "--skip-bad", "1"]).Error,
            Does.Contain("more than 1 pictures").And.Contain("p9.jpg").And.Contain("p10.jpg"));
        Assert.That(Run([.. validate, "--skip-bad", "2"]).Exit, Is.Zero);
        using var json = JsonDocument.Parse(File.ReadAllText(folder["results/validate_val.json"]));
        Assert.That(json.RootElement.GetProperty("pictures").GetInt32(), Is.EqualTo(2));
        Assert.That(
            json.RootElement.GetProperty("leftOut").EnumerateArray()
                .Select(entry => entry.GetProperty("file").GetString()),
            Is.EquivalentTo(new[] { "cat/p9.jpg", "dog/p10.jpg" }));
    }

    [Test]
    public void Splits_option_takes_a_number_as_well()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(20);
        folder.Write("images_cleaned/images/p003.jpg", TemporaryFolder.SmallJpeg(3)[..200]);
        folder.Write("images_cleaned/images/p004.jpg", "");
        string[] split = ["split", "--data", folder.Path, "--no-augment"];
        Assert.That(Run(split).Error, Does.Contain("p003.jpg").And.Contain("p004.jpg").And.Contain("--skip-bad"));
        Assert.That(Run([.. split, "--skip-bad", "1"]).Error, Does.Contain("--skip-bad 1").And.Contain("2 pictures"));
        Assert.That(Run([.. split, "--skip-bad", "2"]).Exit, Is.Zero);
        Assert.That(Run([.. split, "--skip-bad", "few"]).Error, Does.Contain("--skip-bad 'few'"));
    }

    /// <summary>
    /// A folder per class; the named pictures are cut off. A bad one in the part 'test' disturbs nobody.
    /// </summary>
    private static TemporaryFolder Dataset(params string[] bad)
    {
        var folder = new TemporaryFolder();
        for (var i = 0; i < 12; i++)
            Good(folder, $"{(i < 8 ? "train" : "val")}/{(i % 3 == 0 || i == 11 ? "cat" : "dog")}/p{i}.jpg");
        folder.Write("data/test/cat/t.jpg", "no picture");
        foreach (var name in bad)
            folder.Write($"data/{name}", TemporaryFolder.SmallJpeg(3, 40, 36)[..^100]);
        return folder;
    }

    private static void Good(TemporaryFolder folder, string name) =>
        folder.Write($"data/{name}", TemporaryFolder.SmallJpeg((ulong)name.Length + name[^5], 40, 36));

    private static string[] Train(TemporaryFolder folder, string run, int epochs = 1) =>
    [
        "train", "--data", folder["data"], "--out", folder[run], "--layers", "1,1,1,1", "--width", "0.0625",
        "--image-size", "32", "--batch-size", "4", "--epochs", $"{epochs}", "--device", "cpu", "--workers", "1",
    ];

    private static string Model(TemporaryFolder folder)
    {
        var path = folder["model.safetensors"];
        if (File.Exists(path))
            return path;
        var attributes = new AttributeTable([new AttributeGroup("Class", "class", 2, ["cat", "dog"])]);
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(
            backend, new TResNetOptions { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.0625, Classes = 2 });
        network.Initialize(1);
        new Checkpoint
        {
            State = network.ToStateDict(),
            Model = network.Options,
            Attributes = attributes,
            Preparation = new(32),
        }.Save(path);
        return path;
    }

    private static string Target(string command, string name) => command switch
    {
        "prior" => $"{name}.csv",
        "thresholds" => $"{name}.safetensors",
        _ => name,
    };

    private static string Result(TemporaryFolder folder, string command) => command switch
    {
        "validate" => WithoutList(File.ReadAllText(folder["b/validate_val.json"])),
        "review" => File.ReadAllText(folder["b/review.csv"]),
        "prior" => File.ReadAllText(folder["b.csv"]),
        _ => Convert.ToHexString(File.ReadAllBytes(folder["b.safetensors"])),
    };

    private static string WithoutList(string json)
    {
        var node = System.Text.Json.Nodes.JsonNode.Parse(json)!.AsObject();
        node.Remove("leftOut");
        return node.ToJsonString();
    }

    private static string[] LeftOut(TemporaryFolder folder, string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(folder[file]));
        return [.. json.RootElement.GetProperty("leftOut").EnumerateArray().Select(
            entry => $"{entry.GetProperty("part").GetString()} {entry.GetProperty("file").GetString()} "
                + $"{entry.GetProperty("problem").GetString()}")];
    }

    private static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (CommandLine.Run(arguments, output, error), output.ToString(), error.ToString());
    }
}
