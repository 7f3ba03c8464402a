using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>Custom steps run in a folded network's plan; what cannot be is refused by name.</summary>
public sealed class FoldedStepTests
{
    private const int Size = 4;

    // Two inputs, [N, C] each, as a network with branches would have.
    private sealed class SumStep(string name, int first, int second) : FoldedStep(name, first, second)
    {
        public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) => inputs[0];

        public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output)
        {
            kernels.Copy(inputs[0], output);
            kernels.Add(inputs[1], output);
        }
    }

    [Test]
    public void AStepWithTwoInputsReadsBoth([ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind)
    {
        using var backend = Kinds.Open(kind);
        using var plan = new FoldedPlan(backend, Branches(backend), new Shape(1, Size, Size, 3), ElementType.Float32);
        var values = Enumerable.Range(0, Size * Size * 3).Select(i => (float)i).ToArray();
        backend.Device.CopyFromHost<float>(values, plan.Input);
        var means = Enumerable.Range(0, 3).Select(c => values.Where((_, i) => i % 3 == c).Average());
        var expected = means.Select(mean => mean + (1 / (1 + MathF.Exp(-mean))));
        var sums = backend.Device.ToHost<float>(plan.Run(backend));
        TestTensors.AssertClose(sums, [.. expected], 1e-5, "means and sigmoids");
    }

    [Test]
    public void AValueThatNothingWritesIsRefused()
    {
        using var backend = Backend.Reference();
        var builder = new FoldedBuilder(backend, (_, _) => { }, onlyPacked: false);
        Assert.That(builder.Add(new AveragePoolStep("first", 0)), Is.EqualTo(1));
        Assert.That(
            () => builder.Add(new SumStep("early", 1, 2)),
            Throws.ArgumentException.With.Message.Contains("'early' reads value 2").And.Message.Contains("1 to 1:"));
    }

    [Test]
    public void OnnxExportNamesTheStepItCannotTranslate()
    {
        using var backend = Backend.Reference();
        var steps = new OnnxSteps(new OnnxGraph("custom", half: false), backend.Device, Branches(backend), Size);
        Assert.That(
            () => steps.Translate("input"),
            Throws.TypeOf<InputException>().With.Message.Contains("'sum'").And.Message.Contains(nameof(SumStep)));
    }

    private static List<FoldedStep> Branches(Backend backend)
    {
        var builder = new FoldedBuilder(backend, (_, _) => { }, onlyPacked: false);
        var pooled = builder.Add(new GlobalAveragePoolStep("pool", 0));
        var gate = builder.Add(new ActivationStep("gate", pooled, ActivationKind.Sigmoid));
        builder.Add(new SumStep("sum", pooled, gate));
        return builder.Steps;
    }
}
