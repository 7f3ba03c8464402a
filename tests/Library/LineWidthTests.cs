using System.Text.RegularExpressions;

namespace Flixstock.Tests.Library;

/// <summary>Lines of code have at most 120 columns, lines of prose at most 100.</summary>
public sealed partial class LineWidthTests
{
    private const int MostOfCode = 120, MostOfProse = 100;

    // Longest text in quotes, code span or link that a line may hold and be too long for it: it cannot be divided.
    private const int Unbreakable = 60;

    private static readonly string[] Folders =
        ["engine", "cli", "samples", "tests", "tools", "docs", "kernels", "web", "drawings", ".ci"];

    [Test]
    public void NoLineIsTooLong()
    {
        var root = Golden.RepositoryFolder;
        var files = Folders.Select(folder => Path.Combine(root, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(root, "*.md"))
            .Where(path => Path.GetExtension(path) is ".cs" or ".cu" or ".cuh" or ".md"
                && !IsMade(Path.GetRelativePath(root, path))).ToList();
        Assert.That(files, Has.Count.GreaterThan(900));
        var faults = files
            .SelectMany(path => Faults(Path.GetRelativePath(root, path), File.ReadAllText(path))).ToList();
        Assert.That(faults.Take(10), Is.Empty, $"{faults.Count} lines: 120 columns for code, 100 for prose");
    }

    [TestCase("a.cs", "    x = 1;", 0)]
    [TestCase("a.cs", "    CODE", 1)]
    [TestCase("a.cs", "    /// CODE", 1)]
    [TestCase("a.cs", "var json = \"\"\"\n    CODE\n    \"\"\";", 0)]
    [TestCase("a.cs", "var json = \"\"\"\n    CODE\n    \"\"\";\n// CODE", 1)]
    [TestCase("a.cs", "Parse(\"TOKEN\");", 0)]
    [TestCase("a.cu", "    CODE", 1)]
    [TestCase("a.md", "PROSE", 1)]
    [TestCase("a.md", "| PROSE |", 0)]
    [TestCase("a.md", "```\nPROSE\n```", 0)]
    [TestCase("a.md", "```\nPROSE\n```\nPROSE", 1)]
    [TestCase("a.md", "see `TOKEN` there", 0)]
    public void ALongLineIsFound(string file, string text, int expected)
    {
        text = text.Replace("CODE", string.Concat(Enumerable.Repeat("word ", 24)) + "end", StringComparison.Ordinal)
            .Replace("PROSE", string.Concat(Enumerable.Repeat("word ", 20)) + "end", StringComparison.Ordinal)
            .Replace("TOKEN", new string('x', 130), StringComparison.Ordinal);
        Assert.That(Faults(file, text).Count(), Is.EqualTo(expected));
    }

    // What compilers and commands write: build folders, and the page of the commands' own help.
    private static bool IsMade(string path) =>
        path.Split(Path.DirectorySeparatorChar) is var parts
        && (parts.Contains("obj") || parts.Contains("bin") || path == Path.Combine("docs", "commands.md"));

    private static IEnumerable<string> Faults(string file, string text)
    {
        var isProse = file.EndsWith(".md", StringComparison.Ordinal);
        var (most, fence) = isProse ? (MostOfProse, "```") : (MostOfCode, "\"\"\"");
        var inside = false; // a code block, or a raw string
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            var isData = inside || (isProse && line.TrimStart().StartsWith('|'));
            if (line.Split(fence).Length % 2 == 0)
                inside = !inside;
            if (line.Length > most && !isData && !Token().Matches(line).Any(match => match.Length > Unbreakable))
                yield return $"{file}:{i + 1} has {line.Length} columns";
        }
    }

    // A raw string in one line, a plain one, a code span, the target of a link.
    [GeneratedRegex(@"\x22{3}.{60,}?\x22{3}|\x22(?:[^\x22\\]|\\.)*\x22|`[^`]+`|\]\([^)]+\)")]
    private static partial Regex Token();
}
