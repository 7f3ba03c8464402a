using System.Reflection;
using System.Runtime.Loader;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// Flixstock.Web, the assembly of what needs ASP.NET Core. The command itself does not ask for that framework, so that
/// it starts where only .NET is installed; here it is found next to .NET when a command listens.
/// </summary>
internal static class WebParts
{
    private const string Parts = "Flixstock.Web", Framework = "Microsoft.AspNetCore.App";

    private static readonly Lazy<Assembly> Loaded = new(Load);

    /// <summary>Refuses a command that is to listen where it cannot, before it begins with anything else.</summary>
    /// <exception cref="EngineException">The framework is not installed.</exception>
    public static void Require() => _ = Loaded.Value;

    /// <summary>Serves a page on this machine until the result is disposed of.</summary>
    /// <param name="port">TCP port; 0: any that is free.</param>
    /// <param name="page">The page and its version, asked by any thread.</param>
    /// <exception cref="EngineException">The framework is not installed, or the port is in use.</exception>
    public static (IDisposable Server, string Address) Serve(int port, Func<(string Version, string Html)> page)
    {
        var start = Loaded.Value.GetType($"{Parts}.PageServer", throwOnError: true)!.GetMethod("Start")!
            .CreateDelegate<Func<int, Func<(string, string)>, (IDisposable, string)>>();
        try
        {
            return start(port, page);
        }
        catch (IOException e)
        {
            throw new EngineException($"--port {port}: cannot be listened on: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static Assembly Load()
    {
        var own = Path.Combine(AppContext.BaseDirectory, $"{Parts}.dll");
        if (!File.Exists(own))
            throw new EngineException($"{own} is missing: this flixstock was built without what listens");
        var folder = FrameworkFolder(Path.GetDirectoryName(typeof(object).Assembly.Location)!);
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            Path.Combine(folder, $"{name.Name}.dll") is var file && File.Exists(file)
                ? context.LoadFromAssemblyPath(file)
                : null;
        return AssemblyLoadContext.Default.LoadFromAssemblyPath(own);
    }

    /// <summary>Where ASP.NET Core of the same version as .NET is, or the newest of the same major version.</summary>
    /// <param name="runtime">Folder of .NET's own assemblies: DOTNET/shared/Microsoft.NETCore.App/VERSION.</param>
    /// <exception cref="EngineException">It is not installed there.</exception>
    internal static string FrameworkFolder(string runtime)
    {
        var version = Version.TryParse(Path.GetFileName(runtime).Split('-')[0], out var known) ? known : null;
        var all = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(runtime)) ?? "", Framework);
        var found = Directory.Exists(all)
            ? Directory.GetDirectories(all).Select(folder => (
                Folder: folder, Version: Version.TryParse(Path.GetFileName(folder), out var own) ? own : null))
                .Where(entry => entry.Version?.Major == version?.Major)
                .OrderByDescending(entry => entry.Version == version).ThenByDescending(entry => entry.Version)
                .Select(entry => entry.Folder).FirstOrDefault()
            : null;
        return found ?? throw new EngineException($"ASP.NET Core {version?.Major} is not installed ({all}), and only "
            + $"this command needs it; install it (aspnetcore-runtime-{version?.Major}.0), or look at the run with "
            + $"'flixstock report'");
    }
}
