namespace Flixstock.Engine;

/// <summary>
/// Reads the name of an enumeration's value. <see cref="Enum.Parse{T}(string)"/> takes any number as well, and lists of
/// names.
/// </summary>
internal static class EnumNames
{
    /// <summary>The value of a name, upper and lower case alike.</summary>
    /// <param name="text">The text that was given.</param>
    /// <param name="what">Name of the setting in messages: <c>resize</c>.</param>
    /// <exception cref="InputException">The text is none of the names; lists them.</exception>
    public static T Parse<T>(string text, string what) where T : struct, Enum
    {
        var place = Array.FindIndex(Enum.GetNames<T>(), name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        return place >= 0
            ? Enum.GetValues<T>()[place]
            : throw new InputException($"{what} '{text}': give one of "
                + $"{string.Join(", ", Enum.GetNames<T>().Select(name => name.ToLowerInvariant()))}");
    }
}
