using Flixstock.ReadmeRunner;

namespace Flixstock.Tests.Readme;

/// <summary>
/// How the gate finds the README's command lines, and that its list names each of them; the gate itself runs them
/// (tools/ReadmeRunner).
/// </summary>
public class ReadmeCommandsTests
{
    private const string Page = """
        Text with `flixstock doctor` and `--help` and `not a command`.

        ```
        flixstock split --data data
        $ flixstock infer \
            --weights run/best.safetensors picture.jpg
        output of a command
        ```

        ```csharp
        flixstock never --this
        ```

        | `flixstock train --simulate-partial-type rps\|fpc` | again `flixstock doctor` |

        ```sh
        dotnet test -c Release
        ```
        """;

    private static readonly string[] Shown =
    [
        "flixstock doctor", "flixstock split --data data", "flixstock infer --weights run/best.safetensors picture.jpg",
        "flixstock train --simulate-partial-type rps|fpc", "dotnet test -c Release",
    ];

    [Test]
    public void CommandsAreFoundInBlocksAndInText() => Assert.That(ReadmeCommands.Find(Page), Is.EqualTo(Shown));

    [Test]
    public void ALineThatTheListDoesNotNameIsAFault()
    {
        var listed = Shown.Skip(1).Select(line => new ListedCommand { Readme = line });
        Assert.That(CommandList.Faults(Shown, [.. listed]), Is.EqualTo(new[] { "the README shows 'flixstock doctor', "
            + "which the list does not name: add it with what to run for it" }));
    }

    [TestCase("flixstock gone", null, null, "does not show")]
    [TestCase("flixstock doctor", "flixstock doctor --help", null, "has no reason")]
    [TestCase("flixstock doctor", "", " ", "has no reason")]
    [TestCase("dotnet test -c Release", null, null, "2 times")]
    public void AWrongEntryIsAFault(string readme, string? run, string? why, string fault)
    {
        var listed = Shown.Where(line => line != readme || run is null)
            .Select(line => new ListedCommand { Readme = line });
        Assert.That(
            CommandList.Faults(Shown, [.. listed, new ListedCommand { Readme = readme, Run = run, Why = why }])
                .Single(),
            Does.Contain(fault));
    }

    [Test]
    public void TheListNamesEveryLineOfTheReadme()
    {
        var shown = ReadmeCommands.Find(File.ReadAllText(Path.Combine(Golden.RepositoryFolder, "README.md")));
        var listed = CommandList.Parse(
            File.ReadAllText(Path.Combine(Golden.RepositoryFolder, "tools", "ReadmeRunner", "commands.json")));
        Assert.Multiple(() =>
        {
            Assert.That(shown, Has.Count.GreaterThan(5));
            Assert.That(CommandList.Faults(shown, listed), Is.Empty);
        });
    }
}
