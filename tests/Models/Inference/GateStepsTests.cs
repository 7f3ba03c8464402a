using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>Which steps of a folded network are squeeze-excite's gate.</summary>
public sealed class GateStepsTests
{
    private const int Channels = 8, Hidden = 4;

    [Test]
    public void APoolAndTwoLayersAreAGate() => Assert.That(GateSteps.Begin(Gate(), 0));

    // Two layers that classify have other outputs than the picture has channels.
    [Test]
    public void AClassifierIsNone() => Assert.That(GateSteps.Begin(Gate(outputs: 21), 0), Is.False);

    [Test]
    public void OtherActivationsAreNone() => Assert.That(
        GateSteps.Begin(Gate(first: ActivationKind.None), 0) || GateSteps.Begin(Gate(second: ActivationKind.Relu), 0),
        Is.False);

    // What lies between is wanted by somebody else too.
    [TestCase(1)]
    [TestCase(2)]
    public void AValueThatIsReadElsewhereIsNone(int value) =>
        Assert.That(GateSteps.Begin([.. Gate(), new ActivationStep("other", value, ActivationKind.Relu)], 0), Is.False);

    [Test]
    public void WhatIsCutOffIsNone() => Assert.That(GateSteps.Begin(Gate()[..2], 0), Is.False);

    private static FoldedStep[] Gate(
        int outputs = Channels, ActivationKind first = ActivationKind.Relu,
        ActivationKind second = ActivationKind.Sigmoid) =>
        [new GlobalAveragePoolStep("pool", 0), Linear(1, Channels, Hidden, first), Linear(2, Hidden, outputs, second)];

    private static LinearStep Linear(int input, int inputs, int outputs, ActivationKind activation) => new("fc", input)
    {
        Weight = new Tensor(64, new Shape(outputs, inputs)),
        Bias = new Tensor(64, new Shape(outputs)),
        Activation = activation,
    };
}
