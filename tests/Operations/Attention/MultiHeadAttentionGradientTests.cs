using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>The backward pass against differences of the forward pass.</summary>
public sealed class MultiHeadAttentionGradientTests
{
    // Four linear layers and two products in a row, each with the roundings of one.
    private static readonly GradientCheckOptions Options = new()
    {
        RoundoffFactor = 4 * new GradientCheckOptions().RoundoffFactor,
    };

    private static readonly Case[] Cases =
    [
        new("self-attention", new MultiHeadAttention("a", 12, 3), Pictures: 2, Queries: 5, Pixels: 0),
        new("self-attention of one row", new MultiHeadAttention("a", 8, 1), Pictures: 1, Queries: 1, Pixels: 0),
        new("cross-attention", new MultiHeadAttention("a", 16, 8), Pictures: 2, Queries: 3, Pixels: 5),
        new(
            "cross-attention whose probabilities are changed",
            new MultiHeadAttention("a", 20, 2)
            {
                ProbabilityDropout = new Activation("drop", ActivationKind.Sigmoid),
            },
            Pictures: 3, Queries: 4, Pixels: 7),
    ];

    [Test]
    public void TheBackwardPassIsTheForwardPassesGradient(
        [ValueSource(nameof(Cases))] Case layer,
        [Values(true, false)] bool training,
        [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind)
    {
        using var backend = Kinds.Open(kind);
        var attention = layer.Attention;
        using var buffer = new ParameterBuffer(backend.Device, [.. attention.AllParameters]);
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, (int)buffer.Values.Count).Select(_ => random.NextSingle() - 0.5f)];
        backend.Device.CopyFromHost<float>(values, buffer.Values);
        var (whole, input) = (new UnderCheck(layer), new Shape(layer.Pictures, layer.Rows, attention.Width));
        var report = GradientCheck.Run(backend, whole, input, Options with { Training = training });
        TestContext.Out.WriteLine($"{report.Checked} checked, {report.Skipped} skipped, worst {report.Worst}");
        Assert.That(report.Failures, Is.Empty);

        // A key's bias shifts all scores of a query alike, which a softmax does not see: what is left is rounding.
        var gradient = backend.Device.ToHost<float>(attention.InputBias.Gradient);
        var ofKeys = gradient.Skip(attention.Width).Take(attention.Width).Max(Math.Abs);
        Assert.That(ofKeys, Is.LessThan(1e-6 * gradient.Max(Math.Abs)));
    }

    /// <summary>A layer, and how many rows it gets.</summary>
    /// <param name="Name">Shown in the test's name.</param>
    /// <param name="Attention">The layer; its parameters are bound anew by each test.</param>
    /// <param name="Pictures">N</param>
    /// <param name="Queries">L</param>
    /// <param name="Pixels">S; 0: it looks at itself.</param>
    public sealed record Case(string Name, MultiHeadAttention Attention, int Pictures, int Queries, int Pixels)
    {
        public int Rows => Queries + Pixels;

        public override string ToString() => Name;
    }

    // Target and memory of all pictures lie one after the other in one tensor. The parts of the projection's bias are
    // parameters by themselves, without that of the keys, of which differences of the forward pass say 0 exactly.
    private sealed class UnderCheck(Case layer) : Layer(layer.Name)
    {
        private readonly MultiHeadAttention _attention = layer.Attention;

        public override IEnumerable<Parameter> AllParameters =>
            [_attention.InputWeight, BiasPart("queries", 0), BiasPart("values", 2), .. _attention.Output.AllParameters];

        private Shape Target => new(layer.Pictures, layer.Queries, _attention.Width);

        private Shape Memory => new(layer.Pictures, layer.Pixels, _attention.Width);

        public override Shape OutputShape(Shape input) =>
            layer.Pixels == 0 ? _attention.OutputShape(input) : _attention.OutputShape(Target, Memory);

        public override Tensor Forward(Pass pass, Tensor input) => layer.Pixels == 0
            ? _attention.Forward(pass, input)
            : _attention.Forward(pass, input.Slice(0, Target), input.Slice(Target.Count, Memory));

        public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
        {
            if (layer.Pixels == 0)
            {
                _attention.Backward(pass, outputGradient, inputGradient, accumulate);
                return;
            }
            _attention.Backward(
                pass, outputGradient, inputGradient.Slice(0, Target), accumulate,
                inputGradient.Slice(Target.Count, Memory), accumulate);
        }

        private Parameter BiasPart(string name, int part)
        {
            var (bias, shape) = (_attention.InputBias, new Shape(_attention.Width));
            return new Parameter($"{bias.Name}.{name}", shape, ParameterKind.Vector)
            {
                Value = bias.Value.Slice((long)part * _attention.Width, shape),
                Gradient = bias.Gradient.Slice((long)part * _attention.Width, shape),
            };
        }
    }
}
