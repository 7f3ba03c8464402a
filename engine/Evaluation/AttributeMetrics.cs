namespace Flixstock.Engine;

/// <summary>
/// One attribute, predicted as its class with the highest score. Percent; NaN if no picture is annotated.
/// </summary>
/// <param name="Name">Name of the attribute.</param>
/// <param name="Annotated">Pictures whose class is known; the others are left out.</param>
/// <param name="Accuracy">Share of correct pictures.</param>
/// <param name="BalancedAccuracy">Mean over the classes that occur of the part of their pictures that is right.</param>
/// <param name="MacroF1">Mean F1 over the classes that occur or are predicted.</param>
/// <param name="CommonestClass">Class index within the attribute of the commonest class; -1 if no picture is
/// annotated.</param>
/// <param name="CommonestAccuracy">Accuracy of always answering the commonest class.</param>
/// <param name="CommonestBalancedAccuracy">Balanced accuracy of always answering the commonest class.</param>
/// <param name="CommonestMacroF1">Macro-F1 of always answering the commonest class.</param>
public sealed record AttributeMetrics(
    string Name, int Annotated, double Accuracy, double BalancedAccuracy, double MacroF1,
    int CommonestClass, double CommonestAccuracy, double CommonestBalancedAccuracy, double CommonestMacroF1)
{
    /// <summary>
    /// The metrics of the classes [offset, offset + classes) of a table of <paramref name="stride"/> columns.
    /// </summary>
    /// <param name="name">Name of the attribute.</param>
    /// <param name="scores">[N, stride]</param>
    /// <param name="labels">[N, stride]: 1, 0, -1 unknown</param>
    /// <param name="stride">Number of classes of all attributes.</param>
    /// <param name="offset">Index of the first class of this attribute.</param>
    /// <param name="classes">Number of classes of this attribute.</param>
    public static AttributeMetrics Compute(
        string name, ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, int stride, int offset, int classes)
    {
        var matrix = ConfusionMatrix.Compute(scores, labels, stride, offset, classes);
        int[] byClass = [.. Enumerable.Range(0, classes).Select(matrix.Known)];
        var annotated = byClass.Sum();
        if (annotated == 0)
        {
            return new AttributeMetrics(
                name, 0, double.NaN, double.NaN, double.NaN, -1, double.NaN, double.NaN, double.NaN);
        }
        var commonest = Array.IndexOf(byClass, byClass.Max());
        var always = new int[classes, classes];
        for (var truth = 0; truth < classes; truth++)
            always[truth, commonest] = byClass[truth];
        var (accuracy, balanced, f1) = Summary(matrix.Counts, classes);
        var (alwaysAccuracy, alwaysBalanced, alwaysF1) = Summary(always, classes);
        return new AttributeMetrics(
            name, annotated, accuracy, balanced, f1, commonest, alwaysAccuracy, alwaysBalanced, alwaysF1);
    }

    private static (double Accuracy, double Balanced, double F1) Summary(int[,] confusion, int classes)
    {
        var (right, total) = (0, 0);
        var recalls = new List<double>();
        var f1 = new List<double>();
        for (var k = 0; k < classes; k++)
        {
            var occurs = Enumerable.Range(0, classes).Sum(other => confusion[k, other]);
            var predicted = Enumerable.Range(0, classes).Sum(other => confusion[other, k]);
            right += confusion[k, k];
            total += occurs;
            if (occurs > 0)
                recalls.Add(100.0 * confusion[k, k] / occurs);
            if (occurs + predicted > 0)
                f1.Add(200.0 * confusion[k, k] / (occurs + predicted));
        }
        return (100.0 * right / total, recalls.Average(), f1.Average());
    }
}
