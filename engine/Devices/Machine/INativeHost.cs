namespace Flixstock.Engine;

/// <summary>
/// The machine as the search for libraries sees it: environment, folders and the loader. One implementation is this
/// process, others are made up by tests. Paths are written with '/', on Windows too.
/// </summary>
internal interface INativeHost
{
    bool IsWindows { get; }

    /// <summary><c>x86_64</c> or <c>aarch64</c>.</summary>
    string Architecture { get; }

    /// <summary>Folder of the program.</summary>
    string ApplicationFolder { get; }

    /// <summary>An environment variable; null if it is not set or empty.</summary>
    string? Variable(string name);

    /// <summary>Names of all environment variables.</summary>
    IEnumerable<string> VariableNames { get; }

    bool FileExists(string path);

    /// <summary>Names of a folder's files; none if the folder does not exist or is not readable.</summary>
    IEnumerable<string> Files(string folder);

    /// <summary>Names of a folder's folders; none if the folder does not exist or is not readable.</summary>
    IEnumerable<string> Folders(string folder);

    /// <summary>Lines of a text file; none if the file does not exist or is not readable.</summary>
    IEnumerable<string> Lines(string path);

    /// <summary>Path of a library that this process has loaded already; null if it has not.</summary>
    string? Loaded(string fileName);

    /// <summary>
    /// Loads a library by path or bare name. 0 if that fails; <paramref name="problem"/> is the system's text.
    /// </summary>
    nint Load(string path, out string problem);

    /// <summary>Address of a function; 0 if the library has none of that name.</summary>
    nint Export(nint library, string name);

    /// <summary>
    /// Calls <c>CUresult cuDriverGetVersion(int*)</c> at an address; 12040 is CUDA 12.4, 0 that it failed.
    /// </summary>
    int DriverVersion(nint function);

    /// <summary>
    /// Calls <c>size_t cudnnGetCudartVersion(void)</c> at an address: the CUDA version that this cuDNN was built for,
    /// as 12040.
    /// </summary>
    long CudartVersion(nint function);
}
