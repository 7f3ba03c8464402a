using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// One of several divisions into training and validation pictures, for cross-validation: the pictures of both parts are
/// dealt out into <paramref name="Count"/> folds, of which one is validated on and the others are trained on.
/// </summary>
/// <param name="Index">The fold to validate on, from 1.</param>
/// <param name="Count">Number of folds, from 2.</param>
public sealed record DataFold(int Index, int Count)
{
    private const int Most = 100;

    /// <summary>The fold as people write it: <c>2/5</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="InputException">It is not written so, or there is no such fold.</exception>
    public static DataFold Parse(string text)
    {
        static bool Number(string word, out int number) =>
            int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        return text.Split('/') is [var index, var count] && Number(index, out var i) && Number(count, out var n)
            && n is >= 2 and <= Most && i >= 1 && i <= n
            ? new DataFold(i, n)
            : throw new InputException($"{Term.Fold} {text}: write the fold to validate on and the number of folds, "
                + $"2 to {Most}, as 1/5");
    }
}
