using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// Numbers as cells of a CSV file hold them: <c>0.9</c>, <c>6.0</c>, <c>1e-3</c>, with a point in every country.
/// </summary>
internal static class CellNumber
{
    /// <summary>The number in a cell; false if it is not a finite number.</summary>
    public static bool TryParse(string cell, out double value) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    /// <summary>Same as <see cref="TryParse"/>, but also accepts NaN and Infinity.</summary>
    public static bool IsWritten(string cell, out double value) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    /// <summary>
    /// True if people would call it a number, also one that is not read: <c>0,9</c>, <c>1e400</c>, <c>inf</c>.
    /// </summary>
    public static bool IsLike(string cell) =>
        IsWritten(cell, out _) || Hint(cell).Length > 0
        || cell.TrimStart('+', '-').Equals("inf", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// What to write instead, for messages: <c> (0.9, with a point)</c>; empty unless the cell is a number with a
    /// decimal comma.
    /// </summary>
    public static string Hint(string cell) =>
        cell.Count(c => c == ',') == 1 && cell.IndexOf('.') < 0 && TryParse(cell.Replace(',', '.'), out _)
            ? $" ({cell.Replace(',', '.')}, with a point)"
            : "";
}
