using System.Globalization;
using System.Text.RegularExpressions;

namespace Flixstock.Survival;

/// <summary>Where in a command's calls to the file system something happens to it.</summary>
/// <param name="Kind">
/// Of call: open, read (opened to read), rename, unlink, mkdir, rmdir, write, fsync, truncate, copy; several with
/// commas.
/// </param>
/// <param name="Path">Which paths: absolute, <c>*</c> for what differs from run to run.</param>
/// <param name="Count">At which of these calls, from 1.</param>
/// <param name="When">before, middle (half of a write is done) or after.</param>
internal sealed partial record Point(string Kind, string Path, int Count, string When)
{
    /// <summary>As a person reads it, with paths below the work folder.</summary>
    public string Text(string folder) =>
        $"{When} {Kind} {Path.Replace(folder + "/", "", StringComparison.Ordinal)} #{Count}";

    /// <summary>A path without what differs from run to run: process numbers and random names.</summary>
    public static string General(string path) => Differing().Replace(path, "*");

    [GeneratedRegex(
        @"[0-9]+-[0-9a-f]+-[0-9a-f]{8}-[0-9a-f]{12}|[0-9]+-[0-9a-f]{32}|[0-9a-f]{32}|(?<=\.png\.)[0-9]+\.[0-9]+(?=\.tmp)")]
    private static partial Regex Differing();
}

/// <summary>What happens at a point.</summary>
internal sealed record Fault(Point Point, int Signal = 0, int Error = 0, bool Onwards = false)
{
    public const int Kill = 9, Interrupt = 2, Terminate = 15, HangUp = 1;

    /// <summary>Numbers of errors, as Linux has them.</summary>
    public static readonly IReadOnlyDictionary<string, int> Errors = new Dictionary<string, int>
    {
        ["EIO"] = 5,
        ["EACCES"] = 13,
        ["ENOSPC"] = 28,
        ["EROFS"] = 30,
        ["EDQUOT"] = 122,
    };

    /// <summary>For the preloaded library.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["SURVIVAL_KINDS"] = Point.Kind,
        ["SURVIVAL_PATTERN"] = Point.Path,
        ["SURVIVAL_AT"] = Point.Count.ToString(CultureInfo.InvariantCulture),
        ["SURVIVAL_WHEN"] = Point.When,
        ["SURVIVAL_SIGNAL"] = Signal.ToString(CultureInfo.InvariantCulture),
        ["SURVIVAL_ERRNO"] = Error.ToString(CultureInfo.InvariantCulture),
        ["SURVIVAL_ONWARDS"] = Onwards ? "1" : "0",
    };
}
