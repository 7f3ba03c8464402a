using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// Kernels compiled to PTX when the program was packed, for machines without NVRTC: the driver translates them for its
/// GPU. A file for each source and architecture, <c>inplace_abn.compute_80.ptx</c>; its first line says which source it
/// was made of, so that PTX of another version is not used.
/// </summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="folder">The folder, which may be missing.</param>
internal sealed class PackedKernels(string folder)
{
    private const string Stamp = "// made of ";

    /// <summary>Beside the program.</summary>
    public static string DefaultFolder => Path.Combine(AppContext.BaseDirectory, "ptx");

    /// <summary>
    /// The oldest GPUs that have kernels, and those from which on bf16 is converted by dedicated instructions.
    /// </summary>
    public static IReadOnlyList<int> Architectures { get; } = [75, 80];

    /// <summary>The folder.</summary>
    public string Folder { get; } = folder;

    /// <summary>Compiles every source for every architecture and writes the results.</summary>
    /// <param name="folder">The folder, which is made if it does not exist.</param>
    /// <param name="compiler">NVRTC.</param>
    /// <param name="sources">The kernels.</param>
    /// <param name="architectures">Other ones than <see cref="Architectures"/>.</param>
    /// <returns>Number of files written.</returns>
    /// <exception cref="EngineException">A source does not compile, or the disk refuses.</exception>
    public static int Write(
        string folder, IKernelCompiler compiler, KernelSources sources, IReadOnlyList<int>? architectures = null)
    {
        ArgumentNullException.ThrowIfNull(compiler);
        ArgumentNullException.ThrowIfNull(sources);
        var packed = new PackedKernels(folder);
        var written = 0;
        foreach (var file in sources.Files)
        {
            foreach (var architecture in architectures ?? Architectures)
            {
                var source = sources.Source(file);
                // Machine code is made too, and left: only then inline PTX is checked.
                var ptx = compiler.Compile(source, file + ".cu", $"sm_{architecture}", sources.Headers).Ptx;
                Files.WriteAtomically(
                    packed.FileOf(file, architecture), $"{Stamp}{Key(file, source, sources.Headers)}\n{ptx}");
                written++;
            }
        }
        return written;
    }

    /// <summary>True if every source has its PTX for the oldest GPUs, and so for all.</summary>
    public bool HasAll(KernelSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        return sources.Files.Count > 0 && sources.Files.All(
            file => TryFind(file, sources.Source(file), sources.Headers, Architectures[0], out _, out _));
    }

    /// <summary>The newest PTX that a device can run.</summary>
    /// <param name="file">Name of the source, without ending.</param>
    /// <param name="source">Text of the source.</param>
    /// <param name="headers">The headers that it includes.</param>
    /// <param name="capability">Compute capability of the device: 80 for 8.0.</param>
    /// <param name="ptx">The PTX; empty if there is none.</param>
    /// <param name="reason">The file that is missing or does not fit; null if there is PTX.</param>
    internal bool TryFind(
        string file, string source, IReadOnlyDictionary<string, string> headers, int capability, out string ptx,
        out string? reason)
    {
        (ptx, reason) = ("", $"there is no {FileOf(file, Architectures[0])}");
        foreach (var architecture in Architectures.Where(architecture => architecture <= capability).OrderDescending())
        {
            var path = FileOf(file, architecture);
            if (!File.Exists(path))
                continue;
            ptx = Encoding.UTF8.GetString(WholeFile.Read(path));
            if (ptx.StartsWith($"{Stamp}{Key(file, source, headers)}\n", StringComparison.Ordinal))
            {
                reason = null;
                return true;
            }
            (ptx, reason) = ("", $"{path} was made of another version of {file}.cu");
        }
        return false;
    }

    private static string Key(string file, string source, IReadOnlyDictionary<string, string> headers) =>
        KernelCache.Key(file, [source, .. headers.SelectMany(header => new[] { header.Key, header.Value })]);

    private string FileOf(string file, int architecture) =>
        Path.Combine(Folder, $"{file}.compute_{architecture.ToString(CultureInfo.InvariantCulture)}.ptx");
}
