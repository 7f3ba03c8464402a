using System.Reflection;
using System.Runtime.Loader;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// Flixstock.Drawings, the assembly that paints SVG drawings. It lies in a folder with all that it needs and is loaded
/// into a context of that folder alone: it brings another version of Skia, and the one that decodes pictures must stay
/// as it is.
/// </summary>
internal static class DrawingParts
{
    private const string Parts = "Flixstock.Drawings";

    private static readonly TimeSpan LongestPainting = TimeSpan.FromSeconds(20);

    private static readonly Lazy<Func<byte[], int, TimeSpan, byte[]>> Loaded = new(Load);

    /// <summary>What paints drawings.</summary>
    /// <param name="size">Height and width of the pictures in pixels.</param>
    /// <param name="longest">The longest time that a drawing may take; null: 20 s.</param>
    /// <returns>Makes [size, size, 3] of an SVG, or throws <see cref="InvalidDataException"/>.</returns>
    /// <exception cref="EngineException">It is not there.</exception>
    public static Func<byte[], byte[]> Painter(int size, TimeSpan? longest = null)
    {
        var paint = Loaded.Value;
        return svg => paint(svg, size, longest ?? LongestPainting);
    }

    private static Func<byte[], int, TimeSpan, byte[]> Load()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "drawings", $"{Parts}.dll");
        if (!File.Exists(file))
            throw new EngineException($"{file} is missing: this flixstock was built without what paints drawings");
        return new FolderContext(file).LoadFromAssemblyPath(file)
            .GetType($"{Parts}.Painter", throwOnError: true)!.GetMethod("Paint")!
            .CreateDelegate<Func<byte[], int, TimeSpan, byte[]>>();
    }

    private sealed class FolderContext(string file) : AssemblyLoadContext(Parts)
    {
        private readonly AssemblyDependencyResolver _resolver = new(file);

        protected override Assembly? Load(AssemblyName assemblyName) =>
            _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;

        protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
            _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
    }
}
