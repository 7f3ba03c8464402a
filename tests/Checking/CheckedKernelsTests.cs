using Flixstock.Engine;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Checking;

/// <summary>
/// Two tables of kernels beside each other through whole steps: the one that is wrong is named, the others are not.
/// </summary>
[Parallelizable] // a device of its own
public sealed class CheckedKernelsTests
{
    private static readonly TResNetOptions Tiny =
        new() { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.1875, Classes = 21 };

    [TestCase(true)]
    [TestCase(false)]
    public void TheProcessorAgreesWithTheReference(bool training)
    {
        using var cpu = Backend.Cpu(2);
        using var reference = Backend.Reference();
        var checks = StepCheck.Compare(cpu, reference, Tiny, batch: 2, imageSize: 32, training);
        Assert.That(checks.Where(check => check.Difference is not null), Is.Empty);
        Assert.That(checks.Select(check => check.Name), training
            ? Is.SupersetOf(
                new[] { "AbnBackward", "AdamStep", "ConvolutionBackwardWeight", "SelectiveLoss", "FiniteCheck" })
            : Is.SupersetOf(new[] { "ConvolutionFolded", "ExciteResidualRelu", "LinearForward" }));
    }

    // The optimizer's 16-bit parameters and gradients too, in fp16 also the loss scale; in fp32 the planted faults
    // below leave the other operations agreeing.
    [TestCase(Precision.Bf16)]
    [TestCase(Precision.Fp16)]
    public void TheDeviceAgreesWithTheProcessor(Precision precision)
    {
        using var gpu = new EmulatedGpu(precision);
        using var cpu = Backend.Cpu(2);
        var checks = StepCheck.Compare(gpu.Backend, cpu, Tiny, batch: 2, imageSize: 32, training: true, steps: 1);
        TestContext.Out.WriteLine(string.Join('\n', checks.Select(check => $"{check.Name}: {check.Worst:0.000}")));
        Assert.That(checks.Select(check => check.Difference).OfType<KernelDifference>(), Is.Empty);
        Assert.That(checks, Has.Count.GreaterThan(20));
    }

    [TestCase("blur_pool.cu", "tap == 1 ? 0.5f : 0.25f", "tap == 1 ? 0.25f : 0.5f", "BlurPoolForward", "output")]
    [TestCase("prior.cu", "sums[k] += total[0]", "sums[k] = 2 * total[0]", "PriorAccumulate", "sums")]
    public void AFaultInAKernelIsNamedByItsOperation(
        string file, string text, string fault, string operation, string argument)
    {
        using var folder = new EditedKernels(file, text, fault);
        using var gpu = new EmulatedGpu(
            change: usual => usual with { Sources = KernelSources.FromFolder(folder.Path) });
        using var cpu = Backend.Cpu(2);
        var checks = StepCheck.Compare(gpu.Backend, cpu, Tiny, batch: 2, imageSize: 32, training: true, steps: 1);
        var differences = checks.Select(check => check.Difference).OfType<KernelDifference>().ToList();
        Assert.That(differences.Select(difference => difference.Operation), Does.Contain(operation));
        // Both directions of the blur have the fault; what comes after it computes right from wrong numbers and is not
        // accused.
        Assert.That(
            differences.Select(difference => difference.Operation),
            Is.All.StartsWith(operation.Replace("Forward", "", StringComparison.Ordinal)));
        var found = differences.Single(difference => difference.Operation == operation);
        Assert.That(found.Argument, Is.EqualTo(argument));
        Assert.That(Math.Abs(found.Actual - found.Expected), Is.GreaterThan(found.Tolerance));
        Assert.That(
            found.ToString(),
            Does.StartWith($"{operation}, call 1: '{argument}' {found.Shape} differs first at [").And
                .Contain("expected"));
    }

    [Test]
    public void WhatIsNotANumberDiffersFromANumberOnly()
    {
        var tensor = new Tensor(1, new Shape(3));
        Assert.That(TensorComparison.Compare([1, double.NaN, 2], [1, double.NaN, 2], tensor, 1e-4).Difference, Is.Null);
        var (worst, difference) = TensorComparison.Compare([1, double.NaN, 3], [1, 1, 2], tensor, 1e-4);
        Assert.That(worst, Is.EqualTo(double.PositiveInfinity));
        Assert.That((difference!.Value.Element, difference.Value.Differing), Is.EqualTo((1L, 2L)));
    }

    [Test]
    public void ARowOfATableIsMeasuredByItsOwnSize()
    {
        // A difference of 1e-3 is nothing beside 300, and much beside 1.
        double[] expected = [300, 300, 1, 1], actual = [300.001, 300, 1, 1.001];
        Assert.That(
            TensorComparison.Compare(actual, expected, new Tensor(1, new Shape(2, 2)), 1e-4).Difference!.Value.Element,
            Is.EqualTo(3));
        Assert.That(TensorComparison.Compare(actual, expected, new Tensor(1, new Shape(4)), 1e-4).Difference, Is.Null);
    }

    [Test]
    public void IntegersMustBeEqual() =>
        Assert.That(
            TensorComparison.Compare(
                [0, 1], [0, 0], new Tensor(1, new Shape(2), ElementType.Int32), 1e-4).Difference!.Value.Tolerance,
            Is.Zero);

    [Test]
    public void AMeasureOnAGpuIsRefused()
    {
        using var cpu = Backend.Cpu(1);
        using var gpu = new EmulatedGpu();
        Assert.That(
            () => CheckedKernels.Create(cpu, gpu.Backend),
            Throws.ArgumentException.With.Message.Contain("is no measure"));
    }
}
