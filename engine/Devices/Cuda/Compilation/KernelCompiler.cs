using System.Runtime.InteropServices;
using System.Text;

namespace Flixstock.Engine;

/// <summary>The result of compiling one source with NVRTC.</summary>
/// <param name="Cubin">Machine code for one architecture, as cuModuleLoadData takes it; empty if only PTX was
/// requested.</param>
/// <param name="Ptx">PTX text, without the terminating 0.</param>
/// <param name="Log">
/// NVRTC's log: warnings, and with <c>--ptxas-options=-v</c> registers and spills; often empty.
/// </param>
internal sealed record CompiledKernels(ReadOnlyMemory<byte> Cubin, string Ptx, string Log);

/// <summary>
/// Compiles CUDA C++ in this process with NVRTC; needs no GPU and no header on disk.
/// https://docs.nvidia.com/cuda/nvrtc/
/// </summary>
/// <remarks>Threads: any number.</remarks>
internal sealed unsafe class KernelCompiler : IKernelCompiler
{
    private static readonly Lazy<(KernelCompiler? Compiler, string? Reason)> OfThisProcess = new(Load);

    private readonly HashSet<int> _architectures;

    private KernelCompiler(Version version, HashSet<int> architectures) =>
        (Version, _architectures) = (version, architectures);

    /// <summary>Why there is no compiler, in one line with what to do; null if there is one.</summary>
    public static string? WhyUnavailable => OfThisProcess.Value.Reason;

    /// <summary>The compiler of this process.</summary>
    /// <exception cref="EngineException">There is no compiler: <see cref="WhyUnavailable"/>.</exception>
    public static KernelCompiler Open() => OfThisProcess.Value.Compiler ?? throw new EngineException(WhyUnavailable!);

    /// <summary>NVRTC's version: 11.8, 12.6.</summary>
    public Version Version { get; }

    /// <summary>Compute capabilities that machine code can be made for: 75, 80, 90; in rising order.</summary>
    public IReadOnlyList<int> Architectures => [.. _architectures.Order()];

    /// <summary>
    /// The options of every compilation with this version of NVRTC, without the architecture. Part of a cache's key.
    /// </summary>
    public IReadOnlyList<string> StandardOptions => Version.Major >= 12
        // Otherwise NVRTC changes the stack limit of the whole process while it compiles.
        ? ["--std=c++17", "--generate-line-info", "--modify-stack-limit=false"]
        // No line information: 11.8 ends the process with a segmentation fault when it makes some of our kernels for
        // sm_90 with it.
        : ["--std=c++17"];

    /// <summary>Compiles one source.</summary>
    /// <param name="source">CUDA C++.</param>
    /// <param name="fileName">Name of the source in the log: <c>inplace_abn.cu</c>.</param>
    /// <param name="architecture">
    /// <c>sm_80</c> gives machine code and PTX, <c>compute_75</c> PTX only (inline PTX is then not checked).
    /// </param>
    /// <param name="headers">Text by name of what the source includes: <c>common.cuh</c>.</param>
    /// <param name="options">Further options of NVRTC.</param>
    /// <exception cref="EngineException">
    /// It does not compile; the message has NVRTC's log with file and line.
    /// </exception>
    public CompiledKernels Compile(
        string source, string fileName, string architecture, IReadOnlyDictionary<string, string>? headers = null,
        params IReadOnlyList<string> options)
    {
        string[] names = [.. headers?.Keys ?? []], texts = [.. headers?.Values ?? []];
        Check(
            Nvrtc.nvrtcCreateProgram(out var program, source, fileName, names.Length, texts, names),
            $"nvrtcCreateProgram({fileName})");
        try
        {
            string[] all = [$"--gpu-architecture={architecture}", .. StandardOptions, .. options];
            var result = Nvrtc.nvrtcCompileProgram(program, all.Length, all);
            var log = Log(program);
            if (result != Nvrtc.Success)
                throw Failure(result, fileName, all, log);
            return new CompiledKernels(Cubin(program), Ptx(program), log);
        }
        finally
        {
            _ = Nvrtc.nvrtcDestroyProgram(ref program); // fails only for what is no program
        }
    }

    private static (KernelCompiler? Compiler, string? Reason) Load()
    {
        var status = NativeLibraries.Process.Open(CudaLibrary.Nvrtc);
        if (!status.IsAvailable)
            return (null, status.Reason);
        Check(Nvrtc.nvrtcVersion(out var major, out var minor), "nvrtcVersion");
        var builtins = LibraryFiles.NvrtcBuiltins(major, minor, OperatingSystem.IsWindows());
        if (!File.Exists(Path.Combine(Path.GetDirectoryName(status.Path)!, builtins)))
        {
            return (null, $"NVRTC {major}.{minor} in {status.Path} cannot compile without {builtins} in the same "
                + $"folder; {LibraryAdvice.For(CudaLibrary.Nvrtc, major)}");
        }
        Check(Nvrtc.nvrtcGetNumSupportedArchs(out var count), "nvrtcGetNumSupportedArchs");
        var architectures = new int[count];
        fixed (int* first = architectures)
            Check(Nvrtc.nvrtcGetSupportedArchs(first), "nvrtcGetSupportedArchs");
        return (new KernelCompiler(new Version(major, minor), [.. architectures]), null);
    }

    private EngineException Failure(int result, string fileName, string[] options, string log)
    {
        var advice = result switch
        {
            Nvrtc.InvalidOption => $" (options: {string.Join(' ', options)})",
            Nvrtc.BuiltinOperationFailure => $" (its companion "
                + $"{LibraryFiles.NvrtcBuiltins(Version.Major, Version.Minor, OperatingSystem.IsWindows())} is missing "
                + $"or of another version)",
            _ => "",
        };
        return new EngineException($"{fileName} does not compile for {options[0].Split('=')[1]} with NVRTC {Version}, "
            + $"{ErrorText(result)}{advice}: {log.Trim()}");
    }

    private static void Check(int result, string call)
    {
        if (result != Nvrtc.Success)
            throw new EngineException($"{call} -> {ErrorText(result)}");
    }

    private static string ErrorText(int result) =>
        $"{Marshal.PtrToStringUTF8(Nvrtc.nvrtcGetErrorString(result))} ({result})";

    private static string Log(nint program)
    {
        Check(Nvrtc.nvrtcGetProgramLogSize(program, out var bytes), "nvrtcGetProgramLogSize");
        return Text(bytes, log => Nvrtc.nvrtcGetProgramLog(program, log), "nvrtcGetProgramLog");
    }

    private static string Ptx(nint program)
    {
        Check(Nvrtc.nvrtcGetPTXSize(program, out var bytes), "nvrtcGetPTXSize");
        return Text(bytes, ptx => Nvrtc.nvrtcGetPTX(program, ptx), "nvrtcGetPTX");
    }

    private static byte[] Cubin(nint program)
    {
        Check(Nvrtc.nvrtcGetCUBINSize(program, out var bytes), "nvrtcGetCUBINSize");
        var cubin = new byte[bytes];
        fixed (byte* first = cubin)
        {
            if (bytes > 0)
                Check(Nvrtc.nvrtcGetCUBIN(program, first), "nvrtcGetCUBIN");
        }
        return cubin;
    }

    private delegate int ReadText(byte* destination);

    private static string Text(nuint bytes, ReadText read, string call)
    {
        var text = new byte[bytes];
        fixed (byte* first = text)
        {
            if (bytes > 0)
                Check(read(first), call);
        }
        return Encoding.UTF8.GetString(text).TrimEnd('\0');
    }
}
