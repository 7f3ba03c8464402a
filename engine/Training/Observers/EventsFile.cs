namespace Flixstock.Engine;

/// <summary>
/// Writes an event file for TensorBoard: scalars by step (as thin as steps.csv) and by epoch, and what else is asked
/// for by epoch. After a resume it holds each step once.
/// </summary>
/// <param name="details">What an epoch has besides scalars; null: nothing.</param>
/// <param name="time">The clock; null: the system's.</param>
internal sealed class EventsFile(EventDetails? details = null, TimeProvider? time = null) : ITrainingObserver
{
    private const string Version = "brain.Event:2";
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private GrowingFile? _file;
    private int _stride = 1, _labelsPerBatch = 1;

    public void Begin(TrainingStart start)
    {
        details?.Begin(start);
        (_stride, _labelsPerBatch) = (StepThinning.StrideOf(start.Steps), start.LabelsPerBatch);
        _file = new GrowingFile(start.Run, start.Run.EventsFile, _time);
        var content = new MemoryStream();
        content.Write(EventRecords.Write(new Event { WallTime = Now, FileVersion = Version }));
        foreach (var record in Kept(start))
            content.Write(record.Span);
        _file.Begin(content.GetBuffer().AsSpan(0, (int)content.Length));
    }

    public void Step(in StepReport step)
    {
        if (step.Step % _stride == 0)
            Add(step.Step, EventScalars.Of(step));
    }

    public void EndEpoch(EpochSummary epoch)
    {
        Add(epoch.Step, EventScalars.Of(epoch, _labelsPerBatch));
        foreach (var summary in details?.Of(epoch) ?? [])
            Add(epoch.Step, summary);
        _file!.Flush(durable: false);
    }

    // A state must not be newer than what it says was told.
    public void Save() => _file!.Flush(durable: true);

    public void End(Exception? failure) => _file!.Flush(durable: false);

    private double Now => _time.GetUtcNow().ToUnixTimeMilliseconds() / 1e3;

    // What could not be measured is left out.
    private void Add(int step, IEnumerable<(string Tag, double Value)> scalars)
    {
        var summary = new Summary();
        foreach (var (tag, value) in scalars)
        {
            if (double.IsFinite(value))
                summary.Value.Add(new Summary.Types.Value { Tag = tag, SimpleValue = (float)value });
        }
        Add(step, summary);
    }

    private void Add(int step, Summary summary) =>
        _file!.Add(EventRecords.Write(new Event { WallTime = Now, Step = step, Summary = summary }));

    // The records of steps and epochs before; an epoch whose validation was cut off is trained, and not validated yet.
    private static IEnumerable<ReadOnlyMemory<byte>> Kept(TrainingStart start)
    {
        if (start.StepsDone == 0 || !File.Exists(start.Run.EventsFile))
            return [];
        var validated = start.Epochs.Count * start.StepsPerEpoch;
        return
        [
            .. EventRecords.Read(WholeFile.Read(start.Run.EventsFile)).Where(record =>
                record.Entry.WhatCase == Event.WhatOneofCase.Summary
                && record.Entry.Step <= (IsOfEpoch(record.Entry) ? validated : start.StepsDone))
                .Select(record => record.Record),
        ];
    }

    private static bool IsOfEpoch(Event entry) =>
        entry.Summary.Value.Any(value => !value.Tag.StartsWith(EventScalars.OfSteps, StringComparison.Ordinal));
}
