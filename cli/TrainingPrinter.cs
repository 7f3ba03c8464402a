using System.Diagnostics;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>One line an epoch, and one every few seconds in between.</summary>
internal sealed class TrainingPrinter(TextWriter output) : IProgress<TrainingProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly Stopwatch _sinceLine = Stopwatch.StartNew();

    public void Report(TrainingProgress value)
    {
        if (value.Summary is { } epoch)
        {
            output.WriteLine(
                $"epoch {epoch.Epoch}/{value.Epochs}: loss {epoch.Loss:F2}, mAP {100 * epoch.MeanAp:F2} (averaged weights {100 * epoch.AverageMeanAp:F2}), {epoch.ImagesPerSecond:F1} images/s{(epoch.Best ? ", best so far" : "")}");
        }
        else if (_sinceLine.Elapsed >= Interval)
        {
            output.WriteLine(
                $"  step {value.Step}/{value.Steps}, loss {value.Loss:F2}, learning rate {value.LearningRate:g3}, {value.ImagesPerSecond:F1} images/s, {value.TimeLeft:h\\:mm\\:ss} left");
            _sinceLine.Restart();
        }
    }
}
