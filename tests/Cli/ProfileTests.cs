using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Flixstock.Cli;

namespace Flixstock.Tests.Cli;

/// <summary><c>flixstock profile</c> on the processor: what it prints, not how long anything takes.</summary>
[NonParallelizable]
public class ProfileTests
{
    private static readonly string[] Small =
    [
        "profile", "--device", "cpu", "--model-name", "tresnet_m", "--image-size", "64", "--batch-size", "1",
        "--layers", "1,1,1,1", "--width", "0.125", "--warmup", "1", "--repeats", "3",
    ];

    [Test]
    public void ATrainingStepsTableHasForwardAndBackward()
    {
        var output = Run();
        Assert.That(output, Does.Contain("fp32").And.Contain("TFLOP/s").And.Contain("ConvolutionForward").And
            .Contain("ConvolutionBackward").And.Contain("AdamStep").And.Contain("the whole step:"));
    }

    [Test]
    public void AForwardPassHasNoBackward() =>
        Assert.That(
            Run("--infer"), Does.Contain("Convolution").And.Not.Contain("Backward").And.Not.Contain("AdamStep"));

    [Test]
    public void JsonHasTheOperationsOfTheChosenName()
    {
        using var report = JsonDocument.Parse(Run("--json", "--kernel", "convolutionforward"));
        var operations = report.RootElement.GetProperty("operations").EnumerateArray().ToList();
        Assert.That(operations, Is.Not.Empty);
        foreach (var operation in operations)
        {
            Assert.That(operation.GetProperty("name").GetString(), Does.Contain("ConvolutionForward"));
            Assert.That(operation.GetProperty("bytes").GetInt64(), Is.Positive);
        }
    }

    [TestCase("operation")]
    [TestCase("layer")]
    public void TheRowsAddUpToTheStepAsPrinted(string by)
    {
        var output = Run("--by", by);
        var rows = output.Split('\n').Skip(2)
            .TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal)).ToList();
        var times = rows.ConvertAll(
            row => decimal.Parse(Regex.Match(row, @"\d+\.\d{3}").Value, CultureInfo.InvariantCulture));
        Assert.That(rows[^1], Does.StartWith("  the whole step"));
        Assert.That(rows, Has.Some.StartsWith("  between operations").And.Some.Contains("body.layer1.0.conv"));
        Assert.That(times[..^1].Sum(), Is.EqualTo(times[^1]).Within(0.0005m * rows.Count));
        Assert.That(output, Does.Match(
            @"the whole step: \d+\.\d+ ms, the median; \d+\.\d+ to \d+\.\d+ ms \(3 steps after 1 to warm up\)"));
    }

    [Test]
    public void AnUnknownOperationIsRefusedBeforeAnythingIsMeasuredAndNearOnesAreNamed()
    {
        using var error = new StringWriter();
        Assert.That(CommandLine.Run([.. Small, "--kernel", "conv2d_forward"], TextWriter.Null, error), Is.EqualTo(2));
        Assert.That(
            error.ToString(),
            Does.StartWith("error: --kernel conv2d_forward: no operation has that in its name; near: ").And
                .Contain("ConvolutionForward"));
    }

    [TestCase("--infer")]
    [TestCase("--infer", "--check")]
    public void AnOperationThatThisStepHasNotIsRefusedWithThoseItHas(params string[] more)
    {
        using var error = new StringWriter();
        Assert.That(
            CommandLine.Run([.. Small, .. more, "--kernel", "AdamStep"], TextWriter.Null, error), Is.EqualTo(2));
        Assert.That(
            error.ToString(),
            Does.Contain("this step has no such operation; it has ").And.Contain("ConvolutionFolded"));
    }

    [Test]
    public void ATraceIsAFileForItsViewers()
    {
        using var folder = new TemporaryFolder();
        var output = Run("--infer", "--trace", folder["new/step.json"]);
        Assert.That(output, Does.Contain($"written: {folder["new/step.json"]}"));
        using var trace = JsonDocument.Parse(File.ReadAllText(folder["new/step.json"]));
        Assert.That(
            trace.RootElement.GetProperty("traceEvents").EnumerateArray()
                .Count(part => part.GetProperty("name").GetString()!.StartsWith("step ", StringComparison.Ordinal)),
            Is.EqualTo(3));
        using var error = new StringWriter();
        Assert.That(CommandLine.Run([.. Small, "--trace", folder["new"]], TextWriter.Null, error), Is.EqualTo(2));
        Assert.That(
            CommandLine.Run([.. Small, "--check", "--trace", folder["t.json"]], TextWriter.Null, error), Is.EqualTo(2));
    }

    [Test]
    public void BothKindsOfStepAtOnceAreRefused()
    {
        using var error = new StringWriter();
        Assert.That(CommandLine.Run([.. Small, "--train", "--infer"], TextWriter.Null, error), Is.Not.Zero);
        Assert.That(error.ToString(), Does.Contain("--train and --infer: give one of the two"));
    }

    [Test]
    public void ACheckComparesEveryOperationWithTheReferenceKernels()
    {
        var output = Run("--check");
        Assert.That(output, Does.Contain("against the reference kernels").And.Contain("AbnBackward").And
            .Match(@"(\d+) of \1 operations agree"));
    }

    [Test]
    public void AToleranceNeedsACheck()
    {
        using var error = new StringWriter();
        Assert.That(CommandLine.Run([.. Small, "--tolerance", "1e-3"], TextWriter.Null, error), Is.EqualTo(2));
        Assert.That(error.ToString(), Does.Contain("--tolerance is for --check"));
    }

    private static string Run(params string[] more)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.That(CommandLine.Run([.. Small, .. more], output, error), Is.Zero, error.ToString());
        return output.ToString();
    }
}
