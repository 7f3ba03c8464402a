namespace Flixstock.Engine;

/// <summary>
/// What a model says about every picture. An exclusive attribute is one answer, and its margin the lead of the
/// likeliest class; a class on its own is one answer, and its margin the distance of its probability from the
/// threshold.
/// </summary>
/// <param name="probabilities">[N, classes], 0 to 1.</param>
/// <param name="dataset">The pictures and their labels.</param>
/// <param name="thresholds">[classes] a probability above it is a prediction of an independent class.</param>
internal sealed class ModelAnswers(float[] probabilities, ImageDataset dataset, IReadOnlyList<float> thresholds)
{
    private readonly AttributeTable _table = dataset.Attributes;

    /// <summary>The answers of one picture, in the order of the attributes or classes.</summary>
    /// <param name="sample">Index of the picture.</param>
    public IEnumerable<PictureAnswer> Of(int sample)
    {
        var labels = new sbyte[_table.ClassCount];
        dataset.Samples[sample].Labels.CopyTo(labels);
        for (var group = 0; group < _table.Groups.Count; group++)
        {
            if (!_table.Groups[group].Independent)
            {
                yield return OfAttribute(sample, group, labels);
                continue;
            }
            for (var k = 0; k < _table.ClassCount; k++)
                yield return OfClass(sample, k, labels[k]);
        }
    }

    private PictureAnswer OfAttribute(int sample, int group, sbyte[] labels)
    {
        var (offset, classes) = (_table.Offset(group), _table.Groups[group].Classes);
        var own = probabilities.AsSpan((sample * _table.ClassCount) + offset, classes);
        var (best, second) = (0, float.NegativeInfinity);
        for (var k = 1; k < classes; k++)
        {
            second = Math.Max(second, Math.Min(own[k], own[best]));
            best = own[k] > own[best] ? k : best;
        }
        var truth = _table.ClassOf(labels, group);
        var label = truth < 0 ? "" : _table.ClassNames[offset + truth];
        var number = offset + best;
        return new PictureAnswer(sample, number, label, _table.ClassNames[number], own[best], own[best] - second)
        {
            IsRight = truth < 0 ? null : truth == best,
        };
    }

    private PictureAnswer OfClass(int sample, int number, sbyte label)
    {
        var probability = probabilities[(sample * _table.ClassCount) + number];
        var there = probability > thresholds[number];
        var margin = Math.Abs(probability - thresholds[number]);
        return new PictureAnswer(
            sample, number, PictureChoice.Word(label), _table.ClassNames[number], probability, margin)
        {
            IsThere = there,
            IsRight = label < 0 ? null : (label == 1) == there,
        };
    }
}
