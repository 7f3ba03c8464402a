using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Options of which one would silently change nothing.</summary>
internal static class Contradictions
{
    public static bool IsGiven(this ParseResult parsed, Option option) =>
        parsed.GetResult(option) is { Implicit: false };

    /// <summary>Refuses two options that exclude each other.</summary>
    /// <exception cref="InputException">Both were given; names both.</exception>
    public static void RefuseBoth(this ParseResult parsed, Option one, Option other, string why)
    {
        if (parsed.IsGiven(one) && parsed.IsGiven(other))
            throw new InputException($"{one.Name} and {other.Name}: {why}; leave one of the two out");
    }

    /// <summary>Refuses options that have no meaning here.</summary>
    /// <exception cref="InputException">One was given; names it and the reason.</exception>
    public static void RefuseAny(this ParseResult parsed, IEnumerable<Option> options, string why)
    {
        if (options.FirstOrDefault(parsed.IsGiven) is { } given)
            throw new InputException($"{given.Name}: {why}; leave it out");
    }

    /// <summary>Says of options that people have in their command lines that they change nothing here.</summary>
    public static void NoteAny(this ParseResult parsed, Session session, IEnumerable<Option> options, string why)
    {
        var given = options.Where(parsed.IsGiven).Select(option => option.Name).ToList();
        if (given.Count > 0)
            session.Note($"{string.Join(", ", given)}: {why}");
    }
}
