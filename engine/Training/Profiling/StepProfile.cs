using System.Text.Json.Serialization;

namespace Flixstock.Engine;

/// <summary>What is measured of a step, and how often.</summary>
internal sealed record StepProfileOptions
{
    /// <summary>Pictures.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>Height and width in pixels.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>A training step, or a forward pass with folded norms.</summary>
    public bool Training { get; init; } = true;

    /// <summary>Calls of an operation with other shapes are other entries.</summary>
    public bool ByShapes { get; init; }

    /// <summary>
    /// Steps that are taken before any is measured: code is compiled, memory touched, algorithms chosen.
    /// </summary>
    public int Warmup { get; init; } = 2;

    /// <summary>Steps that are measured, at least one.</summary>
    public int Repeats { get; init; } = 5;

    /// <summary>
    /// Also keep when every phase, layer and operation began and ended, see <see cref="StepProfileReport.Events"/>.
    /// </summary>
    public bool Timeline { get; init; }

    /// <summary>Told layers and phases, or null.</summary>
    public IRangeObserver? Ranges { get; init; }

    /// <summary>Stops between two layers.</summary>
    public CancellationToken Cancellation { get; init; }
}

/// <summary>
/// The result of <see cref="StepProfile"/>. All parts are those of one step, the one with the median time:
/// <see cref="Operations"/> and <see cref="OtherMilliseconds"/> add up to
/// <see cref="StepMilliseconds"/>.
/// </summary>
/// <param name="Operations">Operations of the step with the median time, the longest first.</param>
/// <param name="OtherMilliseconds">Time of that step outside of all operations: the host's work between them, gaps in
/// the device's queue.</param>
/// <param name="Step">Spread of all measured steps; the median is the sum of the parts.</param>
/// <param name="Peaks">Peaks of the device, measured just before.</param>
internal sealed record StepProfileReport(
    IReadOnlyList<OperationTime> Operations, double OtherMilliseconds, TimeSpread Step, DevicePeaks Peaks)
{
    /// <summary>Time of the step that the parts belong to, the median.</summary>
    public double StepMilliseconds => Step.Median;

    /// <summary>Time by layer and phase, the longest first; all operations of the same step.</summary>
    public IReadOnlyList<LayerTime> Layers { get; init; } = [];

    /// <summary>Steps that were taken before any was measured.</summary>
    public int Warmup { get; init; }

    /// <summary>Steps that were measured.</summary>
    public int Repeats { get; init; }

    /// <summary>
    /// Time of steps without marks around their parts; null if marks cost nothing, because calls return when their work
    /// is done.
    /// </summary>
    public TimeSpread? Unmarked { get; init; }

    /// <summary>
    /// Time of a step that is captured and replayed, as in training; null if the device does not capture.
    /// </summary>
    public TimeSpread? Captured { get; init; }

    /// <summary>Memory of a training step's activations.</summary>
    public long ArenaBytes { get; init; }

    /// <summary>The most device memory that was allocated; null if it is the host's memory.</summary>
    public long? PeakBytes { get; init; }

    /// <summary>Load of the GPU while steps were running, from NVML; null if that is not installed.</summary>
    public DeviceLoad? Load { get; init; }

    /// <summary>
    /// Beginning and end of everything in all measured steps; empty without <see cref="StepProfileOptions.Timeline"/>.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<TraceEvent> Events { get; init; } = [];
}

/// <summary>Times every operation of a training step or a forward pass, and what the device can do at most.</summary>
internal static class StepProfile
{
    /// <summary>Measures a network with random weights on a batch of noise.</summary>
    /// <param name="backend">The device to measure on.</param>
    /// <param name="network">The network to measure.</param>
    /// <param name="options">What to measure, and how often.</param>
    public static StepProfileReport Measure(Backend backend, INetworkDescription network, StepProfileOptions options)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return Measure(backend, network, options, backend.Device.OpenTimer());
    }

    internal static StepProfileReport Measure(
        Backend backend, INetworkDescription network, StepProfileOptions options, DeviceTimer timer)
    {
        using var recording = new StepRecording(
            timer, new CancellationRanges(options.Ranges, options.Cancellation), options.Timeline);
        var peaks = DevicePeaks.Measure(backend, options.Cancellation);
        var cuda = backend.Device as CudaDevice;
        cuda?.RestartPeak();
        var timed = TimedKernels.Create(backend, recording);
        using var step = new WatchedStep(
            backend.Watched(timed, recording), network, options.Batch, options.ImageSize, options.Training);
        for (var i = 0; i < options.Warmup; i++)
            step.Run();
        backend.Device.Synchronize();
        recording.Restart();
        for (var i = 0; i < options.Repeats; i++)
        {
            recording.Push(StepRecording.StepName);
            step.Run();
            recording.Pop();
        }
        var report = StepParts.Of(recording, options, peaks);
        recording.Dispose(); // nothing is marked any more
        var unmarked = cuda is null ? null : DevicePeaks.Times(backend.Device, options.Repeats, step.Run);
        if (cuda is not null)
            step.Run();
        var load = cuda?.Load; // while that step is underway
        backend.Device.Synchronize();
        return report with
        {
            Unmarked = unmarked,
            Captured = backend.Graphs && backend.Device.Captures ? Captured(backend, step, options.Repeats) : null,
            ArenaBytes = step.ArenaBytes,
            PeakBytes = cuda?.PeakBytes,
            Load = load,
        };
    }

    private static TimeSpread Captured(Backend backend, WatchedStep step, int repeats)
    {
        using var graph = backend.Device.Capture(step.Run);
        graph.Replay();
        var times = DevicePeaks.Times(backend.Device, repeats, graph.Replay);
        backend.Device.Synchronize();
        return times;
    }
}
