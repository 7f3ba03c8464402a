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

    public void End() => _file!.Flush(durable: false);

    // The rows of the steps before, whole and in order.
    private static string Kept(string path, int stepsDone)
    {
        var kept = new StringBuilder();
        if (stepsDone == 0 || !File.Exists(path))
            return "";
        var last = 0;
        foreach (var line in TextFile.ReadLines(path).Skip(1))
        {
            var cells = line.Split(',');
            if (cells.Length != Header.Count(c => c == ',') + 1
                || !int.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out var step)
                || step <= last || step > stepsDone)
            {
                continue;
            }
            kept.Append(line).Append('\n');
            last = step;
        }
        return kept.ToString();
    }
}
