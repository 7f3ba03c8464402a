using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>A step of a range test.</summary>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="Loss">Loss per label, see <see cref="TrainingStart.LabelsPerBatch"/>.</param>
/// <param name="Smoothed">Mean of the losses so far, of which older ones count less.</param>
public readonly record struct RangePoint(double LearningRate, double Loss, double Smoothed);

/// <summary>The losses of a range test (Smith, "Cyclical Learning Rates for Training Neural Networks", 2017).</summary>
/// <param name="Points">The steps, by rising learning rate.</param>
/// <param name="Diverged">True: the loss grew so much, or was not finite, that the test ended before its last
/// step.</param>
public sealed record LearningRateRange(IReadOnlyList<RangePoint> Points, bool Diverged)
{
    // The published advice for a top of one cycle: a tenth of the rate at which the loss is lowest.
    private const double Below = 10;

    // A minimum among the first steps is chance: nothing was learned.
    private const double FirstPart = 0.2;

    /// <summary>The step with the lowest smoothed loss; null without steps.</summary>
    public RangePoint? Lowest => Points.Count == 0 ? null : Points.MinBy(point => point.Smoothed);

    /// <summary>True if the loss was lowest at the very end: larger rates may be better still.</summary>
    public bool StillFalls => !Diverged && Points.Count > 0 && Points[^1].Smoothed <= Lowest!.Value.Smoothed;

    /// <summary>
    /// A top for the one-cycle schedule: a tenth of the rate with the lowest loss; null if the loss never fell.
    /// </summary>
    public double? Suggested => Lowest is { } lowest
        && Points.TakeWhile(point => point != lowest).Count() >= FirstPart * Points.Count
        ? lowest.LearningRate / Below
        : null;

    /// <summary>The points as CSV: learning_rate, loss_per_label, smoothed.</summary>
    public string ToCsv()
    {
        var text = new StringBuilder("learning_rate,loss_per_label,smoothed\n");
        foreach (var point in Points)
        {
            text.Append(
                CultureInfo.InvariantCulture, $"{point.LearningRate:R},{point.Loss:R},{point.Smoothed:R}\n");
        }
        return text.ToString();
    }
}
