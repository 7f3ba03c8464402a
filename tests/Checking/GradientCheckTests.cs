using Flixstock.Engine;

namespace Flixstock.Tests.Checking;

/// <summary>The checker itself: it must catch what is wrong and say where.</summary>
public class GradientCheckTests
{
    /// <summary>A layer that asks another to work and then spoils its gradients.</summary>
    private sealed class Spoiled(Layer inner, Action<Layer, Tensor> spoil) : Layer(inner.Name)
    {
        public override IReadOnlyList<Parameter> Parameters => inner.Parameters;

        public override Shape OutputShape(Shape input) => inner.OutputShape(input);

        public override Tensor Forward(Pass pass, Tensor input) => inner.Forward(pass, input);

        public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
        {
            inner.Backward(pass, outputGradient, inputGradient, accumulate);
            spoil(inner, inputGradient);
        }
    }

    private static GradientReport Check(Layer layer, Shape input)
    {
        using var backend = Backend.Reference();
        return GradientCheck.Run(backend, layer, input, new GradientCheckOptions { EntriesPerTensor = 1000 });
    }

    [Test]
    public void OneWrongIndexIsCaughtAndNamed()
    {
        var layer = new Spoiled(new Convolution("mine", 3, 2, 3), (inner, _) =>
        {
            var gradient = inner.Parameters[0].Gradient.Floats();
            (gradient[7], gradient[8]) = (gradient[8], gradient[7]);
        });
        var report = Check(layer, new Shape(2, 4, 4, 3));
        Assert.That(report.Passed, Is.False);
        Assert.That(report.Worst!.Value.Tensor, Is.EqualTo("mine.weight"));
        Assert.That(report.Worst.Value.Index, Is.AnyOf(7L, 8L));
        Assert.That(() => report.ThrowIfFailed(), Throws.TypeOf<EngineException>().With.Message.Contains("mine.weight[")
            .And.Message.Contains("backward pass"));
        Assert.That(
            report.Tensors.Where(tensor => tensor.Tensor != "mine.weight")
                .All(tensor => tensor.Worst!.Value.Excess <= 1),
            "the other tensors are right");
    }

    [Test]
    public void OneWrongSignInTheInputsGradientIsCaughtAndNamed()
    {
        var layer = new Spoiled(new Linear("mine", 5, 3), (_, input) => input.Floats()[4] *= -1);
        var report = Check(layer, new Shape(2, 5));
        Assert.That(report.Passed, Is.False);
        Assert.That(report.Tensors.Single(tensor => tensor.Tensor == "input").Worst!.Value.Index, Is.EqualTo(4));
    }

    [Test]
    public void AnErrorOfATenthOfAPercentIsCaught()
    {
        var spoiled = -1;
        var layer = new Spoiled(new Linear("mine", 5, 7), (inner, _) =>
        {
            var gradient = inner.Parameters[0].Gradient.Floats();
            for (var i = 0; i < gradient.Length; i++)
                spoiled = spoiled < 0 || Math.Abs(gradient[i]) > Math.Abs(gradient[spoiled]) ? i : spoiled;
            gradient[spoiled] *= 1.001f;
        });
        var report = Check(layer, new Shape(2, 5));
        Assert.That(report.Passed, Is.False);
        Assert.That(report.Worst!.Value.Tensor, Is.EqualTo("mine.weight"));
        Assert.That(report.Worst.Value.Index, Is.EqualTo(spoiled));
    }

    private sealed class WritesInsteadOfAdding() : Layer("mine")
    {
        private readonly Linear _inner = new("mine", 4, 4);

        public override IReadOnlyList<Parameter> Parameters => _inner.Parameters;

        public override Shape OutputShape(Shape input) => _inner.OutputShape(input);

        public override Tensor Forward(Pass pass, Tensor input) => _inner.Forward(pass, input);

        public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate) =>
            _inner.Backward(pass, outputGradient, inputGradient, accumulate: false);
    }

    [Test]
    public void ForgettingToAddIsCaught() =>
        Assert.That(Check(new WritesInsteadOfAdding(), new Shape(2, 4)).Failures, Has.One.StartsWith("input (added)["));

    [Test]
    public void KinksAreCountedAndTooManyFailTheCheck()
    {
        using var backend = Backend.Reference();
        // With steps this large nearly every difference crosses a kink.
        var report = GradientCheck.Run(
            backend, new InplaceAbn("mine", 9, 0.01f), new Shape(2, 9, 9, 9), new GradientCheckOptions { Step = 50 });
        Assert.That(report.Skipped, Is.GreaterThan(report.Checked));
        Assert.That(report.Failures, Has.Some.Contains("left out near kinks"));
    }

    [Test]
    public void AScalarFunctionsGradientIsChecked()
    {
        float[] point = [0.3f, -1.2f, 2];
        static double Value(double[] x) => x[0] * x[0] * x[1] + Math.Sin(x[2]);
        float[] right = [2 * 0.3f * -1.2f, 0.3f * 0.3f, MathF.Cos(2)];
        Assert.That(GradientCheck.RunFunction("f", point, Value, right).Failures, Is.Empty);
        Assert.That(
            GradientCheck.RunFunction("f", point, Value, [right[0], right[1], -right[2]]).Worst!.Value.Index,
            Is.EqualTo(2));
    }
}
