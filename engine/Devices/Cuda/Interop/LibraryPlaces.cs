namespace Flixstock.Engine;

/// <summary>A folder that may hold NVIDIA's libraries.</summary>
/// <param name="Folder">Path of the folder.</param>
/// <param name="Origin">Why it is searched: "FLIXSTOCK_CUDA_PATH", "pip wheel".</param>
/// <param name="Explicit">True if the user asked for this folder, so that it decides which CUDA version is
/// used.</param>
internal sealed record LibraryPlace(string Folder, string Origin, bool Explicit = false);

/// <summary>
/// The folders that are searched, in this order: the folder from which the process has already loaded one;
/// FLIXSTOCK_CUDA_PATH; the program's folder; pip's wheels; the system loader's folders; CUDA_HOME and CUDA_PATH; the
/// usual places of NVIDIA's installer; the driver's own places.
/// </summary>
internal sealed class LibraryPlaces(INativeHost host)
{
    private readonly List<LibraryPlace> _places = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    public const string PathVariable = "FLIXSTOCK_CUDA_PATH";

    public static IReadOnlyList<LibraryPlace> List(INativeHost host)
    {
        var places = new LibraryPlaces(host);
        places.AddLoaded();
        places.AddConfigured();
        places.Add(host.ApplicationFolder, "program's folder");
        places.AddWheels();
        places.AddLoader();
        places.AddToolkits();
        places.AddDriver();
        return places._places;
    }

    private void AddLoaded()
    {
        foreach (var library in Enum.GetValues<CudaLibrary>().Where(LibraryFiles.HasMajor))
        {
            foreach (var files in LibraryFiles.Majors.SelectMany(
                major => LibraryFiles.Alternatives(library, major, host.IsWindows)))
            {
                if (host.Loaded(files[^1]) is { } path)
                    Add(path[..path.LastIndexOf('/')], "already loaded", isExplicit: true);
            }
        }
    }

    private void AddConfigured()
    {
        foreach (var root in Split(host.Variable(PathVariable)))
        {
            AddToolkit(root, PathVariable, isExplicit: true);
            AddWheelsIn($"{root}/nvidia", PathVariable, isExplicit: true);
            AddWheelsIn(root, PathVariable, isExplicit: true);
            foreach (var packages in SitePackages(root))
                AddWheelsIn($"{packages}/nvidia", PathVariable, isExplicit: true);
        }
    }

    private void AddWheels()
    {
        string?[] roots = host.IsWindows
            ? [host.Variable("VIRTUAL_ENV"), host.Variable("CONDA_PREFIX"), .. Glob(
                "LOCALAPPDATA", "Programs/Python/Python3*")]
            : [
                host.Variable("VIRTUAL_ENV"), host.Variable("CONDA_PREFIX"), "/usr/local", "/usr",
                .. Glob("/opt/*/.venv"), .. Glob("/opt/*"), Home("/.local"),
            ];
        foreach (var root in roots.OfType<string>())
        {
            foreach (var packages in SitePackages(root))
                AddWheelsIn($"{packages}/nvidia", "pip wheel");
        }
        if (host.Variable("CONDA_PREFIX") is { } conda)
            Add(host.IsWindows ? $"{conda}/Library/bin" : $"{conda}/lib", "conda");
    }

    private void AddLoader()
    {
        foreach (var folder in Split(host.Variable(host.IsWindows ? "PATH" : "LD_LIBRARY_PATH")))
            Add(folder, host.IsWindows ? "PATH" : "LD_LIBRARY_PATH");
        if (host.IsWindows)
            return;
        foreach (var folder in LoaderConfiguration("/etc/ld.so.conf", depth: 0))
            Add(folder, "system loader");
        string[] standard =
        [
            $"/lib/{host.Architecture}-linux-gnu", $"/usr/lib/{host.Architecture}-linux-gnu", "/lib64", "/usr/lib64",
            "/lib", "/usr/lib",
        ];
        foreach (var folder in standard)
            Add(folder, "system loader");
    }

    private void AddToolkits()
    {
        string[] versioned = [.. host.VariableNames.Where(
            name => name.StartsWith("CUDA_PATH_V", StringComparison.Ordinal)).OrderDescending(NaturalOrder.Instance)];
        foreach (var name in (string[])["CUDA_HOME", "CUDA_PATH", .. versioned])
        {
            if (host.Variable(name) is { } root)
                AddToolkit(root, name);
        }
        if (host.IsWindows)
        {
            foreach (var root in Glob("ProgramFiles", "NVIDIA GPU Computing Toolkit/CUDA/v*"))
                AddToolkit(root, "NVIDIA's installer");
            foreach (var folder in Glob("ProgramFiles", "NVIDIA/CUDNN/v*/bin")
                .Concat(Glob("ProgramFiles", "NVIDIA/CUDNN/v*/bin/*"))
                .Concat(Glob("ProgramFiles", "NVIDIA/CUDNN/v*/bin/*/x64")))
            {
                Add(folder, "NVIDIA's installer");
            }
            return;
        }
        foreach (var root in (string[])["/usr/local/cuda", .. Glob("/usr/local/cuda-*")])
            AddToolkit(root, "NVIDIA's installer");
    }

    private void AddDriver()
    {
        string[] folders = host.IsWindows
            ? [$"{host.Variable("SystemRoot") ?? "C:/Windows"}/System32", .. Glob(
                "ProgramFiles", "NVIDIA Corporation/NVSMI")]
            : ["/usr/lib/wsl/lib", "/usr/local/nvidia/lib64", "/usr/lib64-nvidia"];
        foreach (var folder in folders)
            Add(folder, "driver");
    }

    private void AddToolkit(string root, string origin, bool isExplicit = false)
    {
        string[] inside = host.IsWindows
            ? ["bin/x64", "bin"]
            : ["lib64", "lib", $"targets/{(host.Architecture == "aarch64" ? "sbsa" : host.Architecture)}-linux/lib"];
        Add(root, origin, isExplicit);
        foreach (var folder in inside)
            Add($"{root}/{folder}", origin, isExplicit);
    }

    private void AddWheelsIn(string nvidia, string origin, bool isExplicit = false)
    {
        foreach (var package in host.Folders(nvidia).OrderDescending(NaturalOrder.Instance))
        {
            string[] inside = host.IsWindows ? ["bin/x86_64", "bin"] : ["lib"];
            foreach (var folder in inside.Where(folder => host.Files($"{nvidia}/{package}/{folder}").Any()))
                Add($"{nvidia}/{package}/{folder}", origin, isExplicit);
        }
    }

    private IEnumerable<string> SitePackages(string root) => host.IsWindows
        ? [$"{root}/Lib/site-packages"]
        : Glob($"{root}/lib/python3*")
            .SelectMany(python => (string[])[$"{python}/site-packages", $"{python}/dist-packages"]);

    // "include" lines and plain folders, as ldconfig reads them.
    private IEnumerable<string> LoaderConfiguration(string file, int depth)
    {
        foreach (var line in host.Lines(file).Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0))
        {
            if (!line.StartsWith("include ", StringComparison.Ordinal))
            {
                yield return line;
                continue;
            }
            var (folder, pattern) = SplitPath(line["include ".Length..].Trim());
            var included = host.Files(folder).Where(name => Matches(name, pattern)).Order(StringComparer.Ordinal);
            foreach (var path in included.SelectMany(
                name => depth < 4 ? LoaderConfiguration($"{folder}/{name}", depth + 1) : []))
            {
                yield return path;
            }
        }
    }

    private IEnumerable<string> Glob(string variable, string pattern) =>
        host.Variable(variable) is { } root ? Glob($"{root}/{pattern}") : [];

    // Folders whose names match, one '*' a segment, newest version first.
    private IEnumerable<string> Glob(string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
            return [pattern];
        var start = pattern.LastIndexOf('/', star);
        var end = pattern.IndexOf('/', star);
        var (parent, segment, rest) = (
            pattern[..start], end < 0 ? pattern[(start + 1)..] : pattern[(start + 1)..end],
            end < 0 ? "" : pattern[end..]);
        return host.Folders(parent).Where(name => Matches(name, segment)).OrderDescending(NaturalOrder.Instance)
            .SelectMany(name => Glob($"{parent}/{name}{rest}"));
    }

    private static bool Matches(string name, string pattern)
    {
        var parts = pattern.Split('*', 2);
        return parts.Length == 1
            ? name == pattern
            : name.Length >= pattern.Length - 1 && name.StartsWith(parts[0], StringComparison.Ordinal)
                && name.EndsWith(parts[1], StringComparison.Ordinal);
    }

    private static (string Folder, string Name) SplitPath(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? ("/etc", path) : (path[..slash], path[(slash + 1)..]);
    }

    private string? Home(string below) => host.Variable("HOME") is { } home ? home + below : null;

    private IEnumerable<string> Split(string? list) =>
        list?.Split(host.IsWindows ? ';' : ':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        ?? [];

    private void Add(string folder, string origin, bool isExplicit = false)
    {
        var path = folder.Length > 1 ? folder.TrimEnd('/') : folder;
        if (_seen.Add(path))
            _places.Add(new LibraryPlace(path, origin, isExplicit));
    }
}
