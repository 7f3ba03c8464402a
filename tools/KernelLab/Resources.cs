using System.Globalization;
using System.Text.RegularExpressions;

namespace Flixstock.KernelLab;

/// <summary>What ptxas says an entry takes.</summary>
/// <param name="Entry">Its name.</param>
/// <param name="Registers">Of a thread.</param>
/// <param name="SharedBytes">Static shared memory of a block.</param>
/// <param name="SpilledBytes">Stores and loads of registers that did not fit: 0, or the kernel is slow.</param>
internal sealed partial record Resources(string Entry, int Registers, int SharedBytes, int SpilledBytes)
{
    /// <summary>From the log of <c>--ptxas-options=-v</c>.</summary>
    public static IReadOnlyList<Resources> Parse(string log) =>
    [
        .. Entries().Matches(log).Select(match => new Resources(
            match.Groups["name"].Value, Number(match.Groups["registers"]),
            match.Groups["shared"].Success ? Number(match.Groups["shared"]) : 0,
            Number(match.Groups["stores"]) + Number(match.Groups["loads"]))),
    ];

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"entry function '(?<name>\w+)'[^\n]*\n.*?(?<stores>\d+) bytes spill stores, (?<loads>\d+) bytes spill "
            + @"loads.*?Used (?<registers>\d+) registers(?:[^\n]*?(?<shared>\d+) bytes smem)?",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Entries();
}
