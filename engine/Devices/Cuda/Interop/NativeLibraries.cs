using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Flixstock.Engine;

/// <summary>
/// NVIDIA's libraries in this process. A library is opened before its first call; calls of one that is not open name
/// it. All declarations in this folder are bound here.
/// </summary>
internal static class NativeLibraries
{
    private static readonly Lazy<NativeLibrarySet> OfThisProcess = new(() =>
    {
        var set = new NativeLibrarySet(new ProcessHost());
        NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, (name, _, _) => set.Handle(name));
        return set;
    });

    /// <summary>The libraries of this process.</summary>
    public static NativeLibrarySet Process => OfThisProcess.Value;
}
