using System.Globalization;

namespace Flixstock.Engine;

/// <summary>A picture with two lines: what its label says, and what the model says.</summary>
internal static class PictureFigure
{
    private const string Unknown = "unknown";

    /// <summary>The figure; its file name appears when it is pointed at.</summary>
    /// <param name="pictures">The pictures of the page.</param>
    /// <param name="evaluation">The data set.</param>
    /// <param name="answer">The picture, its label and the model's answer.</param>
    /// <returns>The figure; null if there is no room or the picture cannot be read.</returns>
    public static Markup? Of(Thumbnails pictures, RunEvaluation evaluation, PictureAnswer answer)
    {
        var sample = evaluation.Dataset.Samples[answer.Sample];
        if (pictures.Show(sample, evaluation.ExifRotate) is not { } picture)
            return null;
        var percent = (100 * answer.Probability).ToString("0", CultureInfo.InvariantCulture);
        var label = answer.Label.Length > 0 ? answer.Label : Unknown;
        var table = evaluation.Dataset.Attributes;
        var said = AnswerCaption.Short(table, answer, label);
        var found = AnswerCaption.Short(table, answer, answer.Class);
        return new Markup()
            .Add($"<figure title=\"{sample.File}: label {label}, model {answer.Class}\">").Add(picture)
            .Add($"<figcaption><span>label {said}</span><span>model {percent} % {found}</span></figcaption></figure>");
    }
}
