using System.Text.Json;
using Flixstock.Cli;

namespace Flixstock.Tests.Cli;

/// <summary>
/// Labels that teach or measure nothing, batches without statistics, and few labels, as a user of the commands meets
/// them.
/// </summary>
[NonParallelizable]
public class UnmeasurableTests
{
    private static readonly string[] Tiny =
    [
        "--layers", "1,1,1,1", "--width", "0.0625", "--image-size", "32", "--epochs", "2", "--workers", "1",
        "--device", "cpu", "--threads", "1",
    ];

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void NothingLabelledInTrainingIsRefusedAndNothingIsWritten([Values] bool twoStage)
    {
        Data(training: _ => ",", validation: i => i % 2 == 0 ? "1,0" : "0,1");
        string[] stages = twoStage ? ["--two-stage"] : [];
        var error = Fails(
            ["train", "--data", _folder["data"], "--out", _folder["run"], "--batch-size", "2", .. stages, .. Tiny]);
        Assert.That(
            error,
            Does.Contain($"{_folder["data"]}: no label of the 5 training pictures is known (2 classes: cat, dog)").And
                .Contain("every label cell of the CSV is empty"));
        Assert.That(Directory.Exists(_folder["run"]), Is.False);
    }

    [Test]
    public void ABatchOfOneIsRefusedAndTheRunThatIsThereStays([Values] bool twoStage)
    {
        Data(training: i => i % 2 == 0 ? "1,0" : "0,1", validation: i => i % 2 == 0 ? "1,0" : "0,1");
        _folder.Write("run/run.json", "{}");
        _folder.Write("run/last.safetensors", "weights");
        string[] stages = twoStage ? ["--two-stage"] : [];
        var error = Fails(
            [
                "train", "--data", _folder["data"], "--out", _folder["run"], "--batch-size", "4", "--overwrite",
                .. stages, .. Tiny,
            ]);
        Assert.That(error, Does.Contain("--batch-size 4: the last batch of an epoch has 1 of 5 pictures").And
            .Contain("give --batch-size 3 or 5, or --image-size 36 or more"));
        Assert.That(File.ReadAllText(_folder["run/last.safetensors"]), Is.EqualTo("weights"));
        Assert.That(Directory.GetFileSystemEntries(_folder["run"]), Has.Length.EqualTo(2));
    }

    [Test]
    public void FiveStepsAreASchedule()
    {
        Data(training: i => i % 2 == 0 ? "1,0" : "0,1", validation: i => i % 2 == 0 ? "1,0" : "0,1");
        Assert.That(
            Run(
                [
                    "train", "--data", _folder["data"], "--out", _folder["run"], "--batch-size", "5", .. Tiny[..7],
                    "5", .. Tiny[8..],
                ]),
            Does.Contain("epoch 5/5"));
    }

    [Test]
    public void NothingLabelledInValidationIsANoteAndEveryCommandSaysSo()
    {
        Data(training: i => i % 2 == 0 ? "1,0" : "0,1", validation: _ => ",");
        var best = _folder["run/best.safetensors"];
        var output = Run(
            [
                "train", "--data", _folder["data"], "--out", _folder["run"], "--batch-size", "2", .. Tiny[..5],
                "36", .. Tiny[6..],
            ]);
        Assert.That(output, Does.Contain("note: mAP and validation loss cannot be computed on the validation pictures: "
            + "no label of the 4 pictures is known"));
        Assert.That(output, Does.Contain("best: the last, since neither mAP nor validation loss could be computed: "
            + "plain weights of epoch 2").And.Not.Contain("NaN").And.Not.Contain("best so far"));
        output = Run("validate", "--data", _folder["data"], "--weights", best, "--json", _folder["report.json"]);
        Assert.That(
            output, Does.Contain("mAP cannot be computed: no label of the 4 pictures is known").And.Not.Contain("NaN"));
        Assert.That(
            JsonDocument.Parse(File.ReadAllText(_folder["report.json"])).RootElement
                .GetProperty("meanAveragePrecision").ValueKind,
            Is.EqualTo(JsonValueKind.Null));
        Assert.That(
            Fails("thresholds", "--data", _folder["data"], "--weights", best, "--out", _folder["fitted.safetensors"]),
            Does.Contain("no label is known to be positive"));
        Assert.That(File.Exists(_folder["fitted.safetensors"]), Is.False);
        Run("review", "--data", _folder["data"], "--weights", best, "--out", _folder["review"]);
    }

    [Test]
    public void FewPositivesHaveNoInterval()
    {
        Data(training: i => i % 2 == 0 ? "1,0" : "0,1", validation: i => i == 0 ? "1,0" : "0,1");
        Run(["train", "--data", _folder["data"], "--out", _folder["run"], "--batch-size", "5", .. Tiny]);
        var best = _folder["run/best.safetensors"];
        var output = Run("validate", "--data", _folder["data"], "--weights", best, "--json", _folder["report.json"]);
        Assert.That(output, Does.Contain(" 1 positive").And.Contain(" 3 positives").And
            .Contain("95 %: fewer than 5 known positives or negatives say nothing about an interval"));
        Assert.That(output, Does.Not.Match(@"\d to \d+\.\d"));
        output = Run(
            "thresholds", "--data", _folder["data"], "--weights", best, "--out", _folder["fitted.safetensors"]);
        Assert.That(output, Does.Contain("note: fewer than 5 known positives").And.Contain(": cat, dog"));
    }

    [Test]
    public void AGridWithoutMeanApIsComparedByValidationLoss()
    {
        Data(training: i => i % 2 == 0 ? "1," : ",1", validation: i => i % 2 == 0 ? "1," : ",1");
        _folder.Write("grid.json", """
            {
              "seeds": [1, 2, 3],
              "train": { "layers": [1, 1, 1, 1], "width": 0.0625, "image-size": 36, "epochs": 1, "batch-size": "auto", "exif-rotate": false },
              "methods": [{ "name": "warm" }, { "name": "cold", "train": { "ema-warmup": false } }]
            }
            """);
        string[] grid =
        [
            "experiment", _folder["grid.json"], "--data", _folder["data"], "--out", _folder["grid"], "--workers", "1",
            "--device", "cpu",
        ];
        Assert.That(Run(grid), Does.Contain("validation loss").And.Not.Contain("NaN"));
        var rows = File.ReadAllLines(_folder["grid/results.csv"]);
        var column = Array.IndexOf(rows[0].Split(','), "validation_loss");
        Assert.That(rows.Skip(1).Select(row => row.Split(',')[column].Length), Has.Exactly(6).GreaterThan(0));
        string Options(string method) => File.ReadAllText(_folder[$"grid/none/{method}/seed-1/run.json"]);
        Assert.That(Options("warm"), Does.Contain("\"averageWarmup\": true").And.Contain("\"batchSize\": 2"));
        Assert.That(Options("cold"), Does.Contain("\"averageWarmup\": false"));
        Assert.That(Run(grid), Does.Contain("6 trainings, 6 of them done"));
    }

    // Refused before anything is drawn; without options the network is the standard one, and only the folder is wrong.
    [TestCase("--layers 1,1,1,0", "layers [1, 1, 1, 0]")]
    [TestCase("", "the folder holds something else than a demo")]
    public void ADemoIsCheckedBeforeItDraws(string options, string message)
    {
        _folder.Write("demo/letter.txt", "");
        Assert.That(
            Fails(["demo", "--out", _folder["demo"], "--device", "cpu", .. options.Split(
                ' ', StringSplitOptions.RemoveEmptyEntries)]),
            Does.Contain(message));
        Assert.That(Directory.GetFileSystemEntries(_folder["demo"]), Has.Length.EqualTo(1));
    }

    [TestCase("--ema-decay", "1", "--ema-decay 1: give a number above 0 and below 1")]
    [TestCase("--ema-decay", "0", "--ema-decay '0'")]
    [TestCase("--ema-warmup", "maybe", "--ema-warmup 'maybe': give on or off")]
    public void TheAveragesOptionsAreChecked(string option, string value, string message) =>
        Assert.That(
            Fails("train", "--data", _folder.Path, "--out", _folder["run"], option, value), Does.Contain(message));

    // Five pictures for training, four for validation; classes cat and dog, cells "1,0" or ",".
    private void Data(Func<int, string> training, Func<int, string> validation)
    {
        foreach (var (part, count, cells) in new[] { ("train", 5, training), ("val", 4, validation) })
        {
            _folder.Write($"data/{part}.csv", "filename,cat,dog\n"
                + string.Concat(Enumerable.Range(0, count).Select(i => $"{part}{i}.jpg,{cells(i)}\n")));
            for (var i = 0; i < count; i++)
            {
                _folder.Write(
                    $"data/images/{part}{i}.jpg", TemporaryFolder.SmallJpeg((ulong)i + (part == "val" ? 10u : 0)));
            }
        }
    }

    private static string Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.That(CommandLine.Run(arguments, output, error), Is.Zero, error.ToString());
        return output.ToString();
    }

    private static string Fails(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.That(CommandLine.Run(arguments, output, error), Is.EqualTo(CommandLine.WrongInput), output.ToString());
        return error.ToString();
    }
}
