using System.Text.Json;
using Flixstock.Cli;

namespace Flixstock.Tests.Cli;

/// <summary><c>flixstock profile</c> on the processor: what it prints, not how long anything takes.</summary>
[NonParallelizable]
public class ProfileTests
{
    private static readonly string[] Small = ["profile", "--device", "cpu", "--model-name", "tresnet_m", "--image-size", "64", "--batch-size", "1"];

    [Test]
    public void ATrainingStepsTableHasForwardAndBackward()
    {
        var output = Run();
        Assert.That(output, Does.Contain("fp32").And.Contain("TFLOP/s").And.Contain("ConvolutionForward").And.Contain("ConvolutionBackward")
            .And.Contain("AdamStep").And.Contain("the whole step:"));
    }

    [Test]
    public void AForwardPassHasNoBackward() =>
        Assert.That(Run("--infer"), Does.Contain("Convolution").And.Not.Contain("Backward").And.Not.Contain("AdamStep"));

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
        var output = Run("--check", "--layers", "1,1,1,1", "--width", "0.125");
        Assert.That(output, Does.Contain("against the reference kernels").And.Contain("AbnBackward").And.Match(@"(\d+) of \1 operations agree"));
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
