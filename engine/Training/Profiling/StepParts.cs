namespace Flixstock.Engine;

/// <summary>Makes of a recording of several steps the parts of the one with the median time.</summary>
internal static class StepParts
{
    public static StepProfileReport Of(StepRecording recording, StepProfileOptions options, DevicePeaks peaks)
    {
        var steps = recording.Ranges.Where(range => range.Depth == 0).ToList();
        var times = steps.ConvertAll(step => recording.Milliseconds(step.Before, step.After));
        var spread = TimeSpread.Of(times);
        var calls = steps.ConvertAll(
            step => recording.Calls.Where(call => call.Before > step.Before && call.After < step.After).ToList());
        var middle = calls[times.IndexOf(spread.Median)];
        (string Name, string Shapes) Key(RecordedCall call) => (call.Name, options.ByShapes ? call.Shapes : "");
        double Time(IEnumerable<RecordedCall> some) =>
            some.Sum(call => recording.Milliseconds(call.Before, call.After));
        var spreads = calls.SelectMany(step => step.GroupBy(Key).Select(group => (group.Key, Time: Time(group))))
            .ToLookup(entry => entry.Key, entry => entry.Time);
        var operations = middle.GroupBy(Key).Select(group => new OperationTime(
            group.Key.Name, group.Count(), Time(group), group.Sum(call => call.Bytes),
            group.Sum(call => call.Operations), group.Key.Shapes)
        {
            Layers = Layers(recording, group),
            Spread = TimeSpread.Of(spreads[group.Key]),
        }).OrderByDescending(operation => operation.Milliseconds).ToList();
        return new StepProfileReport(
            operations, spread.Median - operations.Sum(operation => operation.Milliseconds), spread, peaks)
        {
            Layers = Layers(recording, middle),
            Warmup = options.Warmup,
            Repeats = options.Repeats,
            Events = options.Timeline ? TraceEvent.Of(recording) : [],
        };
    }

    private static List<LayerTime> Layers(StepRecording recording, IEnumerable<RecordedCall> calls) =>
    [
        .. calls.GroupBy(call => (call.Layer, call.Phase)).Select(group => new LayerTime(
            group.Key.Layer, group.Key.Phase, group.Count(),
            group.Sum(call => recording.Milliseconds(call.Before, call.After))))
            .OrderByDescending(layer => layer.Milliseconds),
    ];
}
