using System.Diagnostics;

namespace Flixstock.Survival;

/// <summary>
/// The library that is loaded into a command before everything else and strikes at an exact call; made by gcc when it
/// is needed.
/// </summary>
internal static class FaultLibrary
{
    /// <summary>Compiles the library.</summary>
    /// <param name="folder">Where it goes.</param>
    /// <param name="missing">What is missing, in one line; empty where nothing is.</param>
    /// <returns>The library's file; null where it cannot be made.</returns>
    public static string? Make(string folder, out string missing)
    {
        var (source, library) = (Path.Combine(folder, "fault.c"), Path.Combine(folder, "fault.so"));
        using (var code = typeof(FaultLibrary).Assembly.GetManifestResourceStream("fault.c")!)
        using (var file = File.Create(source))
        {
            code.CopyTo(file);
        }
        try
        {
            using var compiler = Process.Start(
                new ProcessStartInfo("gcc", ["-O2", "-shared", "-fPIC", "-o", library, source, "-ldl"])
                {
                    UseShellExecute = false,
                    RedirectStandardError = true,
                })!;
            var said = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            missing = compiler.ExitCode == 0
                ? ""
                : $"gcc cannot compile the library that strikes at exact calls: {said.Split('\n')[0]}";
            return compiler.ExitCode == 0 ? library : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            missing = "gcc is not installed: no exact points, only random moments";
            return null;
        }
    }
}
