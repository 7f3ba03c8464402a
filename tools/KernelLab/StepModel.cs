using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.KernelLab;

/// <summary>A step whose cost is to be calculated.</summary>
/// <param name="Network">The network, with random weights.</param>
/// <param name="Batch">Number of pictures.</param>
/// <param name="ImageSize">Height and width in pixels.</param>
/// <param name="Training">A training step, or a forward pass with folded norms.</param>
/// <param name="Precision">Precision of activations and convolutions.</param>
/// <param name="Folds">True: cuDNN has engines for a convolution with what follows it.</param>
/// <param name="Sums">True: cuDNN has engines for a convolution with the sums of its output.</param>
internal sealed record StepModelRequest(
    INetworkDescription Network, int Batch, int ImageSize, bool Training, Precision Precision, bool Folds = true,
    bool Sums = false);

/// <summary>A call of an operation in a step, with what it queued.</summary>
/// <param name="Call">The operation and its tensors.</param>
/// <param name="Launches">Names of kernels and of the libraries' calls, in order.</param>
internal sealed record ModelledCall(RecordedCall Call, IReadOnlyList<string> Launches)
{
    // A convolution that another kernel finishes: the output is read and written once more.
    private const string Epilogue = "convolution_epilogue";

    /// <summary>Bytes that must be read and written if no cache keeps anything between two launches.</summary>
    public long Bytes => Call.Bytes + Launches.Count(IsEpilogue) * 2 * OutputBytes;

    /// <summary>A call as parts whose times add up: a convolution, and what its output's statistics take.</summary>
    public static IEnumerable<ModelledCall> Of(RecordedCall call, IReadOnlyList<string> launches)
    {
        if (call.Operation != nameof(IKernels.AbnConvolutionStatistics))
            return [new ModelledCall(call, launches)];
        ModelledCall Part(string operation, IEnumerable<object?> arguments, IEnumerable<string> some) =>
            new(call with { Operation = operation, Arguments = [.. arguments] }, [.. some]);
        var convolution = launches.TakeWhile(launch => !launch.StartsWith("abn_", StringComparison.Ordinal)).Count();
        var (own, rest) = (launches.Take(convolution), launches.Skip(convolution).ToList());
        var output = (ReadOnlyTensor)(Tensor)call.Arguments[3]!;
        var sums = rest[0].StartsWith("abn_sums", StringComparison.Ordinal);
        var statistics = sums
            ? Part(
                nameof(IKernels.AbnSumsNormalization),
                [ReadOnlyTensor.None, output.Shape.Pixels, .. call.Arguments.Skip(4)], rest)
            : Part(nameof(IKernels.AbnStatistics), [output, .. call.Arguments.Skip(4), Tensor.None], rest);
        return [Part(nameof(IKernels.ConvolutionForward), call.Arguments.Take(4), own), statistics];
    }

    private long OutputBytes => Call.Arguments.OfType<Tensor>().Select(tensor => tensor.Bytes).LastOrDefault();

    private static bool IsEpilogue(string launch) => launch.StartsWith(Epilogue, StringComparison.Ordinal);
}

/// <summary>
/// What a step on a large GPU costs, calculated from the sequence of launches that the engine really queues: on an
/// emulated device that executes nothing, so that batches of any size have room.
/// </summary>
internal static class StepModel
{
    // H200.
    private const int Multiprocessors = 132;
    private const long MemoryBytes = 139L << 30;

    /// <summary>The calls of one step, after one that chose algorithms and loaded kernels.</summary>
    public static IReadOnlyList<ModelledCall> Calls(StepModelRequest request)
    {
        using var driver = new EmulatedDriver(new EmulatedDriverOptions(
            Multiprocessors: Multiprocessors, MemoryBytes: MemoryBytes, Executes: false));
        var launches = new List<string>();
        driver.Queues.Queued = launches.Add;
        // No time passes on this device: every engine that is there is the fastest.
        var dnn = new EmulatedDnn(driver)
        {
            FoldedEngines = request.Folds ? [new EmulatedEngine(0)] : [],
            SummedEngines = request.Sums ? [new EmulatedEngine(0)] : [],
        };
        var device = new CudaDevice(
            driver, new EmulatedBlas(driver), dnn, KernelCompiler.Open(),
            new CudaDeviceOptions { CacheFolder = LabDevice.CacheFolder });
        using var backend = Backend.Over(device, request.Precision).WithoutGraphs();
        using var recording = new StepRecording(new LaunchMarks(launches), next: null);
        var counted = TimedKernels.Create(backend, recording);
        using var step = new WatchedStep(
            backend.Watched(counted, recording), request.Network, request.Batch, request.ImageSize, request.Training);
        step.Run();
        recording.Restart();
        recording.Push(StepRecording.StepName);
        step.Run();
        recording.Pop();
        return
        [
            .. recording.Calls.SelectMany(
                call => ModelledCall.Of(call, [.. launches.Skip(call.Before).Take(call.After - call.Before)])),
        ];
    }

    /// <summary>Marks are numbers of what was queued so far.</summary>
    private sealed class LaunchMarks(List<string> launches) : DeviceTimer
    {
        public override int Mark() => launches.Count;

        public override double Milliseconds(int from, int to) => 0;

        public override void Restart() { }
    }
}
