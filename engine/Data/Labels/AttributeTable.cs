using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flixstock.Engine;

/// <summary>
/// One attribute that has exactly one of several classes, or is unknown; or a list of classes of which any number may
/// be present.
/// </summary>
/// <param name="Name">Name for people: <c>Sleeve Length</c>.</param>
/// <param name="Column">Heading of its column in the CSV: <c>sleeve_length</c>.</param>
/// <param name="Classes">Number of classes; cells hold 0 ... Classes - 1.</param>
/// <param name="ClassNames">Names of the classes; null: their numbers.</param>
/// <param name="Independent">True: each class is positive, negative or unknown on its own, and has its own column in a
/// CSV.</param>
public sealed record AttributeGroup(
    string Name, string Column, int Classes, IReadOnlyList<string>? ClassNames = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Independent = false)
{
    /// <summary>
    /// Name of a class that is unique in the table: <c>Neck 0</c>, or <c>Neck round</c> if classes have names; for
    /// independent classes, the
    /// name alone.
    /// </summary>
    public string ClassName(int index) => Independent && ClassNames is not null
        ? ClassNames[index]
        : $"{Name} {(ClassNames is null ? index.ToString() : ClassNames[index])}";
}

/// <summary>
/// The attributes of a data set: the columns of its CSV and the number of classes of each. It is data:
/// <c>dataset.json</c> next to the CSV,
/// or <see cref="Garments"/> if there is none. The network has one output per class, group after group in this order.
/// </summary>
/// <remarks>Threads: any number.</remarks>
public sealed class AttributeTable
{
    /// <summary>Name of the file next to the CSV.</summary>
    public const string FileName = "dataset.json";

    private const int MostClasses = 1_000_000;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly int[] _offsets;

    /// <summary>A table of these groups.</summary>
    /// <exception cref="InputException">
    /// There are no groups, or names are missing or used twice, or a group has fewer than two classes.
    /// </exception>
    public AttributeTable(IReadOnlyList<AttributeGroup> groups)
    {
        Groups = groups;
        Check();
        _offsets = new int[groups.Count];
        var names = new List<string>();
        for (var group = 0; group < groups.Count; group++)
        {
            _offsets[group] = names.Count;
            for (var index = 0; index < groups[group].Classes; index++)
                names.Add(groups[group].ClassName(index));
        }
        ClassNames = names;
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count)
        {
            throw new InputException(
                $"{FileName}: two classes have the same name; names of attributes and classes must be unique");
        }
    }

    /// <summary>The published task: neck (7 classes), sleeve length (4), pattern (10).</summary>
    public static AttributeTable Garments { get; } = new(
    [
        new AttributeGroup("Neck", "neck", 7),
        new AttributeGroup("Sleeve Length", "sleeve_length", 4),
        new AttributeGroup("Pattern", "pattern", 10),
    ]);

    /// <summary>A table of classes of which any number may be present, each known or unknown on its own.</summary>
    /// <param name="names">Unique names, in the order of the network's outputs.</param>
    /// <exception cref="InputException">There are no names, or one is used twice.</exception>
    public static AttributeTable OfClasses(IReadOnlyList<string> names) =>
        new([new AttributeGroup("Classes", "class", names.Count, names, Independent: true)]);

    /// <summary>True if the classes are independent of each other: one group, every class on its own.</summary>
    public bool Independent => Groups is [{ Independent: true }];

    /// <summary>The attributes in the order of the network's outputs.</summary>
    public IReadOnlyList<AttributeGroup> Groups { get; }

    /// <summary>Number of classes of all groups: the network's outputs.</summary>
    public int ClassCount => ClassNames.Count;

    /// <summary>Unique name of every output.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Output index of a group's class 0.</summary>
    public int Offset(int group) => _offsets[group];

    /// <summary>
    /// [groups + 1] output index of every group's class 0, then the number of outputs: what the grouped loss divides a
    /// row by.
    /// </summary>
    internal int[] Boundaries() => [.. _offsets, ClassCount];

    /// <summary>The table described next to a CSV file, or the garments.</summary>
    /// <exception cref="InputException">The description is present but wrong.</exception>
    public static AttributeTable LoadBeside(string csvPath)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(csvPath))!, FileName);
        if (!File.Exists(path))
            return Garments;
        var json = TextFile.Read(path);
        try
        {
            return FromJson(json);
        }
        catch (InputException e)
        {
            throw new InputException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>
    /// Reads what <see cref="ToJson"/> writes: <c>{"attributes": [{"name", "column", "classes", "classNames"}]}</c>;
    /// classNames may be left out.
    /// </summary>
    /// <exception cref="InputException">The text is not such a table.</exception>
    public static AttributeTable FromJson(string json)
    {
        try
        {
            var description = JsonSerializer.Deserialize<Description>(json, Json);
            return new AttributeTable(
                description?.Attributes ?? throw new InputException("it has no list \"attributes\""));
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"not a description of attributes ({StrictJson.Reason(e)}); expected {{\"attributes\": [{{\"name\": \"Neck\", "
                    + $"\"column\": \"neck\", \"classes\": 7}}]}}",
                e);
        }
    }

    /// <summary>The table as JSON, LF line ends, for dataset.json and for checkpoints.</summary>
    public string ToJson() => JsonSerializer.Serialize(new Description(Groups), Json);

    /// <summary>
    /// Labels of one picture from its class per group (-1: unknown): 1 for the class, 0 for the others, -1 for all
    /// classes of an unknown group.
    /// </summary>
    public sbyte[] Labels(ReadOnlySpan<int> classes)
    {
        var labels = new sbyte[ClassCount];
        for (var group = 0; group < Groups.Count; group++)
        {
            var own = labels.AsSpan(Offset(group), Groups[group].Classes);
            if (classes[group] < 0)
                own.Fill(-1);
            else
                own[classes[group]] = 1;
        }
        return labels;
    }

    /// <summary>An exclusive group's class in such labels; -1 if it is unknown.</summary>
    public int ClassOf(ReadOnlySpan<sbyte> labels, int group) =>
        labels.Slice(Offset(group), Groups[group].Classes).IndexOf((sbyte)1);

    private void Check()
    {
        var groups = Groups.Count;
        if (groups == 0)
            throw new InputException("the list of attributes is empty; give at least one");
        var columns = new HashSet<string>(StringComparer.Ordinal) { LabelColumns.FileColumn };
        foreach (var group in Groups)
        {
            if (group is null || string.IsNullOrWhiteSpace(group.Name) || string.IsNullOrWhiteSpace(group.Column))
                throw new InputException("an attribute has no name or no column; both are needed");
            if (!columns.Add(group.Column))
                throw new InputException($"the column '{group.Column}' is used twice; every attribute needs its own");
            if (group.Classes > MostClasses || group.Classes < (group.Independent ? 1 : 2))
            {
                throw new InputException($"the attribute '{group.Name}' has {group.Classes} classes; at least "
                    + $"{(group.Independent ? 1 : 2)} are needed and at most {MostClasses} possible");
            }
            if (group.Independent && groups > 1)
            {
                throw new InputException(
                    $"the attribute '{group.Name}' is a list of independent classes; it must be the only one");
            }
            if (group.ClassNames is { } names && names.Count != group.Classes)
            {
                throw new InputException(
                    $"the attribute '{group.Name}' has {group.Classes} classes but {names.Count} class names");
            }
        }
        if (Groups.FirstOrDefault(group => group.ClassNames?.Contains(null!) == true) is { } nameless)
            throw new InputException($"a class of the attribute '{nameless.Name}' has no name");
        if (Groups.Sum(group => (long)group.Classes) > MostClasses)
        {
            throw new InputException($"the attributes have {Groups.Sum(group => (long)group.Classes)} classes "
                + $"together; at most {MostClasses} are possible");
        }
    }

    private sealed record Description(IReadOnlyList<AttributeGroup> Attributes);
}
