namespace Flixstock.Tests.Readme;

public class ReadmeTests
{
    [Test]
    public void TheReadmesExampleIsTheOneThatCompiles()
    {
        var readme = File.ReadAllText(Path.Combine(Golden.RepositoryFolder, "README.md")).ReplaceLineEndings("\n");
        var example = readme.Split("```csharp\n")[1].Split("```")[0];
        var sample = File.ReadAllText(Path.Combine(Golden.TestsFolder, "Readme", "PredictorSample.cs"))
            .ReplaceLineEndings("\n");
        var body = sample.Split("    {\n")[1].Split("\n    }")[0]
            .Replace("        using", "using", StringComparison.Ordinal);
        Assert.That(Unindented(body), Is.EqualTo(Unindented(example)));
    }

    private static string[] Unindented(string text) =>
        [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
}
