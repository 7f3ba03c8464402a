using System.Text.Json;
using Flixstock.Cli;

namespace Flixstock.Tests.Cli;

/// <summary><c>flixstock doctor</c>: the machine, its libraries, and CUDA's part.</summary>
public sealed class DoctorTests
{
    [Test]
    public void TheProcessorsSideIsReportedNextToCuda()
    {
        var (exit, output) = Run();
        Assert.That(
            exit, Is.EqualTo(output.Contains("would work: --device cuda", StringComparison.Ordinal) ? 0 : 1),
            "the exit code is about CUDA, as ever");
        Assert.That(output, Does.Match(@"(?m)^  processor +\S").And.Match(@"(?m)^  vectors +\d+ bits: \S").And
            .Match(@"(?m)^  threads +\d+ without --threads").And.Match(@"(?m)^  memory +\d+\.\d GiB").And
            .Match(@"(?m)^  runtime +\.NET 10").And.Match(@"(?m)^  system +\S").And.Match(@"(?m)^  flixstock +\d").And
            .Match(@"(?m)^  Skia +\d+\.").And.Match(@"(?m)^  ONNX Runtime +\S").And.Contain("CUDA driver"));
    }

    [Test]
    public void JsonHasTheSameNextToWhatItHadBefore()
    {
        using var report = JsonDocument.Parse(Run("--json").Output);
        var root = report.RootElement;
        Assert.That(
            root.GetProperty("machine").GetProperty("vectors").GetProperty("bits").GetInt32(),
            Is.GreaterThanOrEqualTo(0));
        Assert.That(root.GetProperty("machine").GetProperty("totalBytes").GetInt64(), Is.Positive);
        Assert.That(
            root.GetProperty("nativeLibraries").EnumerateArray()
                .Select(library => library.GetProperty("name").GetString()),
            Is.EqualTo(new[] { "Skia", "ONNX Runtime" }));
        Assert.That(
            root.TryGetProperty("canTrain", out _) && root.TryGetProperty("libraries", out _)
                && root.TryGetProperty("searched", out _),
            Is.True);
    }

    private static (int Exit, string Output) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (CommandLine.Run(["doctor", .. arguments], output, error), output.ToString());
    }
}
