namespace Flixstock.Engine;

/// <summary>
/// A set of named tensors in a file: a dictionary, or those tensors of a dictionary that have one prefix.
/// <see cref="WeightsFile.Read"/> takes
/// one; <c>FILE:NAME</c> takes another.
/// </summary>
public sealed record WeightsEntry
{
    private static readonly string[] AverageWords =
    [
        "ema", "emamodel", "modelema", "swa", "avg", "average", "averaged", "averages", "shadow", "polyak",
    ];

    /// <summary>
    /// Keys from the outside to the dictionary, and the prefix: <c>checkpoint.model_ema</c>; <c>.</c> for the file
    /// itself.
    /// </summary>
    public string Name => (Place, Prefix) switch
    {
        ("", "") => ".",
        ("", _) => Prefix.TrimEnd('.'),
        (_, "") => Place,
        _ => $"{Place}.{Prefix.TrimEnd('.')}",
    };

    /// <summary>
    /// Number of tensors of the network: those with the prefix and one of its names. 0: the tensors are not of this
    /// family.
    /// </summary>
    public int Tensors { get; init; }

    /// <summary>All tensors of the dictionary.</summary>
    public required int InDictionary { get; init; }

    /// <summary>True if its name says that it is an average of weights.</summary>
    public bool Averaged { get; init; }

    /// <summary>True for the one that was read.</summary>
    public bool Taken { get; init; }

    internal WeightsContainer Container { get; init; } = new("", []);

    internal string Place => Container.Place;

    internal string Prefix { get; init; } = "";

    /// <summary>
    /// The network's tensors except classifier and counters, which others of the same network may lack.
    /// </summary>
    internal int BodyTensors { get; init; }

    /// <summary>Text for messages.</summary>
    internal string Description => $"{TorchFile.Shown(Name)} ({(Tensors > 0 ? Tensors : InDictionary)} "
        + $"tensors{(Averaged ? ", averaged" : "")})";

    /// <summary>True if a name says that it is of an average; whole words decide, so that a schema is none.</summary>
    internal static bool SaysAverage(string name)
    {
        var word = 0;
        for (var i = 0; i <= name.Length; i++)
        {
            if (i < name.Length && char.IsAsciiLetter(name[i]))
                continue;
            if (i > word && AverageWords.Contains(name[word..i].ToLowerInvariant()))
                return true;
            word = i + 1;
        }
        return false;
    }
}
