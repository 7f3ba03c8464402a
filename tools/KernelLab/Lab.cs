using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.KernelLab;

/// <summary>What the laboratory is asked to try.</summary>
/// <param name="Case">Part of the cases' names.</param>
/// <param name="Device"><c>emulator</c>, <c>cuda</c> or <c>cuda:n</c>.</param>
/// <param name="Type">Element type of activations; null for all three.</param>
/// <param name="Shape">
/// Of activations; null for the standard small ones (and a large one where time is measured).
/// </param>
internal sealed record LabRequest(string Case, string Device, ElementType? Type, Shape? Shape);

/// <summary>One kernel's numbers of a run.</summary>
/// <param name="Kernel">Entry on the emulator, operation on a GPU.</param>
/// <param name="Columns">By header.</param>
internal sealed record LabRow(string Kernel, IReadOnlyDictionary<string, string> Columns);

/// <summary>What a run gave.</summary>
/// <param name="Comparisons">With the reference kernels.</param>
/// <param name="Fault">What the emulator's checks found, or null.</param>
/// <param name="Rows">Of the kernels launched.</param>
internal sealed record LabRun(IReadOnlyList<CaseResult> Comparisons, string? Fault, IReadOnlyList<LabRow> Rows)
{
    public bool IsGood =>
        Fault is null && Comparisons.Count > 0 && Comparisons.All(result => result.Difference is null);
}

/// <summary>Tries cases of kernels.</summary>
internal static class Lab
{
    // The first stage of a network on two batches: 206 MB in 16 bits, of which no L2 cache keeps much.
    private static readonly Shape Large = new(512, 56, 56, 64);
    private const int MostNamed = 5;

    /// <summary>The cases whose names contain a text.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static IReadOnlyList<KernelCall> Chosen(string text)
    {
        var chosen = KernelCalls.All()
            .Where(call => call.Name.Contains(text, StringComparison.OrdinalIgnoreCase)).ToList();
        return chosen.Count > 0
            ? chosen
            : throw new InputException($"--case {text}: no case's name contains this; 'list' shows them");
    }

    /// <summary>Runs the chosen cases with the kernels of one place.</summary>
    public static LabRun Run(LabRequest request, KernelSources sources)
    {
        var calls = Chosen(request.Case);
        using var device = LabDevice.Open(request.Device, sources);
        var results = new List<CaseResult>();
        try
        {
            foreach (var call in calls)
                results.AddRange(Compare(device.Device, call, request));
        }
        catch (Exception fault) when (fault is DeviceCheckException or KernelCaseException)
        {
            return new LabRun(results, fault.Message, Counts(device.Driver));
        }
        return new LabRun(
            results, null, device.Driver is null ? Times(device.Device, calls, request) : Counts(device.Driver));
    }

    private static IEnumerable<CaseResult> Compare(CudaDevice device, KernelCall call, LabRequest request)
    {
        if (request.Shape is not { } shape)
            return CaseComparison.Every(device, call, request.Type);
        return CaseComparison.Types.Where(type => request.Type is null || type == request.Type)
            .Select(type => CaseComparison.Compare(device, call, type, shape, aligned: true));
    }

    private static List<LabRow> Counts(EmulatedDriver? driver) => driver is null ? [] :
    [
        .. driver.Statistics.Values.OrderBy(kernel => kernel.Kernel, StringComparer.Ordinal).Select(
            kernel => new LabRow(kernel.Kernel, new Dictionary<string, string>
            {
                ["launches"] = $"{kernel.Launches}",
                ["thread instructions"] = $"{kernel.ThreadInstructions}",
                ["sectors a request"] = $"{kernel.SectorsPerRequest:0.0}",
                ["bytes in flight"] = $"{LoadsInFlight.MostBytes(kernel.Code)}",
                ["bank conflicts"] = $"{kernel.BankConflicts}",
                ["blocks covered"] = $"{kernel.CoveredBlocks} of {kernel.Covered.Length}",
                ["mix"] = string.Join(", ", Named(kernel.Mix())
                    .Select(entry => $"{entry.Mnemonic} {(double)entry.Count / kernel.WarpInstructions:P0}")),
            })),
    ];

    // Accesses of memory always, and what else is frequent.
    private static IEnumerable<(string Mnemonic, long Count)> Named(IReadOnlyList<(string Mnemonic, long Count)> mix)
    {
        static bool IsAccess(string mnemonic) => mnemonic.Contains(".global", StringComparison.Ordinal)
            || mnemonic.Contains(".shared", StringComparison.Ordinal);
        return mix.Where(entry => IsAccess(entry.Mnemonic))
            .Concat(mix.Where(entry => !IsAccess(entry.Mnemonic)).Take(MostNamed));
    }

    private static List<LabRow> Times(CudaDevice device, IReadOnlyList<KernelCall> calls, LabRequest request)
    {
        var peaks = DevicePeaks.Measure(new Backend(device, new CudaKernels(device)));
        var type = request.Type ?? ElementType.BFloat16;
        return [.. calls.Select(call => Row(CaseTime.Of(device, call, type, request.Shape ?? Large), peaks))];
    }

    private static LabRow Row(CaseTime time, DevicePeaks peaks) =>
        new(time.Case, new Dictionary<string, string>
        {
            ["us"] = $"{time.Microseconds:0.0}",
            ["MB"] = $"{time.Bytes / 1e6:0.0}",
            ["GB/s"] = $"{time.GigabytesPerSecond:0}",
            ["of copy"] = $"{time.GigabytesPerSecond / peaks.CopyGigabytesPerSecond:P0}",
            ["of product"] =
                time.Operations > 0 ? $"{time.GigaflopsPerSecond / peaks.ArithmeticGigaflopsPerSecond:P0}" : "",
        });
}
