using System.Reflection;
using System.Text;

namespace Flixstock.Engine;

/// <summary>Sources of kernels: the engine's embedded ones, or a folder that is being edited.</summary>
/// <remarks>Threads: any number.</remarks>
internal sealed class KernelSources
{
    /// <summary>A folder's path that replaces the embedded sources.</summary>
    public const string FolderVariable = "FLIXSTOCK_KERNELS";

    private const string Prefix = "kernels/";
    private static readonly Assembly Engine = typeof(KernelSources).Assembly;
    private readonly string? _folder;
    private readonly Lazy<IReadOnlyDictionary<string, string>> _headers;

    private KernelSources(string? folder)
    {
        _folder = folder;
        _headers = new(() => Names(".cuh").Order(StringComparer.Ordinal)
            .ToDictionary(name => name, name => Text(name)!, StringComparer.Ordinal));
    }

    /// <summary>The sources inside the engine.</summary>
    public static KernelSources Embedded { get; } = new(null);

    /// <summary>The folder named by <see cref="FolderVariable"/>, or the embedded sources.</summary>
    /// <exception cref="InputException">The folder does not exist or holds no source.</exception>
    public static KernelSources Default => Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder
        ? FromFolder(folder, FolderVariable)
        : Embedded;

    /// <summary>The <c>.cu</c> and <c>.cuh</c> files of a folder, read when they are first needed.</summary>
    /// <param name="folder">Path of the folder.</param>
    /// <param name="name">Name of the sources in messages.</param>
    /// <exception cref="InputException">It does not exist or holds no source.</exception>
    public static KernelSources FromFolder(string folder, string name = "folder") =>
        Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.cu").Any()
            ? new KernelSources(folder)
            : throw new InputException(
                $"{name} {folder}: there is no folder with .cu files; give a copy of the engine's kernels folder");

    /// <summary>Names without ending: <c>inplace_abn</c>.</summary>
    public IReadOnlyList<string> Files =>
        [.. Names(".cu").Select(name => Path.GetFileNameWithoutExtension(name)).Order(StringComparer.Ordinal)];

    /// <summary>Text by name of what sources include: <c>common.cuh</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers => _headers.Value;

    /// <summary>The text of <c>kernels/<paramref name="file"/>.cu</c>.</summary>
    /// <exception cref="EngineException">The file does not exist.</exception>
    public string Source(string file) => Text(file + ".cu") ?? throw new EngineException(
        $"there is no kernels/{file}.cu {(_folder is null ? "in the engine" : $"in {_folder}")}");

    private IEnumerable<string> Names(string ending) => _folder is null
        ? Engine.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)
            && Path.GetExtension(name) == ending).Select(name => name[Prefix.Length..])
        : Directory.EnumerateFiles(_folder, "*" + ending).Select(path => Path.GetFileName(path));

    private string? Text(string name)
    {
        if (_folder is not null)
            return File.Exists(Path.Combine(_folder, name)) ? File.ReadAllText(Path.Combine(_folder, name)) : null;
        using var stream = Engine.GetManifestResourceStream(Prefix + name);
        if (stream is null)
            return null;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
