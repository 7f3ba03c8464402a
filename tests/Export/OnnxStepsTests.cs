using Flixstock.Engine;

namespace Flixstock.Tests.Export;

/// <summary>ONNX export knows every step and every activation of the engine.</summary>
public sealed class OnnxStepsTests
{
    [Test]
    public void EveryActivationIsTranslated([Values] ActivationKind kind)
    {
        using var backend = Backend.Reference();
        var graph = new OnnxGraph("activation", half: false);
        var steps = new OnnxSteps(graph, backend.Device, [new ActivationStep("a", 0, kind)], size: 4);
        Assert.That(steps.Translate("input"), Is.EqualTo(kind == ActivationKind.None ? "input" : $"a/{kind}"));
    }

    private static IEnumerable<string> Steps() =>
        from step in typeof(FoldedStep).Assembly.GetTypes()
        where step.IsSubclassOf(typeof(FoldedStep)) && !step.IsAbstract
        select step.Name;

    [TestCaseSource(nameof(Steps))]
    public void EveryStepOfTheEngineIsTranslated(string step) => Assert.That(
        File.ReadAllText(Repository.Find("engine", "Export", "OnnxSteps.cs")), Does.Match($@"\b{step}\b"),
        "give it an arm in OnnxSteps.Translate");
}
