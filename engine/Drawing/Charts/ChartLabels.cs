namespace Flixstock.Engine;

/// <summary>Names at the ends of lines, moved apart where they would cover each other.</summary>
internal static class ChartLabels
{
    /// <summary>
    /// Height of a line of text and the space that a character takes, in pixels, at the larger size of small screens.
    /// </summary>
    public const double LineHeight = 15, CharacterWidth = 7.8;

    /// <summary>The space that a character takes where text is never larger, as in files.</summary>
    public const double SmallCharacterWidth = 6.9;

    /// <summary>The space that a character of a title takes.</summary>
    public const double TitleCharacterWidth = 9.3;

    private const int Longest = 20;

    /// <summary>The name, shortened to what fits next to a chart.</summary>
    /// <param name="name">Any text.</param>
    /// <param name="longest">Number of characters that fit.</param>
    public static string Short(string name, int longest = Longest) => name.Length <= longest ? name : string.Concat(
        name.AsSpan(0, char.IsHighSurrogate(name[longest - 2]) ? longest - 2 : longest - 1), "…");

    /// <summary>Places in the order given, each at least a line from the others and within the range.</summary>
    /// <param name="wanted">Where the lines end, in pixels.</param>
    /// <param name="low">The uppermost place.</param>
    /// <param name="high">The lowest place.</param>
    public static double[] Spread(IReadOnlyList<double> wanted, double low, double high)
    {
        var order = Enumerable.Range(0, wanted.Count).OrderBy(i => wanted[i]).ToArray();
        var places = new double[wanted.Count];
        var least = low;
        foreach (var i in order)
        {
            places[i] = Math.Max(wanted[i], least);
            least = places[i] + LineHeight;
        }
        var most = high;
        foreach (var i in order.Reverse())
        {
            places[i] = Math.Min(places[i], most);
            most = places[i] - LineHeight;
        }
        return places;
    }
}
