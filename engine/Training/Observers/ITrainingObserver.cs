namespace Flixstock.Engine;

/// <summary>
/// Told what a training does while it does it: a table, a dashboard, an experiment tracker. Hand it to
/// <see cref="Trainer.Observe"/>; the run's own tables and event files are observers too.
/// </summary>
/// <remarks>
/// Threads: one at a time. It is called on the training's thread, in order, and what takes time delays the next step.
/// What it throws ends the training, whose state is saved first.
/// </remarks>
public interface ITrainingObserver
{
    /// <summary>
    /// The training begins, or continues after a number of steps: what was told of later steps and epochs before is
    /// void, and is told again.
    /// </summary>
    /// <param name="start">What is trained, and where it stands.</param>
    void Begin(TrainingStart start)
    {
    }

    /// <summary>A step was taken, and its loss is known. On a GPU that is after the next step was begun.</summary>
    /// <param name="step">Its loss. A step whose loss is not finite is not told.</param>
    void Step(in StepReport step)
    {
    }

    /// <summary>An epoch was trained and validated, and its weights are saved.</summary>
    /// <param name="epoch">Its results.</param>
    void EndEpoch(EpochSummary epoch)
    {
    }

    /// <summary>
    /// A state to continue from is about to be written: steps and epochs that were told until now are not told again.
    /// </summary>
    void Save()
    {
    }

    /// <summary>The training ends, whatever the reason; nothing is told after it.</summary>
    /// <param name="failure">
    /// What ended it, an <see cref="OperationCanceledException"/> if it was stopped; null: it has come to its end.
    /// </param>
    void End(Exception? failure)
    {
    }
}

/// <summary>What is trained, and where it stands.</summary>
/// <param name="Run">The folder of the run.</param>
/// <param name="Options">Options of the training.</param>
/// <param name="StepsPerEpoch">Steps of an epoch.</param>
/// <param name="StepsDone">Steps taken before; 0 at the beginning of a run.</param>
/// <param name="Epochs">The epochs that were trained and validated before.</param>
/// <param name="LabelsPerBatch">
/// Terms of the loss of a full batch, its pictures times the classes, or times the attributes if probabilities are by
/// softmax within them: losses divided by it are comparable across batch sizes.
/// </param>
public sealed record TrainingStart(
    TrainingRun Run, TrainerOptions Options, int StepsPerEpoch, int StepsDone, IReadOnlyList<EpochSummary> Epochs,
    int LabelsPerBatch)
{
    /// <summary>Steps of all epochs.</summary>
    public int Steps => StepsPerEpoch * Options.Epochs;
}

/// <summary>A step of a training. A value: reporting it costs a warm step no memory.</summary>
/// <param name="Step">Number of the step, from 1.</param>
/// <param name="Epoch">Number of the epoch, from 1.</param>
/// <param name="Loss">The sum over the pictures and classes of its batch.</param>
/// <param name="LossPerLabel">
/// The same divided by the number of its terms (see <see cref="TrainingStart.LabelsPerBatch"/>).
/// </param>
/// <param name="LearningRate">Learning rate of the step.</param>
public readonly record struct StepReport(int Step, int Epoch, float Loss, double LossPerLabel, double LearningRate);
