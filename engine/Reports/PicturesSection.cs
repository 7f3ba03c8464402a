namespace Flixstock.Engine;

/// <summary>Pictures to look at: labels that are probably wrong or missing, wrong answers, uncertain ones.</summary>
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
        var review = evaluation.Review.ToLookup(item => item.Kind);
        var sure = $"at least {Math.Round(100 * options.Confidence)} % sure";
        Markup Gallery(string title, IEnumerable<PictureAnswer> answers, int count, string text) =>
            GalleryOf(evaluation, pictures, title, [.. answers.Take(options.Pictures)], count, text);
        return new Markup()
            .Add(Gallery(
                "Labels that disagree", review[ReviewKind.Disagree].Select(PictureFigure.AnswerOf),
                review[ReviewKind.Disagree].Count(), $"The model is {sure} of something else than the label says."))
            .Add(Gallery(
                "Unknown, but the model is sure", review[ReviewKind.Unknown].Select(PictureFigure.AnswerOf),
                review[ReviewKind.Unknown].Count(), $"No label is known, and the model is {sure}."))
            .Add(Gallery(
                "Wrong answers", evaluation.Wrong.Shown, evaluation.Wrong.Count,
                "The answer contradicts a known label; the surest first."))
            .Add(Gallery(
                "Least certain", evaluation.LeastCertain, evaluation.LeastCertain.Count,
                "The answers that could as well be others, whatever the labels say."));
    }

    private static Markup GalleryOf(
        RunEvaluation evaluation, Thumbnails pictures, string title, IReadOnlyList<PictureAnswer> answers, int count,
        string text)
    {
        var figures = answers.Select(answer => PictureFigure.Of(pictures, evaluation, answer)).OfType<Markup>()
            .ToList();
        var shown = count == 0 ? "none" : figures.Count < count ? $"{figures.Count} of {count}" : $"{count}";
        return new Markup().Add($"<h3>{title} <small>{shown}</small></h3><p>{text}</p>")
            .Add(figures.Count == 0 ? Markup.None : $"<div class=\"pictures\">{figures}</div>");
    }
}
