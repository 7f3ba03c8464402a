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
        var (said, found) = (Short(evaluation, label), Short(evaluation, answer.Class));
        return new Markup()
            .Add($"<figure title=\"{sample.File}: label {label}, model {answer.Class}\">").Add(picture)
            .Add($"<figcaption><span>label {said}</span><span>model {percent} % {found}</span></figcaption></figure>");
    }

    // Without the attribute's name, which the class' own mostly tells: there is little room.
    private static string Short(RunEvaluation evaluation, string name)
    {
        var table = evaluation.Dataset.Attributes;
        for (var group = 0; group < table.Groups.Count; group++)
        {
            var own = table.Groups[group];
            for (var k = 0; k < own.Classes && own.ClassNames is not null; k++)
            {
                if (table.ClassNames[table.Offset(group) + k] == name)
                    return own.ClassNames[k];
            }
        }
        return name;
    }

    /// <summary>The same answer, from a list of labels to check.</summary>
    public static PictureAnswer AnswerOf(ReviewItem item)
    {
        var label = item.Label switch { "1" => "yes", "0" => "no", var name => name };
        return new PictureAnswer(item.Sample, label, item.Class, item.Probability, item.Confidence);
    }
}
