using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flixstock.Engine;

/// <summary>Outcome of a self-test.</summary>
internal enum SelfTestOutcome
{
    /// <summary>The GPU's result is the processor's.</summary>
    Passed,

    /// <summary>The result differs, or a call failed.</summary>
    Failed,

    /// <summary>Something that it needs is missing.</summary>
    NotRun,
}

/// <summary>One of NVIDIA's libraries on this machine.</summary>
/// <param name="Name">Name, such as "cuDNN".</param>
/// <param name="Usable">True if it was found and loaded and has all functions.</param>
/// <param name="Required">True if training needs it.</param>
/// <param name="Version">Version, such as "9.6.0"; empty if unknown.</param>
/// <param name="Path">The file that is called; empty if there is none.</param>
/// <param name="Origin">Why its folder was searched: "pip wheel".</param>
/// <param name="Problem">What is missing and how to get it, in one line; null if nothing is.</param>
internal sealed record LibraryReport(
    string Name, bool Usable, bool Required, string Version, string Path, string Origin, string? Problem);

/// <summary>One GPU.</summary>
/// <param name="Ordinal">Number of the GPU, from 0.</param>
/// <param name="Name">Name, such as "NVIDIA H200".</param>
/// <param name="ComputeCapability">Compute capability, such as "9.0".</param>
/// <param name="Multiprocessors">Number of streaming multiprocessors.</param>
/// <param name="TotalBytes">Bytes of memory; 0 if unknown.</param>
/// <param name="FreeBytes">Bytes of unused memory; 0 if unknown.</param>
/// <param name="Watts">Power drawn now; null if NVML does not report it.</param>
/// <param name="UtilizationPercent">Share of the last moments in which a kernel ran; null if NVML does not report
/// it.</param>
/// <param name="Problem">Why the engine cannot use it; null if it can.</param>
internal sealed record DeviceReport(
    int Ordinal, string Name, string ComputeCapability, int Multiprocessors, long TotalBytes, long FreeBytes,
    double? Watts, int? UtilizationPercent, string? Problem);

/// <summary>A small computation on one GPU, compared with the processor's result.</summary>
/// <param name="Device">Number of the GPU; null if there is none.</param>
/// <param name="Name">Name, such as "matrix product (cuBLAS)".</param>
/// <param name="Outcome">Outcome of the test.</param>
/// <param name="Detail">What was compared, what failed, or what is missing.</param>
internal sealed record SelfTestReport(int? Device, string Name, SelfTestOutcome Outcome, string Detail);

/// <summary>The results of <see cref="CudaDoctor"/>.</summary>
/// <param name="CanTrain">Training on a GPU would work.</param>
/// <param name="Libraries">The libraries, driver first.</param>
/// <param name="Devices">All GPUs that the driver shows.</param>
/// <param name="SelfTests">Self-tests of each GPU.</param>
/// <param name="Problems">Problems that prevent training on CUDA on this machine, in the order of repair; empty if
/// there are none.</param>
/// <param name="Searched">Folders in which libraries were looked for, in this order, each with the reason.</param>
internal sealed record CudaReport(
    bool CanTrain, IReadOnlyList<LibraryReport> Libraries, IReadOnlyList<DeviceReport> Devices,
    IReadOnlyList<SelfTestReport> SelfTests, IReadOnlyList<string> Problems, IReadOnlyList<string> Searched)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Indented, with the properties' names in camel case.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);
}
