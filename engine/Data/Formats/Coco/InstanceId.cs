using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// The id of an image or a category: a whole number (also <c>1.0</c>), or any text. A text that is a whole number is
/// that number, since tools write <c>"1"</c> in one list and <c>1</c> in the other.
/// </summary>
#pragma warning disable MA0097 // sorted by, never compared with <
internal readonly record struct InstanceId(long Number, string? Text = null) : IComparable<InstanceId>
#pragma warning restore MA0097
{
    public static implicit operator InstanceId(long number) => new(number);

    /// <summary>The id that a text writes.</summary>
    public static InstanceId Of(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number.ToString(CultureInfo.InvariantCulture) == text
            ? new InstanceId(number)
            : new InstanceId(0, text);

    /// <summary>Numbers before texts, numbers by value, texts by their characters.</summary>
    public int CompareTo(InstanceId other) => (Text, other.Text) switch
    {
        (null, null) => Number.CompareTo(other.Number),
        (null, _) => -1,
        (_, null) => 1,
        _ => string.CompareOrdinal(Text, other.Text),
    };

    public override string ToString() => Text is null ? Number.ToString(CultureInfo.InvariantCulture) : $"'{Text}'";
}
