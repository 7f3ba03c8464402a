using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// Writes steps.csv: the loss by step, of all steps or of every n-th (<see cref="StepThinning"/>). It follows from the
/// steps alone, so that a run that was stopped and continued has the same bytes.
/// </summary>
/// <param name="time">The clock; null: the system's.</param>
internal sealed class StepsFile(TimeProvider? time = null) : ITrainingObserver
{
    private const string Header = "step,epoch,loss,loss_per_label,learning_rate\n";
    private GrowingFile? _file;
    private int _stride = 1;

    public void Begin(TrainingStart start)
    {
        _stride = StepThinning.StrideOf(start.Steps);
        _file = new GrowingFile(start.Run, start.Run.StepsFile, time ?? TimeProvider.System);
        _file.Begin(Encoding.UTF8.GetBytes(Header + Kept(start.Run.StepsFile, start.StepsDone)));
    }

    public void Step(in StepReport step)
    {
        if (step.Step % _stride != 0)
            return;
        Span<byte> row = stackalloc byte[128];
        if (!System.Text.Unicode.Utf8.TryWrite(
            row, CultureInfo.InvariantCulture,
            $"{step.Step},{step.Epoch},{step.Loss:R},{step.LossPerLabel:R},{step.LearningRate:R}\n", out var length))
        {
            throw new EngineException($"step {step.Step} does not fit a row of steps.csv");
        }
        _file!.Add(row[..length]);
    }

    public void EndEpoch(EpochSummary epoch) => _file!.Flush(durable: false);

    // A state must not be newer than what it says was told.
    public void Save() => _file!.Flush(durable: true);

    public void End(Exception? failure) => _file!.Flush(durable: false);

    /// <summary>The steps that a file holds, whole and in order; none if it does not exist.</summary>
    /// <param name="path">The file; rows that were changed so that they cannot be read are passed over.</param>
    public static IEnumerable<StepReport> Read(string path) => Rows(path).Select(row => row.Step);

    // The rows of the steps before.
    private static string Kept(string path, int stepsDone) => stepsDone == 0 ? "" : string.Concat(
        Rows(path).TakeWhile(row => row.Step.Step <= stepsDone).Select(row => row.Line + "\n"));

    private static IEnumerable<(string Line, StepReport Step)> Rows(string path)
    {
        var last = 0;
        foreach (var line in File.Exists(path) ? TextFile.ReadLines(path).Skip(1) : [])
        {
            if (Parse(line.Split(',')) is not { } step || step.Step <= last)
                continue;
            yield return (line, step);
            last = step.Step;
        }
    }

    private static StepReport? Parse(string[] cells) => cells is [var step, var epoch, var loss, var perLabel, var rate]
        && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && int.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out var ofEpoch)
        && float.TryParse(loss, NumberStyles.Float, CultureInfo.InvariantCulture, out var sum)
        && double.TryParse(perLabel, NumberStyles.Float, CultureInfo.InvariantCulture, out var mean)
        && double.TryParse(rate, NumberStyles.Float, CultureInfo.InvariantCulture, out var learningRate)
        ? new StepReport(number, ofEpoch, sum, mean, learningRate)
        : null;
}
