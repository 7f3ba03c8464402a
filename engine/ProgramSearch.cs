using System.Diagnostics;

namespace Flixstock.Engine;

/// <summary>
/// Finds other programs as a shell does: in the folders of PATH, and only there. The framework would start a file of
/// that name in the current folder first.
/// </summary>
internal static class ProgramSearch
{
    /// <summary>The full path of a program; null if there is none.</summary>
    /// <param name="name">Its name, without <c>.exe</c>.</param>
    /// <param name="path">Where to look, as in the environment variable PATH.</param>
    public static string? Find(string name, string? path)
    {
        var file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        return (path ?? "").Split(Path.PathSeparator).Where(Path.IsPathFullyQualified)
            .Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }

    /// <summary>Starts a program whose output is read here, and which has nothing to read itself.</summary>
    /// <param name="file">The program, as <see cref="Find"/> has found it.</param>
    /// <param name="folder">The folder it is started in.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started, or the folder is gone.</exception>
    public static Process Start(string file, string folder, IEnumerable<string> arguments)
    {
        var process = Process.Start(new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        // A question would never be answered.
        process.StandardInput.Close();
        return process;
    }
}
