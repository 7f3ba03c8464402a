using System.Globalization;
using System.Text;

namespace Flixstock.Fuzz;

/// <summary>
/// Which ways out of the readers' conditional branches a run has gone, counted in the compiled code. A condition of several parts has a branch for each;
/// the compiler's own, without a line of source, are left out.
/// </summary>
public sealed class BranchCoverage
{
    private readonly List<(Way Way, long Count)> _ways, _methods;

    internal BranchCoverage(IEnumerable<(Way Way, long Count)> counts)
    {
        var all = counts.ToList();
        _ways = [.. all.Where(item => item.Way.To is not null)];
        _methods = [.. all.Where(item => item.Way.To is null)];
    }

    /// <summary>Ways out of branches.</summary>
    public int Ways => _ways.Count;

    /// <summary>Those that were gone at least once.</summary>
    public int Taken => _ways.Count(item => item.Count > 0);

    /// <summary>True for the source files whose branches count: everything that reads .pth and .safetensors, nothing that writes.</summary>
    public static bool IsReader(string file)
    {
        var (name, folder) = (Path.GetFileName(file), Path.GetFileName(Path.GetDirectoryName(file)));
        return folder == "Torch" ? !name.Contains("Writ", StringComparison.Ordinal)
            : folder == "Weights"
                && name is "SafetensorsFile.cs" or "SafetensorsFile.Read.cs" or "WeightsFile.cs" or "WeightsFile.Torch.cs"
                or "WeightsChoice.cs" or "WeightsEntry.cs"
                or "NetworkNames.cs" or "ForeignFile.cs" or "ShardIndex.cs";
    }

    /// <summary>A table by file, and the ways and methods that nothing went.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("branches of the readers: file, ways, gone\n");
        foreach (var file in _ways.GroupBy(item => item.Way.File).OrderBy(group => group.Key, StringComparer.Ordinal))
            Line(text, file.Key, [.. file]);
        Line(text, "all", _ways);
        var never = _ways.Where(item => item.Count == 0).Select(item => item.Way).ToList();
        text.Append(CultureInfo.InvariantCulture, $"never gone: {never.Count} ways\n");
        foreach (var way in never.OrderBy(way => way.File, StringComparer.Ordinal).ThenBy(way => way.Line))
            text.Append(CultureInfo.InvariantCulture, $"  {way.File}:{way.Line} to {(way.To > 0 ? $"line {way.To}" : "code of the compiler")} ({way.Method}, {way.Code})\n");
        var unused = _methods.Where(item => item.Count == 0).Select(item => item.Way.Method).Where(name => !name.Contains(".get_", StringComparison.Ordinal) && !name.Contains(".set_", StringComparison.Ordinal)).ToList();
        return text.Append(CultureInfo.InvariantCulture, $"never called: {unused.Count} of {_methods.Count} methods: {string.Join(", ", unused)}").ToString();
    }

    private static void Line(StringBuilder text, string name, List<(Way Way, long Count)> ways)
    {
        var taken = ways.Count(item => item.Count > 0);
        text.Append(CultureInfo.InvariantCulture, $"  {name,-26} {ways.Count,5} {taken,5} {100.0 * taken / ways.Count,6:0.0} %\n");
    }
}
