using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The names that <c>profile --kernel</c> accepts.</summary>
internal static class OperationNames
{
    private const int Shown = 5;

    private static readonly string[] All = [.. typeof(IKernels).GetMethods().Select(method => method.Name).Distinct()
        .Order(StringComparer.Ordinal)];

    /// <summary>Looks at the name before anything is measured.</summary>
    /// <exception cref="InputException">No operation's name contains it; names those that are nearest.</exception>
    public static void Require(string part)
    {
        if (!All.Any(name => name.Contains(part, StringComparison.OrdinalIgnoreCase)))
        {
            throw new InputException(
                $"--kernel {part}: no operation has that in its name; near: {string.Join(", ", Nearest(part, All))}");
        }
    }

    /// <summary>An operation that there is, but not in the step that was asked for.</summary>
    public static InputException NotInStep(string part, IEnumerable<string> present) =>
        new($"--kernel {part}: this step has no such operation; it has "
            + $"{string.Join(", ", present.Distinct().Order(StringComparer.Ordinal))}");

    // By pairs of letters in common, which finds parts of words and swapped letters.
    internal static IReadOnlyList<string> Nearest(string part, IEnumerable<string> names)
    {
        var wanted = Pairs(part);
        return [.. names.Select(name => (name, Alike: Alike(wanted, Pairs(name))))
            .OrderByDescending(entry => entry.Alike).ThenBy(entry => entry.name, StringComparer.Ordinal).Take(Shown)
            .Select(entry => entry.name)];
    }

    private static double Alike(HashSet<string> a, HashSet<string> b) =>
        2.0 * a.Count(b.Contains) / Math.Max(1, a.Count + b.Count);

    private static HashSet<string> Pairs(string name)
    {
        var letters = name.ToUpperInvariant();
        return [.. Enumerable.Range(0, Math.Max(0, letters.Length - 1)).Select(i => letters.Substring(i, 2))];
    }
}
