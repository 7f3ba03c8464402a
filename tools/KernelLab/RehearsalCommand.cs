using System.Globalization;
using Flixstock.Cli;
using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.KernelLab;

/// <summary>
/// The programs of a GPU server with the PTX emulator in the GPU's place: <c>flixstock ...</c> and <c>bench ...</c>
/// with <c>--device cuda</c>. Everything between the command line and the driver's functions is what runs on a GPU;
/// only sizes must be tiny.
/// </summary>
internal static class RehearsalCommand
{
    /// <summary>Mebibytes of the emulated device.</summary>
    public const string MemoryVariable = "FLIXSTOCK_REHEARSAL_MEMORY";

    /// <summary>Where compiled kernels are kept; null: in the user's cache.</summary>
    public static string? CacheFolder { get; set; }

    private const int StandardMemory = 512, WrongInput = 2;

    /// <summary>Runs one of the programs.</summary>
    public static int Run(string[] arguments, TextWriter output, TextWriter error)
    {
        switch (arguments.FirstOrDefault())
        {
            case "flixstock":
                return CommandLine.Run(arguments[1..], output, error, Open);
            case "bench":
                return Flixstock.Bench.BenchCommand.Run(arguments[1..], output, error, Open);
            default:
                error.WriteLine("usage: rehearse flixstock ARGUMENTS, or rehearse bench ARGUMENTS: the same programs, "
                    + "with an emulated GPU for --device cuda");
                return WrongInput;
        }
    }

    /// <summary>The emulated GPU.</summary>
    public static Backend? Open(CudaDeviceOptions options, Precision? precision, bool deterministic, out string? reason)
    {
        options = options with { CacheFolder = CacheFolder ?? options.CacheFolder };
        if ((reason = KernelCompiler.WhyUnavailable) is not null)
            return null;
        var memory = Environment.GetEnvironmentVariable(MemoryVariable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : StandardMemory;
        var driver = new EmulatedDriver(new EmulatedDriverOptions(MemoryBytes: (long)memory << 20));
        if (!CudaAvailability.TryFind(driver, options.Ordinal, out _, out reason))
        {
            driver.Dispose();
            return null;
        }
        var device = new CudaDevice(
            driver, new EmulatedBlas(driver), new EmulatedDnn(driver), KernelCompiler.Open(), options);
        return Backend.Over(device, precision, deterministic);
    }
}
