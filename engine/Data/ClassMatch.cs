namespace Flixstock.Engine;

/// <summary>
/// Which class of a data set is which of a model (or of a run): decided by the names of attributes and classes, so that
/// their order does not matter. Labels are brought into the model's order by <see cref="Arrange"/>; scores stay as the
/// model gives them.
/// </summary>
/// <remarks>Threads: any number.</remarks>
public sealed class ClassMatch
{
    private const int Shown = 4;

    private readonly int[] _modelOf; // [class of the data set] -> class of the model
    private readonly AttributeTable _data;

    private ClassMatch(AttributeTable attributes, AttributeTable data, int[] modelOf) =>
        (Attributes, _data, _modelOf) = (attributes, data, modelOf);

    /// <summary>The classes in the model's order. If only the data set names them, these are its names.</summary>
    public AttributeTable Attributes { get; }

    /// <summary>True if every class has the same place in both.</summary>
    public bool SameOrder => _modelOf.Select((model, place) => model == place).All(same => same);

    /// <summary>
    /// Matches by name. Classes that one side only numbers are matched by number within their attribute.
    /// </summary>
    /// <param name="model">The classes that a model predicts, or that a run was begun with.</param>
    /// <param name="data">The classes that a data set labels.</param>
    /// <param name="difference">The missing and the new names, as half a sentence; null if the names are the
    /// same.</param>
    /// <returns>The match, or null if the names differ.</returns>
    public static ClassMatch? ByName(AttributeTable model, AttributeTable data, out string? difference)
    {
        var groups = model.Groups.Select(group => GroupOf(group, data)).ToArray();
        var (missing, surplus) = (new List<string>(), new List<string>());
        var modelOf = Enumerable.Repeat(-1, data.ClassCount).ToArray();
        for (var i = 0; i < groups.Length; i++)
        {
            if (groups[i] < 0)
                missing.AddRange(model.Groups.Count == 1 ? model.ClassNames : [Named(model.Groups[i])]);
            else
                MatchGroup(model, i, data, groups[i], modelOf, missing, surplus);
        }
        foreach (var group in Enumerable.Range(0, data.Groups.Count).Except(groups))
            surplus.AddRange(data.Groups.Count == 1 ? data.ClassNames : [Named(data.Groups[group])]);
        difference = missing.Count + surplus.Count == 0 ? null : Difference(missing, surplus);
        return difference is null ? new ClassMatch(Merged(model, data, groups), data, modelOf) : null;
    }

    /// <summary>
    /// Matches class by class in their order, regardless of their names; the names are the data set's.
    /// </summary>
    /// <param name="model">The classes that a model predicts.</param>
    /// <param name="data">The classes that a data set labels.</param>
    /// <param name="sameGroups">True if every attribute must have the same number of classes in both, since the model's
    /// head depends on it.</param>
    /// <returns>The match, or null if the numbers of classes differ.</returns>
    public static ClassMatch? ByPosition(AttributeTable model, AttributeTable data, bool sameGroups = false)
    {
        var same = sameGroups ? Sizes(model).SequenceEqual(Sizes(data)) : model.ClassCount == data.ClassCount;
        return same ? new ClassMatch(data, data, [.. Enumerable.Range(0, data.ClassCount)]) : null;
    }

    /// <summary>The same pictures with their labels in the model's order.</summary>
    /// <param name="dataset">A part of the data set that was matched.</param>
    public ImageDataset Arrange(ImageDataset dataset)
    {
        if (SameOrder)
        {
            return ReferenceEquals(dataset.Attributes, Attributes)
                ? dataset
                : dataset.With(Attributes, dataset.Samples);
        }
        // Pictures of one class share their labels.
        var arranged = new Dictionary<SampleLabels, SampleLabels>(ReferenceEqualityComparer.Instance);
        return dataset.With(
            Attributes,
            [.. dataset.Samples.Select(sample => sample with { Labels = Arranged(sample.Labels, arranged) })]);
    }

    /// <summary>Numbers of the model's classes in the data set's order.</summary>
    /// <param name="ofModel">[classes] in the model's order.</param>
    public T[] ToData<T>(IReadOnlyList<T> ofModel) => Array.ConvertAll(_modelOf, model => ofModel[model]);

    /// <summary>One line about an order that differs; null if it is the same.</summary>
    public string? Note(string modelName, string dataName) => SameOrder
        ? null
        : $"{dataName} has the classes in another order than {modelName} ({List(_data.ClassNames)} instead of "
            + $"{List(Attributes.ClassNames)}); they are matched by name";

    private SampleLabels Arranged(SampleLabels labels, Dictionary<SampleLabels, SampleLabels> known)
    {
        if (!known.TryGetValue(labels, out var result))
            known.Add(labels, result = labels.Moved(_modelOf));
        return result;
    }

    private static int GroupOf(AttributeGroup group, AttributeTable table)
    {
        for (var i = 0; i < table.Groups.Count; i++)
        {
            var other = table.Groups[i];
            // A list of independent classes is the only attribute, and its name was not chosen by anyone.
            if (group.Independent == other.Independent && (group.Independent || group.Name == other.Name))
                return i;
        }
        return -1;
    }

    private static void MatchGroup(
        AttributeTable model, int modelGroup, AttributeTable data, int dataGroup, int[] modelOf, List<string> missing,
        List<string> surplus)
    {
        var (own, other) = (model.Groups[modelGroup], data.Groups[dataGroup]);
        var byNumber = own.ClassNames is null || other.ClassNames is null;
        if (byNumber && own.Classes != other.Classes)
        {
            missing.Add(Named(own));
            surplus.Add(Named(other));
            return;
        }
        var places = Enumerable.Range(0, own.Classes)
            .ToDictionary(k => byNumber ? $"{k}" : own.ClassNames![k], StringComparer.Ordinal);
        for (var k = 0; k < other.Classes; k++)
        {
            if (places.Remove(byNumber ? $"{k}" : other.ClassNames![k], out var place))
                modelOf[data.Offset(dataGroup) + k] = model.Offset(modelGroup) + place;
            else
                surplus.Add(other.ClassName(k));
        }
        missing.AddRange(places.Values.Order().Select(own.ClassName));
    }

    // The model's own table if it has all names.
    private static AttributeTable Merged(AttributeTable model, AttributeTable data, int[] groups)
    {
        var named = model.Groups.Select(
            (group, i) => group.ClassNames is null && data.Groups[groups[i]].ClassNames is { } names
                ? group with { ClassNames = names }
                : group).ToList();
        return named.SequenceEqual(model.Groups) ? model : new AttributeTable(named);
    }

    private static IEnumerable<int> Sizes(AttributeTable table) => table.Groups.Select(group => group.Classes);

    private static string Named(AttributeGroup group) =>
        group.Independent ? $"independent classes ({group.Classes})" : $"the attribute {group.Name} ({group.Classes})";

    /// <summary>The missing and the new names, as half a sentence.</summary>
    internal static string Difference(IReadOnlyList<string> before, IReadOnlyList<string> now) =>
        Difference([.. before.Except(now, StringComparer.Ordinal)], [.. now.Except(before, StringComparer.Ordinal)]);

    private static string Difference(List<string> missing, List<string> surplus) => string.Join(" and ", new[]
    {
        missing.Count > 0 ? $"{List(missing)} {(missing.Count == 1 ? "is" : "are")} missing" : "",
        surplus.Count > 0 ? $"{List(surplus)} {(surplus.Count == 1 ? "is" : "are")} new" : "",
    }.Where(part => part.Length > 0));

    private static string List(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? $" and {names.Count - Shown} more" : "");
}
