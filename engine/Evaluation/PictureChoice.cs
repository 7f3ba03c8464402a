namespace Flixstock.Engine;

/// <summary>
/// The pictures that show what a model says: answers that are right, wrong or uncertain, and labels to check. Of
/// independent classes every picture has one turn before any has its second, and only classes that are there count as
/// right: a picture's hundreds of classes would fill a page, and what is not on it is no news.
/// </summary>
internal sealed record PictureChoice
{
    /// <summary>
    /// Answers that a known label confirms: the surest of each class in turn, so that frequent classes leave room.
    /// </summary>
    public required AnswerGallery Right { get; init; }

    /// <summary>Answers that contradict a known label, the surest first; unknown labels contradict nothing.</summary>
    public required AnswerGallery Wrong { get; init; }

    /// <summary>
    /// Answers that the model could as well have given otherwise, the least certain first; labels do not matter.
    /// </summary>
    public required AnswerGallery LeastCertain { get; init; }

    /// <summary>Labels that a sure model contradicts, the surest first.</summary>
    public required AnswerGallery Disagreements { get; init; }

    /// <summary>Sure answers where no label is known, the surest first.</summary>
    public required AnswerGallery Unknown { get; init; }

    /// <summary>Chooses.</summary>
    /// <param name="probabilities">[N, classes], 0 to 1.</param>
    /// <param name="dataset">The pictures and their labels.</param>
    /// <param name="thresholds">[classes] a probability above it is a prediction of an independent class.</param>
    /// <param name="confidence">How sure the model has to be for a label to be checked, 0.5 to 1.</param>
    /// <param name="most">Largest number of answers in a gallery.</param>
    /// <param name="cancellation">Stops between pictures.</param>
    public static PictureChoice Of(
        float[] probabilities, ImageDataset dataset, IReadOnlyList<float> thresholds, double confidence, int most,
        CancellationToken cancellation = default)
    {
        var answers = new ModelAnswers(probabilities, dataset, thresholds);
        var independent = dataset.Attributes.Independent;
        var (wrong, uncertain) = (new FirstAnswers(most), new FirstAnswers(most));
        var right = new Dictionary<int, FirstAnswers>();
        for (var i = 0; i < dataset.Samples.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var own = answers.Of(i).ToList();
            foreach (var answer in own.Where(one => one.IsRight is true && one.IsThere))
            {
                if (!right.TryGetValue(answer.Number, out var ofClass))
                    right.Add(answer.Number, ofClass = new FirstAnswers(most));
                ofClass.Add(answer, -answer.Margin);
            }
            AddInTurn(wrong, own.Where(one => one.IsRight is false), one => -one.Margin, independent);
            AddInTurn(uncertain, own, one => one.Margin, independent);
        }
        var review = LabelReview.Find(probabilities, dataset, (float)confidence, cancellation);
        var (disagreements, unknown) = Suspicious(review, dataset.Attributes, confidence, most);
        return new PictureChoice
        {
            Right = RightOf(right, independent, most),
            Wrong = new(
                "Wrong answers", "The answer contradicts a known label; the surest first.", wrong.InOrder(),
                wrong.Count),
            LeastCertain = new(
                "Least certain", "The answers that could as well be others, whatever the labels say.",
                uncertain.InOrder(), Math.Min(most, uncertain.Count)),
            Disagreements = disagreements,
            Unknown = unknown,
        };
    }

    /// <summary>Labels to check: those that a sure model contradicts, and those that are unknown.</summary>
    /// <param name="review">Labels to check, the surest first.</param>
    /// <param name="attributes">The classes.</param>
    /// <param name="confidence">How sure the model had to be, 0.5 to 1.</param>
    /// <param name="most">Largest number of answers in a gallery.</param>
    public static (AnswerGallery Disagreements, AnswerGallery Unknown) Suspicious(
        IReadOnlyList<ReviewItem> review, AttributeTable attributes, double confidence, int most)
    {
        var sure = $"at least {Math.Round(100 * confidence)} % sure";
        return (
            Gallery(
                "Labels that disagree", $"The model is {sure} of something else than the label says.",
                ReviewKind.Disagree),
            Gallery(
                "Unknown, but the model is sure", $"No label is known, and the model is {sure}.", ReviewKind.Unknown));

        AnswerGallery Gallery(string title, string text, ReviewKind kind)
        {
            var answers = review.Where(item => item.Kind == kind).Select(AnswerOf).ToList();
            return new(
                title, text,
                [.. (attributes.Independent ? InTurn(answers, one => one.Sample) : answers).Take(most)],
                answers.Count);
        }
    }

    /// <summary>A label of a class on its own in a word; empty if it is unknown.</summary>
    public static string Word(sbyte label) => label switch { 1 => "yes", 0 => "no", _ => "" };

    private static AnswerGallery RightOf(Dictionary<int, FirstAnswers> right, bool independent, int most)
    {
        var answers = right.OrderBy(one => one.Key).SelectMany(one => one.Value.InOrder())
            .OrderByDescending(one => one.Margin); // a stable sort
        return new(
            "Right answers",
            independent
                ? "The class is there, as the label says; the surest of each class in turn."
                : "The answer is the label's; the surest of each class in turn.",
            [.. InTurn(answers, one => one.Number).Take(most)], right.Values.Sum(one => one.Count));
    }

    // Each picture's first one in the first turn, its second one in the second; without turns all in the first.
    private static void AddInTurn(
        FirstAnswers kept, IEnumerable<PictureAnswer> answers, Func<PictureAnswer, float> order, bool turns)
    {
        foreach (var (rank, answer) in answers.OrderBy(order).Index())
            kept.Add(answer, order(answer), turns ? rank : 0);
    }

    private static IEnumerable<PictureAnswer> InTurn(
        IEnumerable<PictureAnswer> answers, Func<PictureAnswer, int> key)
    {
        var turns = new Dictionary<int, int>();
        return answers.Select(answer => (answer, turn: turns[key(answer)] = turns.GetValueOrDefault(key(answer)) + 1))
            .OrderBy(one => one.turn).Select(one => one.answer).ToList();
    }

    private static PictureAnswer AnswerOf(ReviewItem item)
    {
        var label = item.Label switch { "1" => "yes", "0" => "no", var name => name };
        return new PictureAnswer(item.Sample, item.Number, label, item.Class, item.Probability, item.Confidence)
        {
            IsThere = item.Label != "1", // where it is there, the model disagrees
            IsRight = item.Kind == ReviewKind.Disagree ? false : null,
        };
    }
}
