using System.ComponentModel;
using System.Diagnostics;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// A package of the system's package manager, downloaded and unpacked into a temporary folder without being installed.
/// </summary>
internal sealed class SystemPackage : IDisposable
{
    private SystemPackage(string folder) => Folder = folder;

    /// <summary>The folder that stands for the root of the file system.</summary>
    public string Folder { get; }

    /// <summary>Downloads a package; nobody has to be root for it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="name">Name of the package.</param>
    /// <exception cref="InputException">There is no such package manager, or it does not have the package.</exception>
    public static SystemPackage Download(Session session, string name)
    {
        var package = new SystemPackage(Directory.CreateTempSubdirectory("flixstock-package-").FullName);
        try
        {
            session.Terminal.Remark($"downloading the package {name}");
            Run(session, package.Folder, name, "apt-get", "download", name);
            var file = Directory.GetFiles(package.Folder, "*.deb").FirstOrDefault()
                ?? throw new InputException($"apt-get download {name}: it ended without a package; {Otherwise(name)}");
            Run(session, package.Folder, name, "dpkg-deb", "-x", file, package.Folder);
            return package;
        }
        catch
        {
            package.Dispose();
            throw;
        }
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static void Run(Session session, string folder, string name, string program, params string[] arguments)
    {
        using var process = Start(folder, name, program, arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var stop = session.Cancellation.Register(process.Kill);
        process.WaitForExit();
        session.Cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
        {
            var said = (error.Result + output.Result).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            throw new InputException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}: "
                + $"{Terminal.OneLine(said.LastOrDefault() ?? "it said nothing")}; {Otherwise(name)}");
        }
    }

    private static Process Start(string folder, string name, string program, string[] arguments)
    {
        var file = ProgramSearch.Find(program, Environment.GetEnvironmentVariable("PATH"))
            ?? throw new InputException($"{program}: there is no such program here; {Otherwise(name)}");
        try
        {
            return ProgramSearch.Start(file, folder, arguments);
        }
        catch (Win32Exception e)
        {
            throw new InputException($"{program}: cannot be started ({e.Message}); {Otherwise(name)}", e);
        }
    }

    private static string Otherwise(string name) =>
        $"install {name}, or get the files and name their folder with --files";
}
