using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>How a training stands: a line of speed and position, one of losses, one of the last validation.</summary>
/// <param name="memory">Bytes in use, asked when they are shown; null if they are unknown.</param>
internal sealed class TrainingView(Func<long?> memory)
{
    // The mean over about the last 50 steps.
    private const double Kept = 0.98;

    private double _sum, _weight;
    private EpochSummary? _last, _before;
    private SelectionMetric _bestBy;

    /// <summary>Takes a step into account.</summary>
    /// <param name="loss">Its loss; 0: a GPU's first, which is not known yet.</param>
    public void Add(float loss)
    {
        if (loss == 0)
            return;
        _sum = (Kept * _sum) + ((1 - Kept) * loss);
        _weight = (Kept * _weight) + (1 - Kept);
    }

    /// <summary>Takes an epoch's validation into account.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="bestBy">The metric by which the best weights are chosen.</param>
    public void Add(EpochSummary epoch, SelectionMetric bestBy = SelectionMetric.MeanAp) =>
        (_before, _last, _bestBy) = (_last, epoch, bestBy);

    /// <summary>The first line, and the only one where there is room for one.</summary>
    /// <param name="at">Where the training is.</param>
    /// <param name="stage">Which of several trainings it is; empty for the only one.</param>
    /// <param name="isAlone">True: losses and learning rate are in no line below.</param>
    public static ProgressText First(in TrainingProgress at, string stage, bool isAlone) => ProgressText.Of(
        $"{at.ImagesPerSecond:0.0} images/s", at.TimeLeft,
        new ProgressPart($"epoch {at.Epoch}/{at.Epochs}"), new ProgressPart(isAlone ? $"loss {at.Loss:0.000}" : ""),
        new ProgressPart(stage, stage.Split(',')[0]),
        new ProgressPart($"step {at.Step}/{at.Steps}", $"step {at.Step}"),
        new ProgressPart(isAlone ? $"lr {at.LearningRate:0.0e+0}" : ""));

    /// <summary>The lines below.</summary>
    public IEnumerable<ProgressText> Below(TrainingProgress at)
    {
        yield return new ProgressText(
            new ProgressPart($"loss {at.Loss:0.000}"),
            new ProgressPart(_weight > 0 ? $"smoothed {_sum / _weight:0.000}" : ""),
            new ProgressPart($"lr {at.LearningRate:0.0e+0}"),
            new ProgressPart($"{at.DataWait:P0} waiting for pictures", $"wait {at.DataWait:P0}"),
            new ProgressPart(memory() is { } bytes ? $"memory {bytes / (double)(1 << 30):0.0} GiB" : ""));
        if (_last is { } epoch)
            yield return Validation(epoch);
    }

    // The headline is the measure that the best weights are chosen by; a change is that since the epoch before.
    private ProgressText Validation(EpochSummary epoch)
    {
        var parts = new List<ProgressPart> { new($"epoch {epoch.Epoch}") };
        if (double.IsFinite(epoch.Named) && _bestBy != SelectionMetric.ValidationLoss)
        {
            parts.Add(new($"{SelectionMetrics.NameOf(_bestBy)} {SelectionMetrics.Text(_bestBy, epoch.Named)}"
                + Change(epoch.Named * 100, _before?.Named * 100)));
        }
        if (double.IsFinite(epoch.MeanAp))
        {
            parts.Add(new($"mAP {epoch.MeanAp:P2}{Change(epoch.MeanAp * 100, _before?.MeanAp * 100)}"));
            parts.Add(new(
                $"averaged {epoch.AverageMeanAp:P2}{Change(epoch.AverageMeanAp * 100, _before?.AverageMeanAp * 100)}"));
        }
        if (double.IsFinite(epoch.ValidationLoss))
        {
            var change = Change(epoch.ValidationLoss, _before?.ValidationLoss);
            parts.Add(
                new($"validation loss {epoch.ValidationLoss:0.000}{change}", $"val {epoch.ValidationLoss:0.000}"));
        }
        return new ProgressText([.. parts]);
    }

    private static string Change(double now, double? before) =>
        before is { } then && double.IsFinite(now - then) ? $" ({now - then:+0.00;-0.00;+0.00})" : "";
}
