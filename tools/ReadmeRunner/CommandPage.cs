using System.Text;
using System.Text.RegularExpressions;

namespace Flixstock.ReadmeRunner;

/// <summary>
/// The page <c>docs/commands.md</c>: every command's own manual page, in the order in which the help lists them.
/// </summary>
public static partial class CommandPage
{
    private const string Head = """
        # Commands

        Made from the command's own help (`tools/ReadmeRunner pages`); a test compares the two.
        `flixstock help COMMAND` prints the same page, fitted to the terminal.


        """;

    /// <summary>The page.</summary>
    /// <param name="help">
    /// From a command's words, as <c>data show</c>, to its manual page; from none to the list of commands.
    /// </param>
    public static string Of(Func<string, string> help)
    {
        var text = new StringBuilder(Head);
        var pages = Pages("", help).ToList();
        foreach (var (name, page) in pages.Skip(1))
        {
            text.Append("- [`flixstock ").Append(name).Append("`](#flixstock-").Append(name.Replace(' ', '-'))
                .Append("): ").Append(FirstSentence(page)).Append('\n');
        }
        foreach (var (name, page) in pages)
        {
            text.Append("\n## flixstock").Append(name.Length > 0 ? " " + name : "").Append("\n\n```\n");
            foreach (var line in page.ReplaceLineEndings("\n").Trim('\n').Split('\n'))
                text.Append(line.TrimEnd()).Append('\n');
            text.Append("```\n");
        }
        return text.ToString();
    }

    private static IEnumerable<(string Name, string Page)> Pages(string name, Func<string, string> help)
    {
        var page = help(name);
        yield return (name, page);
        foreach (var command in CommandsOf(page).Where(command => command != "help"))
        {
            foreach (var inner in Pages(name.Length > 0 ? $"{name} {command}" : command, help))
                yield return inner;
        }
    }

    // The names in the section "Commands:", which ends with an empty line.
    private static IEnumerable<string> CommandsOf(string page) =>
        page.ReplaceLineEndings("\n").Split("\nCommands:\n") is [_, var rest]
            ? CommandLine().Matches(rest.Split("\n\n")[0]).Select(match => match.Groups[1].Value)
            : [];

    private static string FirstSentence(string page) =>
        page.ReplaceLineEndings("\n").Split("\n\n")[0].Replace('\n', ' ');

    [GeneratedRegex(@"^  (\w+)  ", RegexOptions.Multiline)]
    private static partial Regex CommandLine();
}
