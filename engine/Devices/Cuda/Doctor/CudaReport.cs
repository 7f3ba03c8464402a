using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flixstock.Engine;

/// <summary>What became of a self-test.</summary>
internal enum SelfTestOutcome
{
    /// <summary>The GPU's result is the processor's.</summary>
    Passed,

    /// <summary>It is not, or a call failed.</summary>
    Failed,

    /// <summary>What it needs is missing.</summary>
    NotRun,
}

/// <summary>One of NVIDIA's libraries on this machine.</summary>
/// <param name="Name">"cuDNN"</param>
/// <param name="Usable">It was found, loaded, and has all functions.</param>
/// <param name="Required">Training needs it.</param>
/// <param name="Version">"9.6.0"; empty where it is not known.</param>
/// <param name="Path">The file that is called; empty where there is none.</param>
/// <param name="Origin">Why its folder was looked into: "pip wheel".</param>
/// <param name="Problem">What is missing and how to get it, in one line; null where nothing is.</param>
internal sealed record LibraryReport(string Name, bool Usable, bool Required, string Version, string Path, string Origin, string? Problem);

/// <summary>One GPU.</summary>
/// <param name="Ordinal">Its number, from 0.</param>
/// <param name="Name">"NVIDIA H200"</param>
/// <param name="ComputeCapability">"9.0"</param>
/// <param name="Multiprocessors">Streaming multiprocessors.</param>
/// <param name="TotalBytes">Memory; 0 where it is not known.</param>
/// <param name="FreeBytes">Memory that nobody uses; 0 where it is not known.</param>
/// <param name="Watts">Power drawn now; null where NVML does not say.</param>
/// <param name="UtilizationPercent">Share of the last moments in which a kernel ran; null where NVML does not say.</param>
/// <param name="Problem">Why the engine cannot use it; null where it can.</param>
internal sealed record DeviceReport(
    int Ordinal, string Name, string ComputeCapability, int Multiprocessors, long TotalBytes, long FreeBytes, double? Watts, int? UtilizationPercent, string? Problem);

/// <summary>A small computation on one GPU, compared with the processor's result.</summary>
/// <param name="Device">The GPU's number; null where there is none.</param>
/// <param name="Name">"matrix product (cuBLAS)"</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Detail">What was compared, what failed, or what is missing.</param>
internal sealed record SelfTestReport(int? Device, string Name, SelfTestOutcome Outcome, string Detail);

/// <summary>What <see cref="CudaDoctor"/> found.</summary>
/// <param name="CanTrain">Training on a GPU would work.</param>
/// <param name="Libraries">Driver first.</param>
/// <param name="Devices">All GPUs that the driver shows.</param>
/// <param name="SelfTests">Per GPU.</param>
/// <param name="Problems">What stands between this machine and training on CUDA, in the order of repair; empty where nothing does.</param>
/// <param name="Searched">Folders in which libraries were looked for, in this order, each with the reason.</param>
internal sealed record CudaReport(
    bool CanTrain, IReadOnlyList<LibraryReport> Libraries, IReadOnlyList<DeviceReport> Devices, IReadOnlyList<SelfTestReport> SelfTests,
    IReadOnlyList<string> Problems, IReadOnlyList<string> Searched)
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
