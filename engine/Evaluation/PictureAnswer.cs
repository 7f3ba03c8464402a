namespace Flixstock.Engine;

/// <summary>A picture with what its label says and what the model says.</summary>
/// <param name="Sample">Index of the picture.</param>
/// <param name="Number">Number of the class that the model speaks of, among all classes.</param>
/// <param name="Label">The label: a class of the attribute, or of a class on its own <c>yes</c> or <c>no</c>; empty if
/// it is unknown. An attribute's label is <c>no</c> if it is only known not to be the model's class.</param>
/// <param name="Class">Name of the class that the model speaks of.</param>
/// <param name="Probability">The probability that the model gives that class, 0 to 1.</param>
/// <param name="Margin">How far the model is from another answer, 0 to 1.</param>
internal sealed record PictureAnswer(
    int Sample, int Number, string Label, string Class, float Probability, float Margin)
{
    /// <summary>False if the model says that a class on its own is not there.</summary>
    public bool IsThere { get; init; } = true;

    /// <summary>Whether the label agrees with the model; null if it is unknown.</summary>
    public bool? IsRight { get; init; }
}

/// <summary>Answers to look at.</summary>
/// <param name="Title">What they are, in a few words.</param>
/// <param name="Text">What they are, in a sentence.</param>
/// <param name="Shown">The most telling ones, those first.</param>
/// <param name="Count">How many there are in all.</param>
internal sealed record AnswerGallery(string Title, string Text, IReadOnlyList<PictureAnswer> Shown, int Count)
{
    /// <summary>How many are shown: <c>none</c>, <c>7</c>, <c>60 of 512</c>.</summary>
    /// <param name="shown">Number of those that are shown.</param>
    public string Of(int shown) => Count == 0 ? "none" : shown < Count ? $"{shown} of {Count}" : $"{Count}";
}
