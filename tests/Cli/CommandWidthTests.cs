using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary>
/// What commands print at the widths of terminals, of a data set with long names and with wide characters.
/// </summary>
[NonParallelizable]
public sealed class CommandWidthTests
{
    private const string LongName = "高领毛衣-turtleneck-of-thick-wool";

    private TemporaryFolder _folder = null!;

    private string Data => _folder["data"];

    private string Weights => _folder["run/best.safetensors"];

    [OneTimeSetUp]
    public void Train()
    {
        _folder = new TemporaryFolder();
        GarmentSynthesizer.Draw(Data, new SynthesisOptions { Count = 40, Size = 32 });
        var names = Path.Combine(Data, "dataset.json");
        File.WriteAllText(names, File.ReadAllText(names).Replace("turtleneck", LongName, StringComparison.Ordinal));
        Run(null, "split", "--data", Data, "--no-augment");
        var quiet = Run(
            80, "train", "--data", Data, "--out", _folder["run"], "--layers", "1,1,1,1", "--width", "0.125",
            "--image-size", "32", "--batch-size", "16", "--epochs", "2", "--quiet");
        Assert.That(
            quiet.Trim().Split('\n').Select(line => line.Split(' ')[0]).Where(word => word.Length > 0),
            Has.All.EqualTo("best:"), "a quiet training says its result");
    }

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [TestCase("data show", 60)]
    [TestCase("data show", 80)]
    [TestCase("data show", 120)]
    [TestCase("data check", 60)]
    [TestCase("validate", 60)]
    [TestCase("validate", 80)]
    [TestCase("validate", 120)]
    [TestCase("infer", 60)]
    [TestCase("infer", 80)]
    [TestCase("prior", 60)]
    [TestCase("thresholds", 60)]
    [TestCase("weights show", 60)]
    public void No_line_is_longer_and_no_word_is_broken(string command, int width)
    {
        var arguments = Arguments(command);
        var lines = Run(width, arguments).Split('\n');
        Assert.That(
            lines.Where(line => TextWidth.Of(line) > width && line.Trim().Contains(' ', StringComparison.Ordinal)),
            Is.Empty, "only a word that is longer itself may be");
        var whole = Words(Run(null, arguments))
            .Concat(Words("no room for: all is in --csv FILE writes a wider terminal or pipe shows")).ToHashSet();
        Assert.That(
            lines.SelectMany(Words)
                .Where(word => !word.Contains('…', StringComparison.Ordinal) && !whole.Contains(word)),
            Is.Empty, "these were broken");
        Assert.That(
            lines.Count(line => line.Contains("Sleeve", StringComparison.Ordinal)), Is.LessThan(5),
            "an attribute is not repeated in every row");
    }

    [Test]
    public void A_pipe_gets_full_names_in_every_row() =>
        Assert.That(Run(null, Arguments("validate")).Split('\n'), Has.Some.Contains($"Neck {LongName}").And.Some
            .Contains("Sleeve Length elbow").And.Some.Contains("AP, unknown as negative"));

    [Test]
    public void A_profile_keeps_shapes_and_layers_on_a_narrow_terminal()
    {
        string[] arguments =
        [
            "profile", "--device", "cpu", "--layers", "1,1,1,1", "--width", "0.125", "--image-size", "32",
            "--batch-size", "1", "--infer", "--repeats", "1", "--kernel", "Linear",
        ];
        var lines = Run(60, arguments).Split('\n');
        Assert.That(lines.Select(TextWidth.Of), Has.All.LessThanOrEqualTo(60));
        Assert.That(lines, Has.Some.Contains("shapes").And.Some.Contains("the whole step"));
        Assert.That(string.Join(' ', lines), Does.Contain("no room for:").And.Contain("--json prints all"));
    }

    private string[] Arguments(string command) => command switch
    {
        "infer" => ["infer", "--device", "cpu", "--weights", Weights, Path.Combine(Data, "images_split/val/images")],
        "weights show" => ["weights", "show", Weights],
        "data show" or "data check" => [.. command.Split(' '), "--data", Data],
        _ =>
            [
                command, "--device", "cpu", "--data", Data, "--weights", Weights,
                "--out", _folder[command == "validate" ? "results" : $"results/{command}.safetensors"],
                .. command == "validate" ? ["--bootstrap", "50"] : Array.Empty<string>(),
            ],
    };

    private static IEnumerable<string> Words(string text) => text
        .Split([' ', '\n', '\r', '─'], StringSplitOptions.RemoveEmptyEntries).Select(word => word.TrimEnd(',', ';'));

    // data check ends with 1 where it found something.
    private static string Run(int? width, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter();
        var terminal = new Terminal(output, live: width is not null, () => width);
        Assert.That(
            CommandLine.Run(arguments, output, error, Backend.OpenCuda, terminal: terminal), Is.LessThanOrEqualTo(1),
            error.ToString());
        // without what was written over
        return string.Join('\n', output.ToString().Split('\n').Select(line => line.Split('\r')[^1]));
    }
}
