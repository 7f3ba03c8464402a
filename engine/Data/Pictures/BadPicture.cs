namespace Flixstock.Engine;

/// <summary>A picture of a data set that cannot be read.</summary>
/// <param name="Part">train, val or test; empty if there are no parts.</param>
/// <param name="File">File name as in the labels.</param>
/// <param name="Problem">What is wrong with it: "the picture is truncated".</param>
public sealed record BadPicture(string Part, string File, string Problem)
{
    private const int MostNamed = 5;

    /// <summary>
    /// The picture with its part and what is wrong: <c>val/red/t3.jpg (the picture is truncated)</c>.
    /// </summary>
    public override string ToString() =>
        $"{(Part.Length == 0 || File.StartsWith($"{Part}/", StringComparison.Ordinal) ? "" : $"{Part}: ")}{File} "
        + $"({Problem})";

    /// <summary>Names the first few of several, and the number of the others.</summary>
    public static string Describe(IReadOnlyCollection<BadPicture> bad) =>
        string.Join(", ", bad.Take(MostNamed)) + (bad.Count > MostNamed ? $" and {bad.Count - MostNamed} more" : "");
}

/// <summary>
/// Collects the pictures that cannot be read while a data set is scored, up to a limit, instead of failing at the
/// first. Safe for several threads.
/// </summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="most">At most this many may be left out.</param>
public sealed class BadPictures(int most)
{
    private readonly SortedDictionary<int, BadPicture> _found = [];

    /// <summary>Pictures found so far, by index in the data set.</summary>
    public IReadOnlyDictionary<int, BadPicture> Found => _found;

    /// <summary>Notes a picture.</summary>
    /// <param name="place">Index in the data set.</param>
    /// <param name="failure">What is wrong with it.</param>
    /// <exception cref="InputException">It is one more than may be left out.</exception>
    internal void Add(int place, PictureException failure)
    {
        lock (_found)
        {
            _found[place] = new BadPicture("", failure.Sample?.File ?? failure.Picture, failure.Problem);
            if (_found.Count <= most)
                return;
            throw most == 0
                ? new InputException(
                    $"{failure.Wording}, or leave up to N such pictures out with {Term.BadPictures("N")} "
                        + $"({Term.DatasetChecker} finds all)",
                    failure)
                : new InputException(
                    $"more than {most} pictures cannot be read: {BadPicture.Describe(_found.Values)}; replace or "
                        + $"remove them, or allow more with {Term.BadPictures("N")} ({Term.DatasetChecker} finds all)",
                    failure);
        }
    }
}
