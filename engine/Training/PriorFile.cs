using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// Class priors on disk. Ours: <c>index,name,prior</c>, one row per class. The reference project's: a heading, then <c>name,value</c>, which is
/// read by position, because its published file gives several classes the same name.
/// </summary>
public static class PriorFile
{
    private const string Heading = "index,name,prior";

    /// <summary>Writes a prior, whole or not at all.</summary>
    public static void Write(string path, IReadOnlyList<float> prior, IReadOnlyList<string> classNames)
    {
        var text = new StringBuilder(Heading).Append('\n');
        for (var k = 0; k < prior.Count; k++)
            text.Append($"{k},{Quoted(classNames[k])},{prior[k]:g9}\n");
        Files.WriteAtomically(path, text.ToString());
    }

    /// <summary>Reads either format. A value that is missing or not a number becomes NaN, which is never above a threshold.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="classes">Number of classes of the network.</param>
    /// <returns>[classes], and one line about something odd, or null.</returns>
    /// <exception cref="InputException">The file cannot be read, or has another number of classes.</exception>
    public static (float[] Prior, string? Warning) Read(string path, int classes)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
        var rows = lines.Skip(1).Select(Fields).Where(row => row.Any(field => field.Length > 0)).ToList();
        var own = lines.Length > 0 && lines[0].Trim() == Heading;
        var prior = own ? ByIndex(path, rows, classes) : ByPosition(path, rows, classes);
        var warnings = new List<string>();
        var repeated = rows.Select(row => row[Math.Min(own ? 1 : 0, row.Count - 1)]).GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (!own && repeated is not null)
            warnings.Add($"'{repeated.Key}' names {repeated.Count()} rows; rows were taken by position");
        if (prior.Any(float.IsNaN))
            warnings.Add($"{prior.Count(float.IsNaN)} classes have no value and are never left out");
        return (prior, warnings.Count == 0 ? null : $"{path}: {string.Join("; ", warnings)}");
    }

    private static float[] ByPosition(string path, List<List<string>> rows, int classes)
    {
        // A last row with a name and no value stands in a published file of the reference project behind the classes it has.
        while (rows.Count > classes && float.IsNaN(Number(rows[^1])))
            rows.RemoveAt(rows.Count - 1);
        RequireCount(path, rows.Count, classes);
        return [.. rows.Select(Number)];
    }

    private static float[] ByIndex(string path, List<List<string>> rows, int classes)
    {
        RequireCount(path, rows.Count, classes);
        var prior = new float[classes];
        var seen = new bool[classes];
        foreach (var row in rows)
        {
            if (!int.TryParse(row[0], out var index) || index < 0 || index >= classes || seen[index])
                throw new InputException($"{path}: '{row[0]}' is not a class index from 0 to {classes - 1} that occurs once");
            prior[index] = Number(row);
            seen[index] = true;
        }
        return prior;
    }

    private static void RequireCount(string path, int rows, int classes)
    {
        if (rows != classes)
            throw new InputException($"{path}: holds priors of {rows} classes, the network has {classes}");
    }

    private static float Number(List<string> row) => row.Count > 1 && float.TryParse(row[^1], out var value) ? value : float.NaN;

    private static string Quoted(string name) => name.AsSpan().IndexOfAny(",\"\n") < 0 ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static List<string> Fields(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
                field.Append(line[i++]);
            else if (line[i] == '"')
                quoted = !quoted;
            else if (line[i] == ',' && !quoted)
                Finish();
            else
                field.Append(line[i]);
        }
        Finish();
        return fields;

        void Finish()
        {
            fields.Add(field.ToString().Trim());
            field.Clear();
        }
    }
}
