namespace Flixstock.Engine;

/// <summary>
/// Told which named part of a step is being queued: layers by their published names, inside the phases <c>forward</c>,
/// <c>loss</c>, <c>backward</c> and <c>optimizer</c>.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
internal interface IRangeObserver
{
    /// <summary>A part begins; it may lie inside others.</summary>
    void Push(string name);

    /// <summary>The part that began last ends.</summary>
    void Pop();
}

/// <summary>Names of a training step's phases.</summary>
internal static class StepPhase
{
    /// <summary>The part from the pictures to the logits.</summary>
    public const string Forward = "forward";

    /// <summary>Loss and its gradient.</summary>
    public const string Loss = "loss";

    /// <summary>The part from the logits' gradient to the parameters' gradients.</summary>
    public const string Backward = "backward";

    /// <summary>Parameters, moments and weight average.</summary>
    public const string Optimizer = "optimizer";
}
