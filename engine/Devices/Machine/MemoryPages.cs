using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>Memory that a process has, by pages.</summary>
internal static partial class MemoryPages
{
    private const int DontNeed = 4; // Linux, macOS and the BSDs agree

    private static readonly nint Size = Environment.SystemPageSize;

    /// <summary>
    /// Gives the whole pages of a range back to the system: the contents of allocated memory are lost, those of a
    /// mapped file are read again when they are touched. Does nothing where the system has no such call.
    /// </summary>
    /// <param name="address">First byte.</param>
    /// <param name="length">Number of bytes.</param>
    public static void Forget(nint address, nint length)
    {
        var (from, to) = ((address + Size - 1) / Size * Size, (address + length) / Size * Size);
        if (to > from && !OperatingSystem.IsWindows())
            _ = Advise(from, to - from, DontNeed); // a system that refuses keeps the memory, which is no failure
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nint address, nint length, int advice);
}
