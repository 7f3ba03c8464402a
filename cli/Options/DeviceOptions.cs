using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The options of the device and the precision.</summary>
/// <param name="training">True: a GPU that has bf16 uses it; false: fp32 unless asked otherwise.</param>
/// <param name="standard">The device that is used if none is given.</param>
internal sealed class DeviceOptions(bool training, string standard = "auto")
{
    private readonly Option<string> _device = Options.Device(standard);
    private readonly Option<int> _threads = Options.Threads();
    private readonly Option<Precision?> _precision = Options.Precision(
        $"Of convolutions and activations: fp32, tf32, fp16, bf16. Without it "
            + $"{(training ? "bf16 on a GPU that has it, otherwise fp32" : "fp32")}; the processor has fp32 only.");
    private readonly Option<bool> _noGraph = Options.Flag(
        "--no-graph", "Queue every step anew instead of replaying a captured one, on a GPU: for debugging.");
    private readonly Option<bool> _deterministic = Options.Flag(
        "--deterministic", "Equal runs give equal bits on a GPU too; the processor's always do.");
    private readonly Option<bool> _exact = Options.Flag(
        "--exact", "Convolve directly everywhere on the processor: slower, with half the rounding error.");
    private readonly Option<bool> _nvtx = Options.Flag(
        "--nvtx", "Name layers and phases for Nsight Systems, if NVTX is installed; includes --no-graph.");
    private readonly Option<string?> _kernels = Options.OptionalPath(
        "--kernels", "Folder with .cu files to use instead of the built-in kernels.", "folder");

    public Option[] All => [_device, _threads, _precision, _exact, _noGraph, _nvtx, _deterministic, _kernels];

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Add(option);
    }

    public DeviceRequest Read(ParseResult parsed)
    {
        if (parsed.GetValue(_device) == "cpu")
            parsed.RefuseAny([_kernels, _nvtx], "the processor has nothing of the kind (--device cpu)");
        return Request(parsed);
    }

    private DeviceRequest Request(ParseResult parsed) => new(parsed.GetValue(_device)!, parsed.GetValue(_threads))
    {
        Precision = parsed.GetValue(_precision) ?? (training ? null : Precision.Fp32),
        Graphs = !parsed.GetValue(_noGraph) && !parsed.GetValue(_nvtx),
        NamesRanges = parsed.GetValue(_nvtx),
        Deterministic = parsed.GetValue(_deterministic),
        Exact = parsed.GetValue(_exact),
        Kernels = parsed.GetValue(_kernels),
    };
}
