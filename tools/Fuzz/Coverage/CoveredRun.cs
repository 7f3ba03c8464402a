using System.Reflection;
using System.Runtime.Loader;

namespace Flixstock.Fuzz;

/// <summary>A fuzz run on a copy of the engine that counts the readers' branches. The copy lives in memory, beside the engine that this process has loaded.</summary>
public static class CoveredRun
{
    private const string EngineName = "Flixstock.Engine";

    private sealed class ProbedContext(string toolPath, byte[] engine) : AssemblyLoadContext("probed", isCollectible: false)
    {
        protected override Assembly? Load(AssemblyName assemblyName) => assemblyName.Name == EngineName
            ? LoadFromStream(new MemoryStream(engine))
            : assemblyName.Name == Path.GetFileNameWithoutExtension(toolPath) ? LoadFromAssemblyPath(toolPath) : null;
    }

    /// <summary>As <see cref="FuzzRun.Run"/>.</summary>
    /// <returns>The report's text, its failures, and which branches were gone.</returns>
    public static (string Report, IReadOnlyList<string> Failures, BranchCoverage Coverage) Run(string folder, int first, int count, bool timed = true)
    {
        var tool = typeof(CoveredRun).Assembly;
        var probed = new ProbedAssembly(Path.Combine(Path.GetDirectoryName(tool.Location)!, $"{EngineName}.dll"), BranchCoverage.IsReader);
        var inside = new ProbedContext(tool.Location, probed.Bytes).LoadFromAssemblyName(tool.GetName()).GetType(typeof(CoveredRun).FullName!)!
            .GetMethod(nameof(RunInside), BindingFlags.NonPublic | BindingFlags.Static)!;
        var (report, failures) = ((string, List<string>))inside.Invoke(null, [folder, first, count, timed])!;
        return (report, failures, new BranchCoverage(probed.Counts));
    }

    // Called in the copy of this tool that uses the copy of the engine: types of both must not cross.
    private static (string Report, List<string> Failures) RunInside(string folder, int first, int count, bool timed)
    {
        var report = new FuzzRun(FuzzSeeds.Load(folder)).Run(first, count, timed);
        return (report.ToString(), report.Failures);
    }
}
