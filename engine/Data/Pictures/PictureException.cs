namespace Flixstock.Engine;

/// <summary>A single picture cannot be read: what is wrong with it, apart from its name and from what to do.</summary>
/// <param name="picture">Name of the picture in messages.</param>
/// <param name="problem">What is wrong: "the picture is truncated".</param>
/// <param name="remedy">What to do; null if the problem says it.</param>
/// <param name="inner">The system's exception.</param>
public sealed class PictureException(string picture, string problem, Wording? remedy, Exception? inner = null)
    : InputException($"{picture}: {problem}{(remedy is null ? null : (Wording)$"; {remedy}")}", inner)
{
    /// <summary>A picture that is to be replaced or removed.</summary>
    /// <param name="picture">Name of the picture in messages.</param>
    /// <param name="problem">What is wrong: "the picture is truncated".</param>
    /// <param name="inner">The system's exception.</param>
    public PictureException(string picture, string problem, Exception? inner = null)
        : this(picture, problem, "replace or remove it", inner)
    {
    }

    /// <summary>Name of the picture in messages.</summary>
    public string Picture { get; } = picture;

    /// <summary>What is wrong with it.</summary>
    public string Problem { get; } = problem;

    /// <summary>The sample that was read, if any.</summary>
    internal Sample? Sample { get; init; }

    /// <summary>The same failure with another remedy.</summary>
    internal PictureException With(Wording other) => new(Picture, Problem, other, this) { Sample = Sample };

    /// <summary>The same failure, for a sample of a data set.</summary>
    internal PictureException Of(Sample sample) =>
        new(Picture, Problem, remedy, InnerException ?? this) { Sample = sample };
}
