using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>What stands below a picture of a contact sheet. An empty text takes no room.</summary>
/// <param name="Subject">What label and model speak of: an attribute, or a class on its own.</param>
/// <param name="Label">What the label says.</param>
/// <param name="Model">What the model says, and how sure it is.</param>
/// <param name="File">Name of the picture.</param>
/// <param name="Mark">Whether the two agree.</param>
internal sealed record SheetCaption(
    string Subject, string Label, string Model, string File, AnswerMark Mark = AnswerMark.None);

/// <summary>A picture of a contact sheet.</summary>
/// <param name="Picture">Gives the picture; asked for when it is drawn, and not kept.</param>
/// <param name="Caption">What stands below it.</param>
internal sealed record SheetPicture(Func<RgbPicture> Picture, SheetCaption Caption)
{
    /// <summary>Draws over the picture, which is where it is told; null: nothing.</summary>
    public Action<SKCanvas, SKRect>? Overlay { get; init; }
}

/// <summary>Pictures of a contact sheet that belong together.</summary>
/// <param name="Heading">A line above them; empty: none.</param>
/// <param name="Pictures">The pictures; a part without pictures is not drawn.</param>
internal sealed record SheetPart(string Heading, IReadOnlyList<SheetPicture> Pictures);
