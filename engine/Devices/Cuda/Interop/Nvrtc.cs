using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>
/// NVRTC, the compiler of CUDA C++ in a library: only the calls the engine makes. Native names, native argument order,
/// nothing added. https://docs.nvidia.com/cuda/nvrtc/
/// </summary>
internal static unsafe partial class Nvrtc
{
    internal const string Library = "nvrtc";

    internal const int Success = 0, InvalidOption = 5, BuiltinOperationFailure = 7;

    [LibraryImport(Library)] internal static partial int nvrtcVersion(out int major, out int minor);
    [LibraryImport(Library)] internal static partial int nvrtcGetNumSupportedArchs(out int count);
    [LibraryImport(Library)] internal static partial int nvrtcGetSupportedArchs(int* architectures);

    /// <summary>Owned by the library.</summary>
    [LibraryImport(Library)] internal static partial nint nvrtcGetErrorString(int result);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int nvrtcCreateProgram(
        out nint program, string source, string name, int headerCount, string[] headers, string[] includeNames);

    [LibraryImport(Library)] internal static partial int nvrtcDestroyProgram(ref nint program);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int nvrtcCompileProgram(nint program, int optionCount, string[] options);

    // Sizes of texts include the terminating 0.
    [LibraryImport(Library)] internal static partial int nvrtcGetProgramLogSize(nint program, out nuint bytes);
    [LibraryImport(Library)] internal static partial int nvrtcGetProgramLog(nint program, byte* log);
    [LibraryImport(Library)] internal static partial int nvrtcGetPTXSize(nint program, out nuint bytes);
    [LibraryImport(Library)] internal static partial int nvrtcGetPTX(nint program, byte* ptx);
    [LibraryImport(Library)] internal static partial int nvrtcGetCUBINSize(nint program, out nuint bytes);
    [LibraryImport(Library)] internal static partial int nvrtcGetCUBIN(nint program, byte* cubin);
}
