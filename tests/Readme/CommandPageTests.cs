using Flixstock.Cli;
using Flixstock.ReadmeRunner;

namespace Flixstock.Tests.Readme;

/// <summary><c>docs/commands.md</c> is what the commands say of themselves.</summary>
public class CommandPageTests
{
    [Test]
    public void ThePageIsTheCommandsOwnHelp() => Assert.That(
        File.ReadAllText(Path.Combine(Golden.RepositoryFolder, "docs", "commands.md")).ReplaceLineEndings("\n"),
        Is.EqualTo(CommandPage.Of(Help)),
        "make it again: dotnet run -c Release --project tools/ReadmeRunner -- pages . FLIXSTOCK, the built command");

    [Test]
    public void AnOptionThatChangesIsNoticed()
    {
        var page = CommandPage.Of(name => Help(name).Replace("--epochs", "--rounds", StringComparison.Ordinal));
        Assert.That(page, Is.Not.EqualTo(CommandPage.Of(Help)));
        Assert.That(page, Does.Contain("## flixstock data show").And.Contain("](#flixstock-weights-diff): "));
    }

    private static string Help(string name)
    {
        using var output = new StringWriter();
        CommandLine.Run(
            [.. name.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"], output, TextWriter.Null,
            CancellationToken.None);
        return output.ToString();
    }
}
