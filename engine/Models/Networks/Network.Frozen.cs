namespace Flixstock.Engine;

// A body that is not trained computes as in inference, from its running statistics, and has no backward pass.
public abstract partial class Network
{
    private (Pass Of, Pass Frozen)? _frozenPass;

    /// <summary>
    /// True: training passes leave the body's weights, running statistics and counters alone, and
    /// <see cref="Backward"/> computes the head's gradients only.
    /// </summary>
    internal bool BodyIsFrozen { get; set; }

    /// <summary>The body's parameters, running statistics included.</summary>
    internal IReadOnlySet<Parameter> BodyParameters =>
        Body.Layers.SelectMany(layer => layer.AllParameters).ToHashSet();

    private HashSet<BatchNormalization> _bodyNormalizations =>
        field ??= [.. Body.Layers.SelectMany(Parts).OfType<BatchNormalization>()];

    // Made once for each pass: a warm step allocates nothing.
    private Pass Frozen(Pass pass)
    {
        if (_frozenPass is not { } made || !ReferenceEquals(made.Of, pass))
            _frozenPass = made = (pass, pass with { Training = false });
        return made.Frozen;
    }
}
