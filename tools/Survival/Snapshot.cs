using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Flixstock.Engine;
using Google.Protobuf;

namespace Flixstock.Survival;

/// <summary>Digests of all files of a folder, times left out, and its folders.</summary>
internal sealed partial class Snapshot
{
    private static readonly string[] Times = ["seconds", "images_per_second", "seconds_per_epoch", "data_wait"];
    private readonly SortedDictionary<string, string> _entries = new(StringComparer.Ordinal);

    /// <summary>Paths with digests.</summary>
    public IReadOnlyDictionary<string, string> Entries => _entries;

    public static Snapshot Of(string folder)
    {
        var snapshot = new Snapshot();
        foreach (var name in Tree.FoldersOf(folder))
            snapshot._entries[name + "/"] = "";
        foreach (var file in Tree.FilesOf(folder))
            snapshot._entries[file] = Digest(Path.Combine(folder, file));
        return snapshot;
    }

    /// <summary>Without what lies hidden or waits for its name.</summary>
    public Snapshot Finished()
    {
        var snapshot = new Snapshot();
        foreach (var (path, digest) in _entries.Where(entry => !Leftovers.Is(entry.Key)))
            snapshot._entries[path] = digest;
        return snapshot;
    }

    /// <summary>
    /// What is different in another one, by name; <c>+</c> is there only, <c>-</c> is here only. Empty where they are
    /// equal.
    /// </summary>
    public IReadOnlyList<string> DifferencesTo(Snapshot other, IReadOnlySet<string>? except = null) =>
    [
        .. _entries.Where(
            entry => other._entries.GetValueOrDefault(entry.Key) != entry.Value && except?.Contains(entry.Key) != true)
            .Select(entry => (other._entries.ContainsKey(entry.Key) ? "" : "-") + entry.Key),
        .. other._entries.Keys.Where(path => !_entries.ContainsKey(path)).Select(path => "+" + path),
    ];

    private static string Digest(string path)
    {
        if (new FileInfo(path).LinkTarget is { } target)
            return "link " + target;
        var bytes = File.ReadAllBytes(path);
        bytes = Path.GetFileName(path) switch
        {
            "metrics.csv" or "results.csv" => WithoutTimes(Encoding.UTF8.GetString(bytes), ','),
            var name when name.StartsWith("events.out.tfevents", StringComparison.Ordinal) => EventsOf(bytes),
            "tables.md" => WithoutTimes(Encoding.UTF8.GetString(bytes), '|'),
            "result.json" => Encoding.UTF8.GetBytes(Seconds().Replace(Encoding.UTF8.GetString(bytes), "")),
            _ => bytes,
        };
        return Convert.ToHexString(SHA256.HashData(bytes));
    }

    // Without the clock's times, and scalars that depend on them.
    private static byte[] EventsOf(byte[] file) => Encoding.UTF8.GetBytes(string.Join(
        '\n', EventRecords.Read(file).Where(record => record.Entry.Summary is not null).SelectMany(
            record => record.Entry.Summary.Value.Select(
                value => Times.Any(time => value.Tag.EndsWith(time, StringComparison.Ordinal))
                    ? ""
                    : $"{record.Entry.Step} {Convert.ToHexString(value.ToByteArray())}"))));

    // The column of times of a table; of a page with several tables the first row that has one decides.
    private static byte[] WithoutTimes(string text, char separator)
    {
        var rows = text.Split('\n').Select(row => row.Split(separator)).ToList();
        var head = rows.FindIndex(row => row.Any(cell => Times.Contains(cell.Trim())));
        var width = head < 0 ? 0 : rows[head].Length;
        var kept = Enumerable.Range(0, width).Where(column => !Times.Contains(rows[head][column].Trim())).ToList();
        return Encoding.UTF8.GetBytes(string.Join(
            '\n', rows.Select(row => string.Join(separator, row.Length == width ? kept.Select(i => row[i]) : row))));
    }

    [GeneratedRegex("\"seconds\": [0-9.E+-]+")]
    private static partial Regex Seconds();
}

/// <summary>Names of what a command makes on its way and has to take away again.</summary>
internal static class Leftovers
{
    public static bool Is(string path) => path.TrimEnd('/').Split('/').Any(name => name.StartsWith('.')
        || name.EndsWith(".part", StringComparison.Ordinal) || name.EndsWith(".tmp", StringComparison.Ordinal));
}
