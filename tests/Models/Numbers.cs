namespace Flixstock.Tests;

/// <summary>Tolerances of the golden page, and comparisons that say where they fail.</summary>
internal static class Numbers
{
    private static readonly Lazy<Dictionary<string, (double Error, double Largest)>> Noise = new(ReadNoise);

    /// <summary>
    /// The golden page's tolerance for single precision: ten times the noise of a float32 run, and 1e-6 of the largest
    /// value.
    /// </summary>
    public static double Tolerance(string file, string tensor)
    {
        var (error, largest) = Noise.Value[file + "/" + tensor];
        return 10 * error + 1e-6 * largest;
    }

    /// <summary>A line about the worst entry if it is off by more than the tolerance.</summary>
    public static string? Compare(
        string name, IReadOnlyList<float> actual, IReadOnlyList<float> expected, double tolerance)
    {
        if (actual.Count != expected.Count)
            return $"{name}: {actual.Count} values, expected {expected.Count}";
        var (worst, index) = (-1.0, -1);
        for (var i = 0; i < actual.Count; i++)
        {
            var error = Math.Abs((double)actual[i] - expected[i]);
            if (error > worst || double.IsNaN(error))
                (worst, index) = (error, i);
            if (double.IsNaN(error))
                break;
        }
        return worst <= tolerance
            ? null
            : $"{name}[{index}]: {actual[index]}, expected {expected[index]}, off by {worst:g3}, tolerance "
                + $"{tolerance:g3}";
    }

    public static double Largest(IReadOnlyList<float> values) => values.Max(value => Math.Abs((double)value));

    private static Dictionary<string, (double, double)> ReadNoise() =>
        Golden.Json("model/noise.json").GetProperty("tensors").EnumerateObject().ToDictionary(
            entry => entry.Name, entry => (entry.Value[0].GetDouble(), entry.Value[1].GetDouble()),
            StringComparer.Ordinal);
}
