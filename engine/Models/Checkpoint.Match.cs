namespace Flixstock.Engine;

// Names decide which class of a data set is which output.
public sealed partial record Checkpoint
{
    private bool _onlyClassNames;

    /// <summary>
    /// False for weights of others that do not name their classes: these are matched by their number and order.
    /// </summary>
    public bool NamesClasses { get; private init; } = true;

    /// <summary>Assigns the classes of a data set to the outputs of this model.</summary>
    /// <param name="dataset">The classes that the data set labels.</param>
    /// <param name="datasetName">Name of the data set in messages.</param>
    /// <param name="byPosition">True: by order alone, regardless of the names.</param>
    /// <exception cref="InputException">
    /// The names (or, by position, the numbers of classes) differ; names them.
    /// </exception>
    public ClassMatch Match(AttributeTable dataset, string datasetName, bool byPosition = false)
    {
        if (byPosition || !NamesClasses)
        {
            return ClassMatch.ByPosition(Attributes, dataset, sameGroups: Head == HeadKind.Grouped)
                ?? throw new InputException($"{Path}: the checkpoint predicts {Sizes(Attributes)}, but {datasetName} "
                    + $"has {Sizes(dataset)}; use the data set it was trained for");
        }
        return ClassMatch.ByName(
            _onlyClassNames ? Like(dataset, Attributes.Groups[0]) : Attributes, dataset, out var difference)
            ?? throw new InputException(
                $"{Path}: the checkpoint's classes are not those of {datasetName}: {difference} there; use the data "
                    + $"set it was trained for{Remedy(dataset)}");
    }

    /// <summary>
    /// The same model with other names for its outputs; it shares this one's tensors and the file that holds them.
    /// </summary>
    /// <exception cref="InputException">The number of classes differs.</exception>
    public Checkpoint Renamed(AttributeTable attributes) => attributes.ClassCount == Model.Classes
        ? this with { Attributes = attributes }
        : throw new InputException(
            $"the model has {Model.Classes} outputs, the attributes have {attributes.ClassCount} classes");

    // Only if it would work.
    private Wording Remedy(AttributeTable dataset) => ClassMatch.ByPosition(
        Attributes, dataset, sameGroups: Head == HeadKind.Grouped) is null
        ? ""
        : (Wording)$", or give {Term.ClassesByPosition} if only the names differ";

    private static string Sizes(AttributeTable table) =>
        string.Join(", ", table.Groups.Select(group => $"{group.Name} ({group.Classes})"));
}
