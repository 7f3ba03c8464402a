namespace Flixstock.Engine;

/// <summary>
/// Turns a kernel's source into an image that the driver loads; a seam, so that a device can be tested without NVRTC.
/// </summary>
/// <remarks>Threads: any number.</remarks>
internal interface IKernelCompiler
{
    /// <summary>Version of the compiler: part of a cache's key.</summary>
    Version Version { get; }

    /// <summary>Compute capabilities that machine code can be made for: 75, 80, 90.</summary>
    IReadOnlyList<int> Architectures { get; }

    /// <summary>The options of every compilation: part of a cache's key.</summary>
    IReadOnlyList<string> StandardOptions { get; }

    /// <summary>Compiles one source.</summary>
    /// <param name="source">CUDA C++.</param>
    /// <param name="fileName">Name of the source in the log: <c>inplace_abn.cu</c>.</param>
    /// <param name="architecture"><c>sm_80</c> gives machine code and PTX, <c>compute_75</c> PTX only.</param>
    /// <param name="headers">Text by name of what the source includes.</param>
    /// <param name="options">Further options of the compiler.</param>
    /// <exception cref="EngineException">
    /// It does not compile; the message has the compiler's log with file and line.
    /// </exception>
    CompiledKernels Compile(
        string source, string fileName, string architecture, IReadOnlyDictionary<string, string>? headers = null,
        params IReadOnlyList<string> options);
}
