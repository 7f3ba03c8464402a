using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>
/// The one place that turns a status of NVIDIA's libraries into an exception. The message has the call as it is written
/// in the source, the library's own words, and the device with its free memory; a launch adds kernel, grid, block and
/// shared memory.
/// </summary>
/// <param name="driver">Asked for words and free memory.</param>
/// <param name="device">The device's name; null before one is opened.</param>
internal sealed unsafe class CudaError(ICudaDriver driver, string? device)
{
    /// <summary>Throws unless a driver call succeeded.</summary>
    [StackTraceHidden]
    public void Check(CuResult result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != CuResult.Success)
            throw Failure(call, Words(driver, result), Advice(result));
    }

    /// <summary>Throws unless a launch succeeded.</summary>
    [StackTraceHidden]
    public void CheckLaunch(CuResult result, CudaFunction function, in LaunchShape shape)
    {
        if (result != CuResult.Success)
            throw Failure(Launch(function, shape), Words(driver, result), Advice(result));
    }

    /// <summary>Throws unless a cuBLAS call succeeded.</summary>
    [StackTraceHidden]
    public void Check(IBlas blas, int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != 0)
            throw Failure(call, blas.StatusText(status), "");
    }

    /// <summary>Throws unless a cuDNN call succeeded.</summary>
    [StackTraceHidden]
    public void Check(IDnn dnn, int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != 0)
            throw Failure(call, dnn.StatusText(status), "");
    }

    /// <summary>
    /// The driver's name and words for a status: "CUDA_ERROR_OUT_OF_MEMORY (2): out of memory". Works before cuInit.
    /// </summary>
    public static string Words(ICudaDriver driver, CuResult result)
    {
        nint name = 0, text = 0;
        var known = driver.cuGetErrorName(result, &name) == CuResult.Success && name != 0
            && driver.cuGetErrorString(result, &text) == CuResult.Success && text != 0;
        return known
            ? $"{Marshal.PtrToStringUTF8(name)} ({(int)result}): {Marshal.PtrToStringUTF8(text)}"
            : $"status {(int)result}, which this driver does not know";
    }

    private EngineException Failure(string call, string words, string advice) =>
        new($"{OneLine(call)} -> {words}{Device()}{advice}");

    private static string Launch(CudaFunction function, in LaunchShape shape) =>
        $"launch of {function.Name}, grid ({shape.GridX}, {shape.GridY}, {shape.GridZ}), block ({shape.BlockX}, "
        + $"{shape.BlockY}, {shape.BlockZ}), {shape.SharedBytes} bytes of dynamic shared memory";

    private string Device()
    {
        if (device is null)
            return "";
        nuint free = 0, total = 0;
        var result = driver.cuMemGetInfo(&free, &total);
        return result == CuResult.Success
            ? $"; {device}, {Gibibytes(free)} of {Gibibytes(total)} GiB free"
            // After a fault inside a kernel every call fails for the rest of the process.
            : $"; {device}, free memory unknown ({Words(driver, result)})";
    }

    private static string Gibibytes(nuint bytes) => $"{bytes / (double)(1L << 30):0.00}";

    [SuppressMessage("Style", "IDE0072:Add missing cases", Justification = "only some failures have an advice")]
    private static string Advice(CuResult result) => result switch
    {
        CuResult.StubLibrary =>
            "; the libcuda found is the toolkit's stub, not the driver: take its folder out of LD_LIBRARY_PATH",
        CuResult.UnsupportedPtxVersion =>
            "; the driver is older than the compiler that made the kernels: update the driver",
        CuResult.NoBinaryForGpu => "; the kernels were compiled for another GPU: clear the kernel cache",
        CuResult.IllegalAddress or CuResult.MisalignedAddress or CuResult.LaunchFailed =>
            "; a kernel that ran before this call went wrong: compute-sanitizer names it",
        CuResult.SystemDriverMismatch =>
            "; the driver's libraries do not fit the loaded kernel module: restart the machine",
        _ => "",
    };

    private static string OneLine(string call) =>
        string.Join(' ', call.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
