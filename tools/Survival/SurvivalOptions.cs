namespace Flixstock.Survival;

/// <summary>What is tried, and how much of it.</summary>
internal sealed record SurvivalOptions
{
    /// <summary>The built command.</summary>
    public required string Command { get; init; }

    /// <summary>Parts to run; empty: all but the soak.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    /// <summary>Only points and cases whose text contains this.</summary>
    public string Only { get; init; } = "";

    /// <summary>Every K-th point.</summary>
    public int Points { get; init; } = 1;

    /// <summary>Of calls of one kind on one file: so many, the first, the last and others at random.</summary>
    public int PerFile { get; init; } = 3;

    /// <summary>Kills at random moments for every command.</summary>
    public int Random { get; init; } = 3;

    /// <summary>Decides which points and moments.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Length of the soak.</summary>
    public int Minutes { get; init; } = 3;

    /// <summary>Folder that keeps what failed; null: nothing is kept.</summary>
    public string? Keep { get; init; }

    /// <summary>Folder to work in; null: a temporary one.</summary>
    public string? Work { get; init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">It cannot be understood.</exception>
    public static SurvivalOptions Parse(string[] arguments)
    {
        if (arguments.Length == 0)
            throw new ArgumentException("the command to try is missing", nameof(arguments));
        var options = new SurvivalOptions { Command = Path.GetFullPath(arguments[0]) };
        var parts = new List<string>();
        for (var i = 1; i < arguments.Length; i++)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal))
            {
                parts.Add(arguments[i]);
                continue;
            }
            var value = i + 1 < arguments.Length
                ? arguments[i + 1]
                : throw new ArgumentException($"{arguments[i]} needs a value", nameof(arguments));
            options = options.With(arguments[i++], value);
        }
        return options with { Parts = parts };
    }

    private SurvivalOptions With(string name, string value) => name switch
    {
        "--only" => this with { Only = value },
        "--points" => this with { Points = Math.Max(1, Number(name, value)) },
        "--per-file" => this with { PerFile = Number(name, value) },
        "--random" => this with { Random = Number(name, value) },
        "--seed" => this with { Seed = Number(name, value) },
        "--minutes" => this with { Minutes = Number(name, value) },
        "--keep" => this with { Keep = Path.GetFullPath(value) },
        "--work" => this with { Work = Path.GetFullPath(value) },
        _ => throw new ArgumentException($"{name} is not an option", nameof(name)),
    };

    private static int Number(string name, string value) =>
        int.TryParse(value, out var number)
            ? number
            : throw new ArgumentException($"{name} {value}: not a number", nameof(value));
}
