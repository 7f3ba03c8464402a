namespace Flixstock.Engine;

/// <summary>How a network's scores become probabilities.</summary>
public enum HeadKind
{
    /// <summary>Every class on its own: sigmoid, as published.</summary>
    Sigmoid,
    /// <summary>The classes of an attribute share a probability of 1: softmax within each attribute.</summary>
    Grouped,
}

/// <summary>Turns scores into probabilities; nothing else in the engine does so.</summary>
/// <param name="Attributes">The classes of the scores.</param>
/// <param name="Kind">Sigmoid or softmax.</param>
/// <param name="Temperature">
/// Scores are divided by it first (Guo et al., "On Calibration of Modern Neural Networks", 2017); 1 changes nothing.
/// </param>
public sealed record ProbabilityHead(
    AttributeTable Attributes, HeadKind Kind = HeadKind.Sigmoid, double Temperature = 1)
{
    /// <summary>Probabilities of a batch.</summary>
    /// <param name="logits">[N, classes]</param>
    /// <param name="probabilities">[N, classes], may be the same memory.</param>
    public void Apply(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        if (Kind == HeadKind.Sigmoid)
        {
            for (var i = 0; i < logits.Length; i++)
                probabilities[i] = (float)(1 / (1 + Math.Exp(-logits[i] / Temperature)));
            return;
        }
        for (var row = 0; row < logits.Length; row += Attributes.ClassCount)
        {
            for (var group = 0; group < Attributes.Groups.Count; group++)
            {
                var (first, classes) = (row + Attributes.Offset(group), Attributes.Groups[group].Classes);
                Softmax(logits.Slice(first, classes), probabilities.Slice(first, classes));
            }
        }
    }

    /// <summary>Refuses a head that the classes cannot have.</summary>
    /// <exception cref="InputException">A softmax over classes of which any number may be present.</exception>
    public static void Require(HeadKind kind, AttributeTable attributes)
    {
        if (kind == HeadKind.Grouped && attributes.Groups.Any(group => group.Independent))
        {
            throw new InputException($"{Term.Head} grouped: the data set's classes are independent of each other, and "
                + $"a softmax would let only one be there; use {Term.Head} sigmoid");
        }
    }

    private void Softmax(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        var highest = double.NegativeInfinity;
        foreach (var logit in logits)
            highest = Math.Max(highest, logit); // keeps what is not a number
        var sum = 0.0;
        foreach (var logit in logits)
            sum += Math.Exp((logit - highest) / Temperature);
        for (var k = 0; k < logits.Length; k++)
            probabilities[k] = (float)(Math.Exp((logits[k] - highest) / Temperature) / sum);
    }
}
