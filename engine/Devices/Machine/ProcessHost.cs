using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>This process and its machine.</summary>
internal sealed unsafe class ProcessHost : INativeHost
{
    private static readonly EnumerationOptions Readable = new() { IgnoreInaccessible = true };

    public bool IsWindows => OperatingSystem.IsWindows();

    public string Architecture =>
        RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64
            ? "aarch64"
            : "x86_64";

    public string ApplicationFolder => Slashes(AppContext.BaseDirectory).TrimEnd('/');

    public IEnumerable<string> VariableNames => Environment.GetEnvironmentVariables().Keys.Cast<string>();

    public string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? Slashes(value) : null;

    public bool FileExists(string path) => File.Exists(path);

    public IEnumerable<string> Files(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*", Readable).Select(path => Path.GetFileName(path))
            : [];

    public IEnumerable<string> Folders(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder, "*", Readable).Select(path => Path.GetFileName(path))
            : [];

    public IEnumerable<string> Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The loader, too, continues without a list of folders that it cannot read.
            return [];
        }
    }

    public string? Loaded(string fileName)
    {
        using var process = Process.GetCurrentProcess();
        foreach (ProcessModule module in process.Modules)
        {
            using (module)
            {
                // The map of the process names the target of a link: libcuda.so.535.261.03 for libcuda.so.1.
                var path = Slashes(module.FileName);
                var folder = Path.GetDirectoryName(path) ?? "";
                var linked = Path.Combine(folder, fileName);
                if (Path.GetFileName(path) == fileName
                    || (SameStem(path, fileName) && File.Exists(linked) && RealPath(linked) == path))
                {
                    return Slashes(linked);
                }
            }
        }
        return null;
    }

    public nint Load(string path, out string problem)
    {
        problem = "";
        try
        {
            return NativeLibrary.Load(Path.IsPathRooted(path) ? Path.GetFullPath(path) : path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            problem = LoadersWords(e.Message, path);
            return 0;
        }
    }

    public nint Export(nint library, string name) =>
        NativeLibrary.TryGetExport(library, name, out var address) ? address : 0;

    public int DriverVersion(nint function)
    {
        var version = 0;
        var status = ((delegate* unmanaged<int*, int>)function)(&version);
        return status == 0 ? version : 0;
    }

    public long CudartVersion(nint function) => (long)((delegate* unmanaged<nuint>)function)();

    // .NET puts general advice before what the loader says, which comes last and repeats the path.
    private static string LoadersWords(string message, string path)
    {
        var words = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1];
        return words.StartsWith(path + ": ", StringComparison.Ordinal) ? words[(path.Length + 2)..] : words;
    }

    private static bool SameStem(string path, string fileName) =>
        Path.GetFileName(path).Split('.', '-')[0] == fileName.Split('.', '-')[0];

    private static string RealPath(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName is { } target ? Slashes(target) : path;

    private static string Slashes(string path) => OperatingSystem.IsWindows() ? path.Replace('\\', '/') : path;
}
