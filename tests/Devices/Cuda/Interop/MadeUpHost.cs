using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>
/// A machine that exists in a test only: files, variables, a driver version. Every library loads and has every
/// function, unless said otherwise.
/// </summary>
internal sealed class MadeUpHost : INativeHost
{
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly List<string> _loaded = [];

    public bool IsWindows { get; init; }

    public string Architecture { get; init; } = "x86_64";

    public string ApplicationFolder => "/app";

    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    public IEnumerable<string> VariableNames => Variables.Keys;

    /// <summary>Libraries that something else in the process has loaded: path by file name.</summary>
    public Dictionary<string, string> AlreadyLoaded { get; } = new(StringComparer.Ordinal);

    /// <summary>What the system says instead of loading a file.</summary>
    public Dictionary<string, string> LoadProblems { get; } = new(StringComparer.Ordinal);

    /// <summary>Functions that no library has.</summary>
    public HashSet<string> MissingFunctions { get; } = new(StringComparer.Ordinal);

    public int Driver { get; init; } = 13000;

    public int CuDnnBuiltFor { get; init; }

    /// <summary>Paths in the order of loading.</summary>
    public IReadOnlyList<string> Loads => _loaded;

    public MadeUpHost With(string folder, params string[] files)
    {
        foreach (var file in files)
            _files.Add($"{folder}/{file}");
        return this;
    }

    public MadeUpHost WithText(string path, string text)
    {
        _texts[path] = text;
        _files.Add(path);
        return this;
    }

    public void Remove(string path) => _files.Remove(path);

    public string? Variable(string name) => Variables.GetValueOrDefault(name);

    public bool FileExists(string path) => _files.Contains(path);

    public IEnumerable<string> Files(string folder) =>
        _files.Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal)
            && path.IndexOf('/', folder.Length + 1) < 0).Select(path => path[(folder.Length + 1)..]);

    public IEnumerable<string> Folders(string folder) =>
        _files.Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal))
            .Select(path => path[(folder.Length + 1)..]).Where(rest => rest.Contains('/', StringComparison.Ordinal))
            .Select(rest => rest[..rest.IndexOf('/', StringComparison.Ordinal)]).Distinct();

    public IEnumerable<string> Lines(string path) => _texts.TryGetValue(path, out var text) ? text.Split('\n') : [];

    public string? Loaded(string fileName) => AlreadyLoaded.GetValueOrDefault(fileName)
        ?? _loaded.Find(path => path.EndsWith("/" + fileName, StringComparison.Ordinal));

    public nint Load(string path, out string problem)
    {
        problem = LoadProblems.GetValueOrDefault(path, _files.Contains(path) ? "" : "no such file");
        if (problem.Length > 0)
            return 0;
        _loaded.Add(path);
        return _loaded.IndexOf(path) + 1;
    }

    public nint Export(nint library, string name) =>
        MissingFunctions.Contains(name) || (name == "cudnnGetCudartVersion" && CuDnnBuiltFor == 0) ? 0 : library * 1000;

    public int DriverVersion(nint function) => Driver;

    public long CudartVersion(nint function) => CuDnnBuiltFor;
}
