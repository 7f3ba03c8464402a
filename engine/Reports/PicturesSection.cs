namespace Flixstock.Engine;

/// <summary>
/// Pictures to look at: labels that are probably wrong or missing, wrong answers, uncertain ones, right ones.
/// </summary>
internal static class PicturesSection
{
    /// <summary>The galleries of one run.</summary>
    /// <param name="evaluation">The run's evaluation.</param>
    /// <param name="pictures">The pictures of the page.</param>
    /// <param name="options">How many are shown.</param>
    public static Markup Of(RunEvaluation evaluation, Thumbnails pictures, ReportOptions options)
    {
        if (options.Pictures == 0)
            return $"";
        var chosen = evaluation.Pictures;
        AnswerGallery[] galleries =
            [chosen.Disagreements, chosen.Unknown, chosen.Wrong, chosen.LeastCertain, chosen.Right];
        return Markup.Join(galleries.Select(gallery => GalleryOf(evaluation, pictures, gallery)));
    }

    private static Markup GalleryOf(RunEvaluation evaluation, Thumbnails pictures, AnswerGallery gallery)
    {
        var figures = gallery.Shown.Select(answer => PictureFigure.Of(pictures, evaluation, answer)).OfType<Markup>()
            .ToList();
        return new Markup()
            .Add($"<h3>{gallery.Title} <small>{gallery.Of(figures.Count)}</small></h3><p>{gallery.Text}</p>")
            .Add(figures.Count == 0 ? Markup.None : $"<div class=\"pictures\">{figures}</div>");
    }
}
