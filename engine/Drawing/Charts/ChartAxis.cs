using System.Globalization;

namespace Flixstock.Engine;

/// <summary>The range of a chart's axis, and the round numbers on it.</summary>
/// <param name="Low">The value at its beginning.</param>
/// <param name="High">The value at its end; above <paramref name="Low"/>.</param>
/// <param name="Logarithmic">Equal distances are equal ratios; both ends are above 0.</param>
internal sealed record ChartAxis(double Low, double High, bool Logarithmic = false)
{
    /// <summary>Largest number of ticks, about.</summary>
    public int MostTicks { get; init; } = 5;

    /// <summary>Only whole numbers are written, as of epochs.</summary>
    public bool Whole { get; init; }

    /// <summary>What is said about the values, as <c>mAP, %</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>From 0 to 1.</summary>
    public static ChartAxis OfShares(string name) => new(0, 1) { Name = name };

    /// <summary>An axis from 0, or from the least of the values, to the largest.</summary>
    /// <param name="values">The values; those that are not finite do not count.</param>
    /// <param name="name">What is said about them.</param>
    /// <param name="zero">Begin at 0 where no value is below it.</param>
    public static ChartAxis Around(IEnumerable<double> values, string name, bool zero = false)
    {
        var finite = values.Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (finite.Min(), finite.Max());
        if (zero && low >= 0)
            low = 0;
        // A range of nothing is widened.
        var space = high > low ? (high - low) * 0.06 : high == 0 ? 1 : Math.Abs(high) * 0.1;
        return new ChartAxis(low == 0 && zero ? 0 : low - space, high + space) { Name = name };
    }

    /// <summary>A logarithmic axis of the values above 0.</summary>
    public static ChartAxis Ratios(IEnumerable<double> values, string name)
    {
        var finite = values.Where(value => double.IsFinite(value) && value > 0).DefaultIfEmpty(1).ToList();
        return new ChartAxis(finite.Min() / 1.3, finite.Max() * 1.3, Logarithmic: true) { Name = name };
    }

    /// <summary>Where a value is: 0 at the beginning, 1 at the end.</summary>
    public double At(double value) => Logarithmic
        ? Math.Log(value / Low) / Math.Log(High / Low)
        : (value - Low) / (High - Low);

    /// <summary>Round numbers within the range, and how they are written.</summary>
    public IEnumerable<(double Value, string Text)> Ticks() => Logarithmic ? Decades() : Steps();

    /// <summary>A number as short as it is worth reading.</summary>
    public static string Text(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 0.001 or >= 1e6 => value.ToString("0.##e0", CultureInfo.InvariantCulture),
        < 1 => value.ToString("0.####", CultureInfo.InvariantCulture),
        < 100 => value.ToString("0.##", CultureInfo.InvariantCulture),
        _ => value.ToString("0", CultureInfo.InvariantCulture),
    };

    private IEnumerable<(double Value, string Text)> Steps()
    {
        var rough = (High - Low) / MostTicks;
        var size = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = (rough / size) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * size;
        step = Whole ? Math.Max(1, step) : step;
        for (var i = Math.Ceiling((Low / step) - 1e-9); (i * step) <= High + (step * 1e-9); i++)
            yield return (i * step, Text(i * step));
    }

    private IEnumerable<(double Value, string Text)> Decades()
    {
        var (first, last) = ((int)Math.Floor(Math.Log10(Low)), (int)Math.Ceiling(Math.Log10(High)));
        double[] within = last - first > 3 ? [1] : High / Low > 5 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7];
        foreach (var value in Enumerable.Range(first, last - first + 1).SelectMany(
            decade => within.Select(part => part * Math.Pow(10, decade))))
        {
            if (value >= Low && value <= High)
                yield return (value, Text(value));
        }
    }
}
