using System.Text.Json.Nodes;

namespace Flixstock.Engine;

/// <summary>A step or an epoch that waits to be sent. A value: queueing a step costs no memory.</summary>
/// <param name="Time">When it was told, in milliseconds since 1970.</param>
/// <param name="Step">The step; of an epoch only its number counts.</param>
/// <param name="Epoch">The epoch; null: it is a step.</param>
/// <param name="LabelsPerBatch">See <see cref="TrainingStart.LabelsPerBatch"/>.</param>
internal readonly record struct MlflowEntry(long Time, StepReport Step, EpochSummary? Epoch, int LabelsPerBatch)
{
    /// <summary>Its figures as MLflow's messages, with the names of the event file.</summary>
    public IEnumerable<JsonObject> Metrics()
    {
        var (time, step) = (Time, Epoch?.Step ?? Step.Step);
        var figures = Epoch is null ? EventScalars.Of(Step) : EventScalars.Of(Epoch, LabelsPerBatch);
        return figures.Where(figure => double.IsFinite(figure.Value)).Select(figure => new JsonObject
        {
            ["key"] = figure.Tag,
            ["value"] = figure.Value,
            ["timestamp"] = time,
            ["step"] = step,
        });
    }
}
