namespace Flixstock.Engine;

/// <summary>What a picture is labelled as and what the model takes it for.</summary>
/// <param name="Truth">Class index within the attribute; -1 if the label is unknown.</param>
/// <param name="Predicted">The class with the highest score; of equal ones the first.</param>
internal readonly record struct ClassAnswer(int Truth, int Predicted);

/// <summary>
/// Labels of one exclusive attribute against the classes with the highest score. Pictures whose class is unknown are in
/// no cell; what the model takes them for stands beside.
/// </summary>
/// <param name="Counts">[classes, classes] pictures by true class, then by predicted class.</param>
/// <param name="Unknown">[classes] pictures without a known class, by predicted class.</param>
/// <param name="Answers">[N] the label and the prediction of every picture.</param>
internal sealed record ConfusionMatrix(int[,] Counts, int[] Unknown, ClassAnswer[] Answers)
{
    /// <summary>Number of classes.</summary>
    public int Classes => Unknown.Length;

    /// <summary>The matrix of the classes [offset, offset + classes) of a table of labels.</summary>
    /// <param name="scores">[N, stride]</param>
    /// <param name="labels">[N, stride]: 1, 0, -1 unknown</param>
    /// <param name="stride">Number of classes of all attributes.</param>
    /// <param name="offset">Index of the first class of this attribute.</param>
    /// <param name="classes">Number of classes of this attribute.</param>
    public static ConfusionMatrix Compute(
        ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, int stride, int offset, int classes)
    {
        var matrix = new ConfusionMatrix(
            new int[classes, classes], new int[classes], new ClassAnswer[scores.Length / stride]);
        for (var i = 0; i < matrix.Answers.Length; i++)
        {
            var first = (i * stride) + offset;
            var answer = new ClassAnswer(
                labels.Slice(first, classes).IndexOf((sbyte)1), Highest(scores.Slice(first, classes)));
            matrix.Answers[i] = answer;
            if (answer.Truth < 0)
                matrix.Unknown[answer.Predicted]++;
            else
                matrix.Counts[answer.Truth, answer.Predicted]++;
        }
        return matrix;
    }

    /// <summary>Pictures that are known to be of a class.</summary>
    public int Known(int truth) => Enumerable.Range(0, Classes).Sum(predicted => Counts[truth, predicted]);

    private static int Highest(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var k = 1; k < scores.Length; k++)
        {
            if (scores[k] > scores[best])
                best = k;
        }
        return best;
    }
}
