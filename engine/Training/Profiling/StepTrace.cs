using System.Text;
using System.Text.Json;

namespace Flixstock.Engine;

/// <summary>A part of a step with its beginning and its end.</summary>
/// <param name="Name">Name of the step, phase, layer or operation.</param>
/// <param name="Kind"><c>step</c>, <c>phase</c>, <c>layer</c> or <c>operation</c>.</param>
/// <param name="From">Nanoseconds since the first mark.</param>
/// <param name="To">Nanoseconds since the first mark.</param>
/// <param name="Layer">For an operation: the layer that it belongs to.</param>
/// <param name="Shapes">For an operation: the shapes of its tensors.</param>
/// <param name="Bytes">For an operation: the least that it must read and write.</param>
internal sealed record TraceEvent(
    string Name, string Kind, long From, long To, string Layer = "", string Shapes = "", long Bytes = 0)
{
    private const double NanosecondsInMillisecond = 1e6;

    internal static IReadOnlyList<TraceEvent> Of(StepRecording recording)
    {
        // All from the same mark: rounding keeps their order, so that what lies inside stays inside.
        long At(int mark) => (long)Math.Round(recording.Milliseconds(0, mark) * NanosecondsInMillisecond);
        var steps = 0;
        var ranges = recording.Ranges.Where(range => range.Before >= 0).Select(range => range.Depth == 0
            ? new TraceEvent($"{range.Name} {++steps}", "step", At(range.Before), At(range.After))
            : new TraceEvent(
                range.Name, StepRecording.IsPhase(range.Name) ? "phase" : "layer", At(range.Before), At(range.After)));
        var calls = recording.Calls.Select(call => new TraceEvent(
            call.Name, "operation", At(call.Before), At(call.After), call.Layer, call.Shapes, call.Bytes));
        return [.. ranges.Concat(calls).OrderBy(part => part.From).ThenByDescending(part => part.To)];
    }
}

/// <summary>
/// Parts of steps as Chrome's trace format, which Perfetto (ui.perfetto.dev) and chrome://tracing show.
/// </summary>
internal static class StepTrace
{
    private const int Process = 1, Thread = 1;

    /// <summary>
    /// JSON: complete events (<c>ph</c> X) with beginning and duration in microseconds, and names of process and
    /// thread.
    /// </summary>
    /// <param name="events">Events from <see cref="StepProfileReport.Events"/>.</param>
    /// <param name="device">Name that is shown for the process.</param>
    /// <param name="work">Name that is shown for the thread.</param>
    public static string ToJson(IReadOnlyList<TraceEvent> events, string device, string work)
    {
        ArgumentNullException.ThrowIfNull(events);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("displayTimeUnit", "ms");
            json.WriteStartArray("traceEvents");
            WriteName(json, "process_name", device);
            WriteName(json, "thread_name", work);
            foreach (var part in events)
                Write(json, part);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void WriteName(Utf8JsonWriter json, string what, string name)
    {
        json.WriteStartObject();
        json.WriteString("name", what);
        json.WriteString("ph", "M");
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", Thread);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TraceEvent part)
    {
        json.WriteStartObject();
        json.WriteString("name", part.Name);
        json.WriteString("cat", part.Kind);
        json.WriteString("ph", "X");
        json.WriteNumber("ts", part.From / 1000m);
        json.WriteNumber("dur", (part.To - part.From) / 1000m);
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", Thread);
        if (part.Kind == "operation")
        {
            json.WriteStartObject("args");
            json.WriteString("layer", part.Layer);
            json.WriteString("shapes", part.Shapes);
            json.WriteNumber("bytes", part.Bytes);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
