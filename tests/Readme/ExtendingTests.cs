using System.Text.RegularExpressions;

namespace Flixstock.Tests.Readme;

/// <summary>
/// What <c>docs/extending.md</c> says of the repository is so: the program that it shows, its paths, its lists.
/// </summary>
public sealed partial class ExtendingTests
{
    // Where a change can stand that is no test and no page.
    private static readonly string[] Places = ["engine", "cli", "kernels", "tools/KernelLab/Cases"];

    private static readonly string[] Recipes =
    [
        "An operation", "An activation", "A layer", "A loss", "A network", "A data format", "A command-line option",
    ];

    /// <summary>A sentence of the page: names, and all files in which they stand, but for those of their own.</summary>
    private sealed record NamedIn(string Recipe, string[] Names, string[] Own, string[] Files)
    {
        public override string ToString() => Recipe;
    }

    private static string Root => Golden.RepositoryFolder;

    private static string Page => File.ReadAllText(Path.Combine(Root, "docs", "extending.md")).ReplaceLineEndings("\n");

    // Without the blocks of code.
    private static string Text => Block().Replace(Page, "");

    private static IEnumerable<NamedIn> Lists()
    {
        foreach (var recipe in Text.Split("\n## ").Skip(1))
        {
            if (Sentence().Match(recipe) is { Success: true } match)
            {
                yield return new NamedIn(
                    recipe.Split('\n')[0], Quoted(match.Groups["names"].Value), Quoted(match.Groups["own"].Value),
                    [.. match.Groups["file"].Captures.Select(file => file.Value)]);
            }
        }
    }

    [Test]
    public void TheProgramThatItShowsIsTheSamples()
    {
        var shown = Page.Split("```csharp\n")[1].Split("\n```")[0];
        Assert.That(shown.Split('\n'), Has.Length.GreaterThan(30));
        var program = File.ReadAllText(Path.Combine(Root, "samples", "CustomNetwork", "Program.cs"));
        Assert.That(program.ReplaceLineEndings("\n"), Does.Contain(shown), "copy it into docs/extending.md");
    }

    [Test]
    public void EveryRecipeListsAnExample() => Assert.That(Lists().Select(list => list.Recipe), Is.EqualTo(Recipes));

    [TestCaseSource(nameof(Lists))]
    public void TheFilesThatNameAnExampleAreThoseListed(object listed)
    {
        var list = (NamedIn)listed;
        Assert.That(Naming(list), Is.EquivalentTo(list.Files), "bring the list in docs/extending.md up to date");
    }

    [Test]
    public void EveryPathExists()
    {
        var paths = Quoted(Text).Where(quoted => Beginning().IsMatch(quoted))
            .Where(path => !path.Contains("NAME", StringComparison.Ordinal)).ToList();
        Assert.That(paths, Has.Count.GreaterThan(30));
        Assert.That(paths.Where(path => !Path.Exists(Path.Combine(Root, path))), Is.Empty);
    }

    [Test]
    public void EveryTestThatItNamesExists()
    {
        var tests = Quoted(Text).Where(quoted => TestName().IsMatch(quoted)).ToList();
        Assert.That(tests, Has.Count.GreaterThan(8));
        Assert.That(tests.Except(typeof(ExtendingTests).Assembly.GetTypes().Select(type => type.Name)), Is.Empty);
    }

    private static IEnumerable<string> Naming(NamedIn list)
    {
        var name = new Regex($@"(?<![\w-])(?:{string.Join('|', list.Names.Select(Regex.Escape))})(?![\w-])");
        return Places.SelectMany(Sources)
            .Where(path => !list.Own.Any(own => path.StartsWith(own, StringComparison.Ordinal)))
            .Where(path => name.IsMatch(Comment().Replace(File.ReadAllText(Path.Combine(Root, path)), "")));
    }

    private static IEnumerable<string> Sources(string place) =>
        Directory.EnumerateFiles(Path.Combine(Root, place), "*.c*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => Path.GetExtension(path) is ".cs" or ".cu" or ".cuh")
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal))
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal));

    private static string[] Quoted(string text) => [.. Quote().Matches(text).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("""^```.*?^```""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    // `A` and `B` are named outside `C` in: and its list, of which each line begins with a file.
    [GeneratedRegex(
        """^(?<names>`[^\n]*)\sare\snamed(?:\soutside(?<own>[^:]*?))?\sin:\n\n"""
        + """(?:- `(?<file>[^`]+)`[^\n]*\n(?:  [^\n]*\n)*)+""",
        RegexOptions.Multiline)]
    private static partial Regex Sentence();

    [GeneratedRegex("""`([^`\n]+)`""")]
    private static partial Regex Quote();

    [GeneratedRegex("""^(?:engine|cli|kernels|tests|tools|samples|docs)/\S+$""")]
    private static partial Regex Beginning();

    [GeneratedRegex("""^\w+Tests$""")]
    private static partial Regex TestName();

    [GeneratedRegex("""//[^\n]*""")]
    private static partial Regex Comment();
}
