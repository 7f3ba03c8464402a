namespace Flixstock.Engine;

/// <summary>Answers in words, for captions.</summary>
internal static class AnswerCaption
{
    /// <summary>The caption of an answer's picture.</summary>
    /// <param name="dataset">The pictures and the classes.</param>
    /// <param name="answer">The answer.</param>
    public static SheetCaption Of(ImageDataset dataset, PictureAnswer answer)
    {
        var (table, file) = (dataset.Attributes, dataset.Samples[answer.Sample].File);
        var mark = answer.IsRight switch
        {
            true => AnswerMark.Right,
            false => AnswerMark.Wrong,
            null => AnswerMark.Unknown,
        };
        var percent = PredictionPainter.Percent(answer.Probability);
        var label = answer.Label.Length == 0 ? "unknown" : answer.Label;
        if (table.Independent)
        {
            var said = answer.IsThere ? $"yes ({percent})" : $"no ({percent} yes)";
            return new SheetCaption(answer.Class, label, said, file, mark);
        }
        var found = Short(table, answer, answer.Class);
        return new SheetCaption(
            GroupOf(table, answer).Name, label == "no" ? $"not {found}" : Short(table, answer, label),
            $"{found} ({percent})", file, mark);
    }

    /// <summary>
    /// A class of an answer's attribute, or what its label says, without the attribute's name, which classes that have
    /// names of their own do not need.
    /// </summary>
    public static string Short(AttributeTable table, PictureAnswer answer, string name)
    {
        var group = GroupOf(table, answer);
        var prefix = group.Name + " ";
        return group is { ClassNames: not null, Independent: false }
            && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
    }

    private static AttributeGroup GroupOf(AttributeTable table, PictureAnswer answer) =>
        table.Groups[Enumerable.Range(0, table.Groups.Count).Last(group => table.Offset(group) <= answer.Number)];
}
