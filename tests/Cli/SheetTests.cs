using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary><c>validate --sheets</c> and <c>review</c>: contact sheets among the other results.</summary>
public sealed class SheetTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeSetUp]
    public void DrawDataAndModel()
    {
        Run(0, "synth", "--out", _folder["data"], "--count", "30", "--size", "40");
        Run(0, "split", "--data", _folder["data"], "--no-augment");
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(
            backend, new TResNetOptions { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.0625, Classes = 21 });
        network.Initialize(1);
        var plain = new Checkpoint
        {
            State = network.ToStateDict(),
            Model = network.Options,
            Attributes = AttributeTable.LoadBeside(_folder["data/attributes_train.csv"]),
            Preparation = new(32),
        };
        plain.Save(_folder["plain.safetensors"]);
        // A temperature that makes it sure of everything.
        plain.With(new ClassCalibration([.. Enumerable.Repeat(0.5f, 21)], 1e-3)).Save(_folder["sure.safetensors"]);
    }

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public void AValidationDrawsFourSheetsAmongItsCharts()
    {
        Run(0, [.. Validate("sure"), "--out", _folder["four"], "--sheets", "--pictures", "5"]);
        Assert.That(Sheets("four"), Is.EqualTo(new[]
        {
            "sheet_right.png", "sheet_suspicious.png", "sheet_uncertain.png", "sheet_wrong.png",
        }));
        var wrong = PictureDecoder.Decode(_folder["four/validate_train/sheet_wrong.png"]);
        Assert.That(wrong.Width, Is.EqualTo((5 * 196) + 16));
    }

    [Test]
    public void ASheetThatHasNothingToShowAnyMoreIsRemoved()
    {
        string[] sheets = ["--out", _folder["again"], "--sheets", "--pictures", "2"];
        Run(0, [.. Validate("sure"), .. sheets]);
        Assert.That(Sheets("again"), Does.Contain("sheet_suspicious.png"));
        var output = Run(0, [.. Validate("plain"), .. sheets, "--confidence", "1"]);
        Assert.That(Sheets("again"), Has.None.EqualTo("sheet_suspicious.png"));
        Assert.That(output, Does.Contain("Labels to check: 0 disagree, 0 unknown: no sheet"));
        Assert.That(Sheets("again"), Does.Contain("sheet_uncertain.png"));
        Run(0, [.. Validate("plain"), "--out", _folder["again"]]);
        Assert.That(Sheets("again"), Is.Empty, "they were another evaluation's");
    }

    [Test]
    public void ExplainedSheetsAreOtherPicturesOfTheSameSize()
    {
        string[] review = ["review", .. Data("sure"), "--pictures", "3"];
        Run(0, [.. review, "--out", _folder["bare"]]);
        Run(0, [.. review, "--out", _folder["explained"], "--explain"]);
        var (bare, explained) = (Sheet("bare"), Sheet("explained"));
        Assert.That(explained.Width, Is.EqualTo(bare.Width));
        Assert.That(explained.Height, Is.GreaterThanOrEqualTo(bare.Height), "the small print may need more lines");
        Assert.That(explained.Pixels, Is.Not.EqualTo(bare.Pixels));
        Assert.That(
            File.ReadAllText(_folder["explained/review.csv"]),
            Is.EqualTo(File.ReadAllText(_folder["bare/review.csv"])));
    }

    [TestCase("--out {0} --explain", "--explain: it is for --sheets")]
    [TestCase("--out {0} --pictures 3", "--pictures: it is for --sheets")]
    [TestCase("--out {0} --confidence 0.8", "--confidence: it is for --sheets")]
    [TestCase("--json {0}/x.json --sheets", "--sheets: --json writes one file and nothing else")]
    public void WhatCannotBeIsSaidInOneLine(string options, string message)
    {
        var error = Run(2, [.. Validate("plain"), .. string.Format(null, options, _folder["refused"]).Split(' ')]);
        Assert.That(error.TrimEnd(), Does.Contain(message).And.Not.Contain("\n"));
        Assert.That(Directory.Exists(_folder["refused"]), Is.False);
    }

    private RgbPicture Sheet(string folder) => PictureDecoder.Decode(_folder[$"{folder}/review.png"]);

    private IEnumerable<string?> Sheets(string folder) =>
        Directory.GetFiles(_folder[$"{folder}/validate_train"], "sheet_*").Select(Path.GetFileName)
            .Order(StringComparer.Ordinal);

    private string[] Validate(string model) => ["validate", .. Data(model), "--bootstrap", "0"];

    private string[] Data(string model) =>
    [
        "--data", _folder["data"], "--split", "train", "--weights", _folder[$"{model}.safetensors"], "--device", "cpu",
    ];

    private static string Run(int expected, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.That(CommandLine.Run(arguments, output, error), Is.EqualTo(expected), error.ToString());
        return expected == 0 ? output.ToString() : error.ToString();
    }
}
