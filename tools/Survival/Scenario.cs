namespace Flixstock.Survival;

/// <summary>A command that is killed, and what is done then.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Command">Is killed.</param>
/// <param name="Next">What a user would give next, one after the other until one ends with 0.</param>
internal sealed record Scenario(string Name, string[] Command, params string[][] Next)
{
    /// <summary>Makes <c>now</c> as it is before the command; null: an empty folder.</summary>
    public Func<World, Task>? Before { get; init; }

    /// <summary>True: the command replaces what was there, which stays whole until the new is.</summary>
    public bool Replaces { get; init; }

    /// <summary>
    /// A command that only reads; every second time it comes first, and has to find one of the two states, whole.
    /// </summary>
    public string[]? Reader { get; init; }
}
