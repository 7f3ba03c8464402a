namespace Flixstock.Engine;

/// <summary>Result of the search for one library.</summary>
/// <param name="Library">The library.</param>
/// <param name="Files">Paths in the order of loading, the last is the one that is called; empty if there is a
/// problem.</param>
/// <param name="Origin">Why its folder was searched.</param>
/// <param name="Rank">Position of its folder in the search; <see cref="int.MaxValue"/> if it was not found.</param>
/// <param name="Explicit">True if the user asked for the folder.</param>
/// <param name="Problem">One line on what is missing; null if nothing is.</param>
internal sealed record LibraryFinding(
    CudaLibrary Library, IReadOnlyList<string> Files, string Origin, int Rank, bool Explicit, string? Problem)
{
    public bool Found => Problem is null;
}

/// <summary>
/// The files to load: NVRTC, cuBLAS and cuDNN of one CUDA major version, and what does not depend on it.
/// </summary>
/// <param name="Major">CUDA major version of the libraries; 0 if there are none.</param>
/// <param name="Findings">One finding for each library.</param>
/// <param name="Places">The folders that were searched, in this order.</param>
internal sealed record LibraryPlan(
    int Major, IReadOnlyDictionary<CudaLibrary, LibraryFinding> Findings, IReadOnlyList<LibraryPlace> Places);

/// <summary>
/// Looks for NVIDIA's libraries by their files alone: loads nothing. All parts of cuBLAS come from one folder, so do
/// all of cuDNN, and NVRTC with its builtins.
/// </summary>
internal sealed class LibrarySearch(INativeHost host)
{
    private static readonly CudaLibrary[] Toolkit = [CudaLibrary.Nvrtc, CudaLibrary.CuBlas, CudaLibrary.CuDnn];

    private readonly IReadOnlyList<LibraryPlace> _places = LibraryPlaces.List(host);

    /// <summary>The best set of files.</summary>
    /// <param name="driverMajor">CUDA major version that the driver supports; null if there is no driver.</param>
    public LibraryPlan Plan(int? driverMajor)
    {
        var sets = LibraryFiles.Majors.Select(
            major => (Major: major, Found: Array.ConvertAll(Toolkit, library => Find(library, major)))).ToList();
        // Someone's explicit folder first, then what the driver can run, then the most complete, then the earliest
        // folder, then the newest. Files of cuDNN have the same names for several versions of CUDA, so that they alone
        // decide nothing.
        var best = sets.OrderByDescending(set => set.Found.Count(finding => finding.Explicit)).ThenByDescending(
            set => (driverMajor is null || set.Major <= driverMajor)
                && set.Found.Any(finding => finding.Found && finding.Library != CudaLibrary.CuDnn))
            .ThenByDescending(set => set.Found.Count(finding => finding.Found))
            .ThenBy(set => set.Found.Min(finding => finding.Rank))
            .ThenByDescending(set => set.Major).First();
        var any = best.Found.Any(finding => finding.Rank < int.MaxValue);
        var toolkit = best.Found.Select(finding => finding.Found
            ? finding
            : any ? MentionOtherMajors(finding, best.Major, sets) : NothingFound(finding, driverMajor));
        var findings = toolkit.Concat(Enum.GetValues<CudaLibrary>().Where(library => !LibraryFiles.HasMajor(library))
            .Select(library => Find(library, 0)));
        return new LibraryPlan(any ? best.Major : 0, findings.ToDictionary(finding => finding.Library), _places);
    }

    /// <summary>The driver's file, which must be asked for its version before the rest is chosen.</summary>
    public LibraryFinding Driver() => Find(CudaLibrary.Driver, 0);

    private LibraryFinding Find(CudaLibrary library, int major)
    {
        LibraryFinding? incomplete = null;
        var alternatives = LibraryFiles.Alternatives(library, major, host.IsWindows);
        for (var rank = 0; rank < _places.Count; rank++)
        {
            foreach (var files in alternatives.Where(files => host.FileExists($"{_places[rank].Folder}/{files[^1]}")))
            {
                var finding = Complete(library, major, files, rank);
                if (finding.Found)
                    return finding;
                incomplete ??= finding;
            }
        }
        return incomplete ?? new LibraryFinding(
            library, [], "", int.MaxValue, Explicit: false, NotFound(library, major, alternatives));
    }

    private LibraryFinding Complete(CudaLibrary library, int major, string[] files, int rank)
    {
        var place = _places[rank];
        var title = LibraryFiles.Title(library);
        string[] companions = library == CudaLibrary.Nvrtc ? Builtins(place.Folder, major) : [];
        var builtins = LibraryFiles.NvrtcBuiltins(major, 0, host.IsWindows)
            .Replace($"{major}.0", $"{major}.*", StringComparison.Ordinal);
        var problem = files.FirstOrDefault(file => !host.FileExists($"{place.Folder}/{file}")) is { } missing
            ? $"{title} in {place.Folder} is incomplete: {missing} is not there; install all of {title} into one folder"
            : library == CudaLibrary.Nvrtc && companions.Length == 0
                ? $"NVRTC in {place.Folder} is incomplete: {builtins} is not there, without which nothing compiles; "
                    + $"{LibraryAdvice.For(library, major)}"
                : OtherBuild(library, major, place.Folder);
        return new LibraryFinding(
            library, problem is null ? [.. companions, .. files.Select(file => $"{place.Folder}/{file}")] : [],
            place.Origin, rank, place.Explicit, problem);
    }

    // Which minor version NVRTC has is known only once it is loaded: all builtins of the folder are loaded, and
    // compared then.
    private string[] Builtins(string folder, int major) =>
        [.. host.Files(folder).Where(file => LibraryFiles.IsNvrtcBuiltins(file, major, host.IsWindows))
            .Order(NaturalOrder.Instance).Select(file => $"{folder}/{file}")];

    // cuDNN 9 has the same file names for every CUDA version; pip records the version next to the wheel:
    // nvidia_cudnn_cu12-9.6.0.74.dist-info.
    private string? OtherBuild(CudaLibrary library, int major, string folder)
    {
        var end = folder.IndexOf("/nvidia/cudnn/", StringComparison.Ordinal);
        if (library != CudaLibrary.CuDnn || end < 0)
            return null;
        const string Start = "nvidia_cudnn_cu";
        var builds = host.Folders(folder[..end]).Where(name => name.StartsWith(Start, StringComparison.Ordinal))
            .Select(name => new string([.. name[Start.Length..].TakeWhile(char.IsAsciiDigit)]))
            .Distinct(StringComparer.Ordinal).ToList();
        return builds.Count == 0 || builds.Contains($"{major}")
            ? null
            : $"cuDNN in {folder} is built for CUDA {builds[0]}, the other libraries are CUDA {major}; "
                + $"{LibraryAdvice.For(library, major)}";
    }

    private string NotFound(CudaLibrary library, int major, IReadOnlyList<string[]> alternatives) =>
        $"{LibraryFiles.Title(library)} was not found: no "
        + $"{string.Join(" or ", alternatives.Select(files => files[^1]))} in the {_places.Count} folders searched; "
        + $"{LibraryAdvice.For(library, major)}";

    // If there is nothing yet, any version will do.
    private LibraryFinding NothingFound(LibraryFinding missing, int? driverMajor) => missing with
    {
        Problem = NotFound(
            missing.Library,
            driverMajor is { } major && LibraryFiles.Majors.Contains(major) ? major : LibraryFiles.Majors[0],
            [.. LibraryFiles.Majors.SelectMany(known => LibraryFiles.Alternatives(
                missing.Library, known, host.IsWindows)).DistinctBy(files => files[^1])]),
    };

    private static LibraryFinding MentionOtherMajors(
        LibraryFinding missing, int major, List<(int Major, LibraryFinding[] Found)> sets)
    {
        if (missing.Rank < int.MaxValue)
            return missing;
        var others = sets.Where(set => set.Major != major).SelectMany(set => set.Found)
            .Where(other => other.Library == missing.Library && other.Found).ToList();
        if (others.Count == 0 || !sets.Single(set => set.Major == major).Found.Any(finding => finding.Found))
            return missing;
        return missing with
        {
            Problem = $"{LibraryFiles.Title(missing.Library)} was not found for CUDA {major}: {others[0].Files[^1]} is "
                + $"of another major version, and versions are not mixed; {LibraryAdvice.For(missing.Library, major)}",
        };
    }
}
