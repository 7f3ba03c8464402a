using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// Cells of text from files in the CSV files that this program writes. One that a spreadsheet would take for a formula
/// (it begins with <c>= + - @</c>, a tab, a carriage return, or the full-width forms) and that is no number gets an
/// apostrophe before it, which spreadsheets do not show and which is taken off again when such files are read.
/// </summary>
internal static class CsvCell
{
    private const char Apostrophe = '\'';

    // Of the command that runs; commands may run in one process at the same time.
    private static readonly AsyncLocal<bool> RawHere = new();

    /// <summary>
    /// Until this is disposed of, cells are written as they are, if that is asked for: for programs that know nothing
    /// of the apostrophe.
    /// </summary>
    public static IDisposable WriteRaw(bool raw)
    {
        var before = RawHere.Value;
        RawHere.Value = raw;
        return new Scope(before);
    }

    /// <summary>A text as a cell, in quotation marks if it needs them.</summary>
    public static string Of(string value) => Quoted(IsFormula(value) && !RawHere.Value ? Apostrophe + value : value);

    /// <summary>A text as a cell of a file that no spreadsheet is meant to open.</summary>
    public static string Quoted(string value) =>
        value.AsSpan().IndexOfAny(",\"\r\n") < 0
            ? value
            : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>The text of a cell that was written by <see cref="Of"/>, or by hand.</summary>
    public static string Read(string cell) => cell.StartsWith(Apostrophe) && IsFormula(cell) ? cell[1..] : cell;

    // Apostrophes before it are treated the same way, so that those of the text are told from the one added.
    private static bool IsFormula(string value) =>
        value.AsSpan().TrimStart(Apostrophe) is [var first, ..]
        && (first is '=' or '+' or '-' or '@' or '\t' or '\r' or '\uFF1D' or '\uFF0B' or '\uFF0D' or '\uFF20')
        && !(value[0] == first && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _));

    private sealed class Scope(bool before) : IDisposable
    {
        public void Dispose() => RawHere.Value = before;
    }
}
