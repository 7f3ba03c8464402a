using System.Globalization;

namespace Flixstock.Engine;

/// <summary>The pseudo-labels that a training has given when an epoch ends.</summary>
/// <param name="Epoch">Number of the epoch, from 1.</param>
/// <param name="Unknown">Labels that are not annotated.</param>
/// <param name="Positive">Those that are positive by a pseudo-label.</param>
/// <param name="PositiveKnown">Those of <paramref name="Positive"/> whose truth is known.</param>
/// <param name="PositiveRight">Those of <paramref name="PositiveKnown"/> that are truly positive.</param>
/// <param name="Negative">Labels that are negative by a pseudo-label, soft ones included.</param>
/// <param name="NegativeKnown">Those of <paramref name="Negative"/> whose truth is known.</param>
/// <param name="NegativeRight">Those of <paramref name="NegativeKnown"/> that are truly negative.</param>
internal sealed record SelfLabelEpoch(
    int Epoch, long Unknown, long Positive, long PositiveKnown, long PositiveRight, long Negative, long NegativeKnown,
    long NegativeRight)
{
    private const string Header =
        "epoch,unknown,positive,positive_known,positive_right,negative,negative_known,negative_right";

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InputException">The file is missing or was changed so that it cannot be read.</exception>
    public static IReadOnlyList<SelfLabelEpoch> Read(string path)
    {
        using var table = CsvTable.Open(path, ["epoch"]);
        var places = table.Headings.FindAll(Header.Split(','), column => new InputException($"{path}: not a table of "
            + $"pseudo-labels: the column '{column}' is missing; the first line must be {Header}"));
        var epochs = new List<SelfLabelEpoch>();
        while (table.Read())
            epochs.Add(Of([.. places.Select(table.Integer64)]));
        return epochs;
    }

    /// <summary>Writes a table.</summary>
    public static void Write(string path, IEnumerable<SelfLabelEpoch> epochs) =>
        Files.WriteAtomically(path, $"{Header}\n{ToText(epochs)}");

    /// <summary>A line for each epoch.</summary>
    public static string ToText(IEnumerable<SelfLabelEpoch> epochs) => string.Concat(epochs.Select(e => string.Create(
        CultureInfo.InvariantCulture, $"{e.Epoch},{e.Unknown},{e.Positive},{e.PositiveKnown},{e.PositiveRight},"
            + $"{e.Negative},{e.NegativeKnown},{e.NegativeRight}\n")));

    /// <summary>The reverse of <see cref="ToText"/>.</summary>
    /// <exception cref="FormatException">A line is none of its.</exception>
    public static IEnumerable<SelfLabelEpoch> FromText(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Of(
            [.. line.Split(',').Select(cell => long.Parse(cell, CultureInfo.InvariantCulture))]));

    private static SelfLabelEpoch Of(long[] cells) => cells.Length == Header.Count(c => c == ',') + 1
        ? new((int)cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7])
        : throw new FormatException($"a line of pseudo-labels has {cells.Length} numbers");
}
