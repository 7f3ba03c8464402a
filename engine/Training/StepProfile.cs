namespace Flixstock.Engine;

/// <summary>What <see cref="StepProfile"/> found.</summary>
/// <param name="Operations">Of one step, the longest first.</param>
/// <param name="StepMilliseconds">Of one step without timing its parts, the median of several.</param>
/// <param name="CapturedMilliseconds">Of one step captured and replayed, as training does it; null where the device does not capture.</param>
/// <param name="Peaks">What the device reached just before.</param>
/// <param name="ArenaBytes">Memory of a training step's activations.</param>
/// <param name="PeakBytes">The most device memory that was allocated; null where it is the host's.</param>
/// <param name="Load">The GPU while steps were running, by NVML; null where that is not installed.</param>
public sealed record StepProfileReport(
    IReadOnlyList<OperationTime> Operations, double StepMilliseconds, double? CapturedMilliseconds, DevicePeaks Peaks, long ArenaBytes, long? PeakBytes, DeviceLoad? Load);

/// <summary>Times every operation of a training step or a forward pass, and what the device can do at most.</summary>
public static class StepProfile
{
    private const int Repetitions = 3;

    /// <summary>Measures a network with random weights on a batch of noise.</summary>
    /// <param name="backend">Where.</param>
    /// <param name="options">Which network.</param>
    /// <param name="batch">Pictures.</param>
    /// <param name="imageSize">Height and width in pixels.</param>
    /// <param name="training">A training step, or a forward pass with folded norms.</param>
    /// <param name="byShapes">Calls of an operation with other shapes are other entries.</param>
    /// <param name="ranges">Told layers and phases of the timed step, or null.</param>
    public static StepProfileReport Measure(
        Backend backend, TResNetOptions options, int batch, int imageSize, bool training, bool byShapes = false, IRangeObserver? ranges = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var peaks = DevicePeaks.Measure(backend);
        (backend.Device as CudaDevice)?.RestartPeak();
        var timed = TimedKernels.Create(backend);
        try
        {
            using var step = new WatchedStep(backend.Watched(timed, ranges), options, batch, imageSize, training);
            step.Run();
            backend.Device.Synchronize();
            TimedKernels.Restart(timed);
            step.Run();
            var operations = TimedKernels.Times(timed, byShapes);
            TimedKernels.Stop(timed);
            var whole = DevicePeaks.Median(backend.Device, Repetitions, step.Run);
            step.Run();
            var load = (backend.Device as CudaDevice)?.Load; // while that step is underway
            backend.Device.Synchronize();
            var captured = backend.Graphs && backend.Device.Captures ? Captured(backend, step) : (double?)null;
            return new StepProfileReport(operations, whole, captured, peaks, step.ArenaBytes, (backend.Device as CudaDevice)?.PeakBytes, load);
        }
        finally
        {
            TimedKernels.Stop(timed);
        }
    }

    private static double Captured(Backend backend, WatchedStep step)
    {
        using var graph = backend.Device.Capture(step.Run);
        graph.Replay();
        var milliseconds = DevicePeaks.Median(backend.Device, Repetitions, graph.Replay);
        backend.Device.Synchronize();
        return milliseconds;
    }
}
