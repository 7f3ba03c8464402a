using System.Text.RegularExpressions;

namespace Flixstock.KernelLab;

/// <summary>A kernel as PTX declares it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ParameterBytes">Size of each parameter.</param>
internal sealed partial record PtxEntry(string Name, IReadOnlyList<int> ParameterBytes)
{
    /// <summary>Every <c>.entry</c> of a PTX text.</summary>
    public static IReadOnlyList<PtxEntry> Parse(string ptx) =>
    [
        .. Entries().Matches(ptx).Select(entry => new PtxEntry(
            entry.Groups["name"].Value,
            [.. Parameters().Matches(entry.Groups["parameters"].Value).Select(parameter => int.Parse(
                parameter.Groups["bits"].Value, System.Globalization.CultureInfo.InvariantCulture) / 8)])),
    ];

    [GeneratedRegex(
        @"\.entry\s+(?<name>\w+)\s*\((?<parameters>[^)]*)\)", RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Entries();

    [GeneratedRegex(@"\.param\s+\.[a-z](?<bits>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Parameters();
}
