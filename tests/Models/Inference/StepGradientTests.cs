using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>Backward passes of folded steps against differences of what they compute.</summary>
public sealed class StepGradientTests
{
    private static readonly Case[] Cases =
    [
        new("sigmoid of rows", _ => new ActivationStep("s", 0, ActivationKind.Sigmoid), new Shape(2, 3, 7)),
        new("ReLU of pictures", _ => new ActivationStep("s", 0, ActivationKind.Relu), new Shape(2, 3, 2, 5)),
        new("no activation", _ => new ActivationStep("s", 0, ActivationKind.None), new Shape(3, 5)),
        new("sum with itself", _ => new AddStep("s", 0, 0), new Shape(2, 3, 5)),
        new("pixels as rows", _ => new PixelRowsStep("s", 0), new Shape(2, 3, 2, 5)),
        new("linear", backend => Linear(backend, ActivationKind.None), new Shape(3, 5)),
        new("linear of rows", backend => Linear(backend, ActivationKind.Sigmoid), new Shape(2, 3, 5)),
        new(
            "grouped linear",
            backend => new GroupedLinearStep("s", 0)
            {
                Weight = Random(backend, new Shape(3, 5, 4)),
                Bias = Random(backend, new Shape(10)),
            },
            new Shape(2, 3, 5)),
    ];

    [Test]
    public void TheBackwardPassIsTheStepsGradient(
        [ValueSource(nameof(Cases))] Case step, [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind)
    {
        using var backend = Kinds.Open(kind);
        var made = step.Make(backend);
        Assert.That(made.HasBackward, Is.True);
        Assert.That(GradientCheck.Run(backend, new StepLayer(made), step.Input).Failures, Is.Empty);
    }

    /// <summary>A step, and the shape of what it reads.</summary>
    /// <param name="Name">Shown in the test's name.</param>
    /// <param name="Make">Makes the step.</param>
    /// <param name="Input">Of its input, or of each of its inputs, which are one value.</param>
    public sealed record Case(string Name, Func<Backend, FoldedStep> Make, Shape Input)
    {
        public override string ToString() => Name;
    }

    private static LinearStep Linear(Backend backend, ActivationKind activation) => new("s", 0)
    {
        Weight = Random(backend, new Shape(7, 5)),
        Bias = Random(backend, new Shape(7)),
        Activation = activation,
    };

    private static Tensor Random(Backend backend, Shape shape) =>
        backend.Device.FromHost<float>(TestTensors.Random(shape.Count, 11, 0.5f), shape);

    private sealed class StepLayer(FoldedStep step) : Layer(step.Name)
    {
        private Tensor _input, _output;

        public override bool HasKinkAtZero => step is ActivationStep { Kind: ActivationKind.Relu };

        public override Shape OutputShape(Shape input) =>
            step.OutputShape([.. step.Inputs.Select(_ => input)]);

        public override Tensor Forward(Pass pass, Tensor input)
        {
            (_input, _output) = (input, pass.Take(OutputShape(input.Shape)));
            step.Execute(pass.Kernels, [.. step.Inputs.Select(_ => (ReadOnlyTensor)input)], _output);
            return pass.Done(this, _output);
        }

        public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
        {
            for (var i = 0; i < step.Inputs.Count; i++)
                step.Backward(pass.Kernels, _input, _output, outputGradient, accumulate || i > 0, inputGradient);
        }
    }
}
