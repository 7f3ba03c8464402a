using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary>The command's frame: help, spelling, exit codes, what a pipe gets.</summary>
public sealed class CommandLineTests
{
    [TestCase("demo")]
    [TestCase("synth")]
    [TestCase("split")]
    [TestCase("train")]
    [TestCase("validate")]
    [TestCase("infer")]
    [TestCase("prior")]
    [TestCase("doctor")]
    [TestCase("export")]
    [TestCase("bench")]
    public void Help_is_a_manual_page_with_an_example(string command)
    {
        var (exit, output, error) = Run(command, "--help");
        Assert.That((exit, error), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain("About:").And.Contain("Example").And.Contain($"flixstock {command} ").Or
            .Contain($"flixstock {command}\n"));
    }

    [Test]
    public void Without_arguments_the_commands_are_listed()
    {
        var (exit, output, _) = Run();
        Assert.That(exit, Is.Zero);
        Assert.That(output, Does.Contain("demo").And.Contain("validate"));
    }

    [TestCase("trian", "did you mean 'train'?")]
    [TestCase("train --data x --out y --batchsize 8", "did you mean '--batch-size'?")]
    [TestCase("train --data x --out y --partial-loss-mode selectiv", "did you mean 'selective'?")]
    [TestCase("train --out y", "--data DIR")]
    [TestCase("synth --out y --count", "--count")]
    [TestCase("demo --lr 0", "--lr '0': give a number above 0")]
    public void A_slip_is_one_line_with_the_right_spelling(string arguments, string expected)
    {
        var (exit, output, error) = Run(arguments.Split(' '));
        Assert.That(exit, Is.EqualTo(2));
        Assert.That(error.TrimEnd(), Does.Contain(expected).And.Not.Contain("\n"));
        Assert.That(output, Is.Empty, "no help text in the way of the message");
    }

    [Test]
    public void Underscores_and_capitals_are_accepted_in_names_and_left_alone_in_values() =>
        Assert.That(
            ArgumentSpelling.Normalize(
                ["--gamma_pos=1", "--All_val_inference", "--pic_path", "my_picture.jpg", "--out=a_B", "--", "--x_y"]),
            Is.EqualTo(new[]
            {
                "--gamma-pos=1", "--all-val-inference", "--pic-path", "my_picture.jpg", "--out=a_B", "--", "--x_y",
            }));

    [Test]
    public void A_stack_trace_appears_only_when_asked_for()
    {
        string[] arguments = ["split", "--data", "/nowhere/at/all"];
        Assert.That(Run(arguments).Error, Does.Not.Contain("   at "));
        Assert.That(Run([.. arguments, "--verbose"]).Error, Does.Contain("   at "));
    }

    [Test]
    public void Control_characters_of_file_names_do_not_reach_the_terminal() =>
        Assert.That(
            Run("split", "--data", "a\u001b[31m\nb").Error.TrimEnd(), Does.Not.Contain("\u001b").And.Not.Contain("\n"));

    [Test]
    public void Markup_in_cells_is_text()
    {
        using var writer = new StringWriter();
        new Terminal(writer).Table("[red]t", ["[bold]"], [["[/]x"]]);
        Assert.That(writer.ToString(), Does.Contain("[red]t").And.Contain("[bold]").And.Contain("[/]x"));
    }

    [Test]
    public void Cancelling_ends_with_130_and_leaves_nothing_half_written()
    {
        using var folder = new TemporaryFolder();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        GarmentSynthesizer.Draw(folder["data"], new SynthesisOptions { Count = 30, Size = 32 });
        var before = Directory.GetFileSystemEntries(folder["data"]).Order(StringComparer.Ordinal).ToArray();
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.That(
            CommandLine.Run(["split", "--data", folder["data"]], output, error, cancelled.Token), Is.EqualTo(130));
        Assert.That(Directory.GetFileSystemEntries(folder["data"]).Order(StringComparer.Ordinal), Is.EqualTo(before));
    }

    private static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (
            CommandLine.Run(arguments, output, error, Backend.OpenCuda, folder: "/nowhere"), output.ToString(),
            error.ToString());
    }
}
