using System.CommandLine;
using System.Text.RegularExpressions;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary>Every command's manual page.</summary>
public sealed class HelpTests
{
    private static readonly Session Session = new(
        new Terminal(TextWriter.Null), TextWriter.Null, Backend.OpenCuda, new DefaultPlaces(""), default);
    private static readonly RootCommand Root = Flixstock.Cli.CommandLine.CreateRoot(Session);

    private static IEnumerable<TestCaseData> Commands() =>
        Below(Root).Select(command => new TestCaseData(command).SetArgDisplayNames(UsageErrors.PathOf(command)));

    [TestCaseSource(nameof(Commands))]
    public void Fits_80_columns_and_any_wider_terminal(Command command)
    {
        foreach (var width in new[] { 80, 100, 120 })
        {
            Assert.That(
                ManualPage.Lines(command, width).Where(line => line.Length > width), Is.Empty, $"{width} columns");
        }
    }

    [TestCaseSource(nameof(Commands))]
    public void Every_option_is_in_a_group_once(Command command)
    {
        var groups = OptionGroups.Of(command).ToList();
        Assert.That(
            groups.Where(group => group.Title == OptionGroups.Other).SelectMany(group => group.Options)
                .Select(option => option.Name),
            Is.Empty, "give them a group in OptionGroups");
        Assert.That(
            groups.SelectMany(group => group.Options),
            Is.EquivalentTo(OptionGroups.OptionsOf(command).Where(option => !option.Hidden)));
    }

    [TestCaseSource(nameof(Commands))]
    public void Defaults_are_as_a_person_writes_them(Command command) => Assert.That(
        ManualPage.Lines(command, 80)
            .SelectMany(line => Regex.Matches(line, @"\d*\.\d{6,}|\d+[eE][-+]\d{3,}").Select(match => match.Value)),
        Is.Empty);

    [TestCaseSource(nameof(Commands))]
    public void Descriptions_stand_below_each_other(Command command)
    {
        foreach (var (title, options) in OptionGroups.Of(command))
        {
            var lines = ManualPage.Lines(command, 80).SkipWhile(line => line != title + ":").Skip(1)
                .TakeWhile(line => line.Length > 0).ToList();
            var column = lines.Where(line => line.StartsWith("     ", StringComparison.Ordinal))
                .Select(line => line.Length - line.TrimStart().Length).Distinct().ToList();
            Assert.That(column, Has.Count.LessThanOrEqualTo(1), title);
            Assert.That(lines.Count(line => Regex.IsMatch(line, "^  -")), Is.EqualTo(options.Count), title);
        }
    }

    [Test]
    public void The_default_threshold_is_short() =>
        Assert.That(Page("validate --help"), Does.Contain("[default: 0.7]").And.Not.Contain("0.69"));

    [Test]
    public void Training_is_grouped_in_this_order() => Assert.That(
        Regex.Matches(Page("train --help"), "^(\\w+):$", RegexOptions.Multiline).Select(match => match.Groups[1].Value),
        Is.EqualTo(new[]
        {
            "Usage", "Arguments", "Data", "Model", "Loss", "Schedule", "Device", "Output", "General",
            "About", "Examples",
        }));

    [TestCase("help", "--help")]
    [TestCase("", "-h")]
    [TestCase("help train", "train --help")]
    [TestCase("help train", "train -?")]
    [TestCase("help data check", "data check -h")]
    [TestCase("help images_train_test_valid_split", "split --help")]
    [TestCase("help help", "help --help")]
    public void Help_is_asked_for_in_either_way(string first, string second) =>
        Assert.That(Page(first), Is.EqualTo(Page(second)).And.Contain("Usage:"));

    [TestCase("-v")]
    [TestCase("--version")]
    [TestCase("version")]
    public void The_version_is_one_line(string asked) =>
        Assert.That(Page(asked).Trim(), Does.Match(@"^\d+\.\d+\.\d+\S*$"));

    [TestCase("help trian", "unknown command 'trian'; did you mean 'train'?")]
    [TestCase("help data shwo", "unknown command 'data shwo'; did you mean 'data show'?")]
    [TestCase("trian --help", "unknown command 'trian'; did you mean 'train'?")]
    public void Help_for_what_does_not_exist_says_so(string arguments, string expected)
    {
        var (exit, output, error) = Run(arguments);
        Assert.That((exit, output), Is.EqualTo((2, "")));
        Assert.That(error, Does.Contain(expected));
    }

    [Test]
    public void Spellings_of_the_reference_projects_do_not_clutter_the_page() =>
        Assert.That(Page("train --help"), Does.Not.Contain("--model-path").And.Not.Contain("--printfreq").And.Not
            .Contain("--num-classes").And.Contain("-b, --batch-size"));

    [TestCase("a bb ccc dddd", 6, new[] { "a bb", "ccc", "dddd" })]
    [TestCase("unbreakable a", 4, new[] { "unbreakable", "a" })]
    [TestCase("", 4, new[] { "" })]
    public void Lines_break_between_words(string text, int width, string[] lines) =>
        Assert.That(TextLayout.Wrap(text, width), Is.EqualTo(lines));

    [Test]
    public void Command_lines_break_before_an_option_as_a_shell_reads_on() =>
        Assert.That(
            TextLayout.CommandLine("flixstock train --data some data --out run", 32).ToArray(),
            Is.EqualTo(new[] { "  flixstock train \\", "      --data some data --out run" }));

    private static IEnumerable<Command> Below(Command command) =>
        command.Subcommands.SelectMany(Below).Prepend(command);

    private static string Page(string arguments)
    {
        var (exit, output, error) = Run(arguments);
        Assert.That((exit, error), Is.EqualTo((0, "")));
        return output;
    }

    private static (int Exit, string Output, string Error) Run(string arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (
            Flixstock.Cli.CommandLine.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), output, error),
            output.ToString(), error.ToString());
    }
}
