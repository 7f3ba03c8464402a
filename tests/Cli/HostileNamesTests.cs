using System.Text.Json;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary>
/// Names that come from files: they lead nowhere, do nothing on a screen or in a spreadsheet, and stay the names that
/// they are.
/// </summary>
[NonParallelizable]
public sealed class HostileNamesTests
{
    private const string Hidden = "\u001b[31m\u009b\u007f\u202e\u2066\u200e\u061c\u2028";

    private static readonly string[] Formulas =
    [
        "=x", "-x", "+x", "@home", "-a.jpg", "=1+2", "-1+2", "'=x", "''-x", "\uFF1Dx", "=a,\"b\"", "+",
    ];
    private static readonly string[] Harmless = ["x", "-5", "-0.5", "+3", "-1e-3", "'x", "'", "a=b", "#N/A", "", "x,y"];

    [TestCaseSource(nameof(Formulas))]
    public void AFormulaIsWrittenAsTextAndReadBack(string name)
    {
        Assert.That(CsvCell.Of(name).TrimStart('"'), Does.StartWith("'"));
        Assert.That(CsvCell.Read(Unquoted(CsvCell.Of(name))), Is.EqualTo(name));
        using var raw = CsvCell.WriteRaw(true);
        Assert.That(Unquoted(CsvCell.Of(name)), Is.EqualTo(name));
    }

    [TestCaseSource(nameof(Harmless))]
    public void OtherTextsAndNumbersStayAsTheyAre(string name)
    {
        Assert.That(Unquoted(CsvCell.Of(name)), Is.EqualTo(name));
        Assert.That(CsvCell.Read(name), Is.EqualTo(name));
    }

    [Test]
    public void ADataSetOfFormulasAndPathsIsSplitTrainedAndKeepsItsNames()
    {
        using var parent = new TemporaryFolder();
        var data = parent["data"];
        var table = new AttributeTable(
            [new AttributeGroup("@home", "=kind/../../evil", 3, ["=x", "-5", "@y"]), new AttributeGroup(
                "b" + Hidden, "second" + new string('é', 150), 2)]);
        var files = Enumerable.Range(0, 24).Select(i => $"{"-=+@"[i % 4]}{i}.png").ToArray();
        for (var i = 0; i < files.Length; i++)
        {
            PictureWriter.WritePng(
                Made(Path.Combine(data, "images_cleaned/images", files[i])), TemporaryFolder.SmallPicture((ulong)i));
        }
        File.WriteAllText(Path.Combine(data, "dataset.json"), table.ToJson());
        File.WriteAllText(
            Path.Combine(data, "attributes_cleaned.csv"),
            AttributeCsv.Format(table, [.. files.Select((file, i) => (file, new[] { i % 3, i % 2 }))]));
        var everything = new StringWriter();
        Run(everything, "split", "--data", data);
        Assert.That(
            Directory.GetFileSystemEntries(parent.Path), Is.EqualTo(new[] { data }), "nothing beside the data set");
        var charts = Directory.GetFiles(data, "class_distribution_*.png").Select(file => Path.GetFileName(file)!)
            .Order(StringComparer.Ordinal).ToList();
        Assert.That(charts[0], Does.Match(@"^class_distribution_=kind_\.\._\.\._evil-[0-9a-f]{8}\.png$"));
        Assert.That(charts[1], Does.Match(@"^class_distribution_secondé+-[0-9a-f]{8}\.png$"));
        Assert.That(charts, Has.Count.EqualTo(2));
        var train = GarmentData.Part(data, "train");
        Assert.That(
            train.Samples.Select(sample => sample.File),
            Is.SubsetOf(files.Concat(train.Samples.Select(sample => sample.File)
                .Where(file => file.Contains("_aug_", StringComparison.Ordinal)))));
        Assert.That(train.Attributes.ClassNames.Take(3), Is.EqualTo(table.ClassNames.Take(3)));
        var cells = File.ReadLines(Path.Combine(data, "attributes_train.csv")).Select(line => line.Split(',')[0]);
        Assert.That(cells, Has.None.Match(@"^[=+\-@]"));
        Run(
            everything, "train", "--data", data, "--out", parent["run"], "--layers", "1,1,1,1", "--width", "0.1",
            "--image-size", "32", "--batch-size", "4", "--epochs", "1", "--no-check");
        Assert.That(
            PriorFile.Read(parent["run/prior.csv"], train.Attributes).Warning, Is.Null,
            "names are those of the classes");
        Run(
            everything, "infer", "--data", data, "--all-val", "--weights", parent["run/best.safetensors"],
            "--out", parent["out"]);
        Run(
            everything, "review", "--data", data, "--weights", parent["run/best.safetensors"], "--out", parent["out"],
            "--confidence", "0.5");
        Assert.That(File.ReadLines(parent["out/review.csv"]), Has.None.Match(@"(^|,)[=@]"));
        Assert.That(File.ReadLines(parent["out/attributes_val_inference.csv"]), Has.None.Match(@"^[=+\-@]"));
        Run(everything, "data", "show", "--data", data);
        Assert.That(everything.ToString().Where(c => c != '\n' && HiddenCharacters.Contains(c)), Is.Empty);
    }

    [Test]
    public void WhatATerminalWouldObeyReachesNoWriter()
    {
        using var folder = new TemporaryFolder();
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = CommandLine.Run(
            ["infer", "--verbose", "--weights", folder["a" + Hidden + ".pth"], folder["b" + Hidden + ".jpg"]],
            output, error);
        Assert.That(code, Is.EqualTo(2));
        Assert.That(error.ToString(), Does.Contain("InputException").And.Contain(".jpg"));
        var terminal = new Terminal(output, live: true, () => 60);
        terminal.Line($"a{Hidden}\rb");
        terminal.Table("t" + Hidden, ["h" + Hidden], [["c" + Hidden]]);
        terminal.Progress(0.5, () => Hidden);
        Terminal.Write(output, Hidden);
        Assert.That(
            (output.ToString() + error).Where(c => c is not ('\n' or '\r') && HiddenCharacters.Contains(c)), Is.Empty);
    }

    private static readonly JsonSerializerOptions Relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    [Test]
    public void JsonKeepsTheNamesInEscapes()
    {
        var output = new StringWriter();
        new Terminal(output).Json(JsonSerializer.Serialize(new { name = Hidden }, Relaxed));
        Assert.That(output.ToString().Where(c => c is not ('\n' or '\r') && HiddenCharacters.Contains(c)), Is.Empty);
        Assert.That(
            JsonDocument.Parse(output.ToString()).RootElement.GetProperty("name").GetString(), Is.EqualTo(Hidden));
    }

    [TestCase("neck", "a_neck.png")]
    [TestCase("Sleeve Length", "a_Sleeve Length.png")]
    [TestCase("é=-@", "a_é=-@.png")]
    public void NamesThatFitStay(string text, string name) =>
        Assert.That(SafeFileName.Of("a_", text, ".png"), Is.EqualTo(name));

    [Test]
    public void OtherNamesBecomePlainShortAndStayApart()
    {
        string[] texts =
        [
            "../x", "..\\x", "/x", "x\0", "x\n", "x\u202e", "..", ".", "", "con", "CON.txt", new('x', 400),
            new string('x', 400) + "y", new('é', 200), "x\ud800", "x:y", "x?y",
        ];
        var names = texts.Select(text => SafeFileName.Of("", text, "")).ToList();
        Assert.That(names, Is.Unique);
        foreach (var name in names)
        {
            Assert.That(name, Does.Not.Match(@"[/\\\x00-\x1f:?]").And.Not.Match(@"^\.*$"));
            Assert.That(System.Text.Encoding.UTF8.GetByteCount(name), Is.LessThanOrEqualTo(255));
        }
        Assert.That(
            SafeFileName.Fitting(new string('x', 251), "_aug_1.jpg"),
            Has.Length.EqualTo(255).And.EndsWith("_aug_1.jpg"));
        Assert.That(
            ShownNames.Jpegs([new string('x', 251) + ".png", new string('x', 251) + ".gif"])
                .Select(name => name.Length),
            Has.All.LessThanOrEqualTo(255));
    }

    private static string Unquoted(string cell) =>
        cell.StartsWith('"') ? cell[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : cell;

    private static string Made(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    private static void Run(StringWriter everything, params string[] arguments)
    {
        var error = new StringWriter();
        Assert.That(CommandLine.Run([.. arguments], everything, error), Is.Zero, () => error.ToString());
        everything.Write(error);
    }
}
