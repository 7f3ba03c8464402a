using Flixstock.Engine;

namespace Flixstock.Survival;

/// <summary>Chooses exact points among the calls that a command was seen to make.</summary>
internal static class Points
{
    /// <summary>Runs a command undisturbed and lists its calls below <c>now</c>.</summary>
    public static async Task<IReadOnlyList<(string Kind, string Path)>> Seen(World world, string[] command)
    {
        var log = world.In("calls.log");
        File.Delete(log);
        var outcome = await world.Run(command, null, log);
        if (outcome.Code != 0)
        {
            throw new InvalidOperationException(
                $"undisturbed, flixstock {string.Join(' ', command)} ended with {outcome.Code}: {outcome.Errors}");
        }
        return [.. (await File.ReadAllLinesAsync(log)).Select(line => line.Split('\t'))
            .Where(parts => parts.Length == 2).Select(parts => (parts[0], Point.General(parts[1])))];
    }

    /// <summary>Points before, in and after the calls that change something.</summary>
    /// <param name="calls">As seen.</param>
    /// <param name="folder">Only calls on paths in it count.</param>
    /// <param name="perFile">So many calls of one kind on one file: the first, the last, others at random.</param>
    /// <param name="random">Chooses these.</param>
    public static IReadOnlyList<Point> Of(
        IReadOnlyList<(string Kind, string Path)> calls, string folder, int perFile, SeededRandom random)
    {
        var groups = calls
            .Where(call => call.Kind != "read" && call.Path.StartsWith(folder + "/", StringComparison.Ordinal))
            .GroupBy(call => (call.Kind, Path: Family(call.Path))).Select(group => group.ToList());
        return [.. groups.SelectMany(group => Chosen(group, perFile, random))
            .SelectMany(call => Moments(call.Kind).Select(when => new Point(call.Kind, call.Path, call.Count, when)))];
    }

    // Numbered files are one family: pictures, shards.
    private static string Family(string path) => System.Text.RegularExpressions.Regex.Replace(path, "[0-9]+", "N");

    private static IEnumerable<(string Kind, string Path, int Count)> Chosen(
        List<(string Kind, string Path)> group, int perFile, SeededRandom random)
    {
        var places = new SortedSet<int> { 0, group.Count - 1 };
        while (places.Count < Math.Min(perFile, group.Count))
            places.Add(random.Next(group.Count));
        return places.Take(perFile).Select(place =>
            (group[place].Kind, group[place].Path, 1
                + group.Take(place).Count(call => call.Path == group[place].Path)));
    }

    private static string[] Moments(string kind) => kind switch
    {
        "write" => ["middle"],
        "fsync" or "open" or "truncate" or "mkdir" or "copy" => ["before"],
        _ => ["before", "after"],
    };
}
