using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>A part of a data set for a model: labels in the order of the model's outputs.</summary>
/// <param name="Model">The model, its outputs named as in <paramref name="Dataset"/>.</param>
/// <param name="Dataset">The pictures, their labels in the model's order.</param>
/// <param name="Match">The match of the data set's classes and the model's outputs.</param>
/// <param name="Own">The same pictures in the data set's own order.</param>
internal sealed record MatchedData(Checkpoint Model, ImageDataset Dataset, ClassMatch Match, ImageDataset Own)
{
    public static Option<bool> ByPositionOption() =>
        Options.Flag("--classes-by-position", "Take classes in their order, not by their names: for those who know "
            + "that only the names differ.");

    /// <summary>Loads a part; reports how its classes were matched if that is not obvious.</summary>
    /// <param name="session">The session, which receives the notes.</param>
    /// <param name="checkpoint">The model.</param>
    /// <param name="source">The data set, its type decided or not.</param>
    /// <param name="part">train, val or test.</param>
    /// <param name="byPosition">Value of <c>--classes-by-position</c>.</param>
    /// <exception cref="InputException">The data set has other classes, or cannot be read.</exception>
    public static MatchedData Load(
        Session session, Checkpoint checkpoint, DatasetSource source, string part, bool byPosition)
    {
        source = LoadedData.Resolve(session, source);
        if (source.Fold is null && part != "test"
            && TrainingRun.FoldOfWeights(checkpoint.Path, source.Path) is { } fold)
        {
            source = source with { Fold = fold };
            LoadedData.Note(session, $"{checkpoint.Path} was trained with --fold {fold}, whose '{part}' is taken");
        }

        var own = LoadedData.Load(session, source, part);
        var match = checkpoint.Match(own.Attributes, source.Path, byPosition);
        if (Note(checkpoint, match, source.Path, byPosition) is { } note)
            LoadedData.Note(session, note);
        return new MatchedData(checkpoint.Renamed(match.Attributes), match.Arrange(own), match, own);
    }

    /// <summary>The same data without pictures that cannot be read, by index.</summary>
    public MatchedData Without(IReadOnlyDictionary<int, BadPicture> bad) =>
        this with { Dataset = Dataset.Without(bad), Own = Own.Without(bad) };

    private static string? Note(Checkpoint checkpoint, ClassMatch match, string data, bool byPosition)
    {
        if (byPosition || checkpoint.NamesClasses)
            return match.Note(checkpoint.Path, data);
        return match.Attributes.Groups.Select(group => (group.Name, group.Classes))
            .SequenceEqual(checkpoint.Attributes.Groups.Select(group => (group.Name, group.Classes)))
            ? null
            : $"{checkpoint.Path} does not name its classes; its {match.Attributes.ClassCount} outputs are taken to be "
                + $"the classes of {data}, in their order";
    }
}
