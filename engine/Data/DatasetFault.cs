namespace Flixstock.Engine;

/// <summary>A fault of a picture, a class or a data set.</summary>
public enum FaultKind
{
    /// <summary>The labels name a picture that does not exist.</summary>
    Missing,

    /// <summary>The file is no picture.</summary>
    Unreadable,

    /// <summary>The picture's file ends too early.</summary>
    Truncated,

    /// <summary>A picture lies in two parts, so that what is measured on one was learnt from the other.</summary>
    Leak,

    /// <summary>Labels that cannot all be true.</summary>
    Contradiction,

    /// <summary>The same picture twice in a part, byte for byte or pixel for pixel.</summary>
    Duplicate,

    /// <summary>Two pictures of a part that look alike.</summary>
    NearDuplicate,

    /// <summary>Too few pixels to see anything.</summary>
    Tiny,

    /// <summary>A class without a positive label in a part.</summary>
    EmptyClass,

    /// <summary>Files among the pictures that are not read; one fault for each reason and ending.</summary>
    PassedOver,
}

/// <summary>A fault that the user should see.</summary>
/// <param name="Kind">Kind of fault.</param>
/// <param name="Part">train, val or test; empty for a fault outside of all parts.</param>
/// <param name="File">The picture or the class.</param>
/// <param name="Wording">What exactly is wrong, with the other picture if there is one.</param>
/// <param name="Remedy">What to do.</param>
public sealed record DatasetFault(FaultKind Kind, string Part, string File, Wording Wording, string Remedy)
{
    /// <summary>What exactly is wrong, as text.</summary>
    public string Detail => Wording.ToString();

    /// <summary>True if training or measuring on the data set would go wrong; false if it deserves a look.</summary>
    public bool IsError => Kind <= FaultKind.Contradiction;

    /// <summary>The kind as programs read it: <c>near-duplicate</c>.</summary>
    public string KindName => Kind switch
    {
        FaultKind.NearDuplicate => "near-duplicate",
        FaultKind.EmptyClass => "empty-class",
        FaultKind.PassedOver => "passed-over",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}
