namespace Flixstock.Engine;

public sealed partial record Checkpoint
{
    private const int PublishedImageSize = 224;

    /// <summary>Name of the one attribute of weights that do not say which attributes they predict.</summary>
    public const string ClassesName = "Class";

    /// <summary>
    /// The network that a file's weights are of; 0 classes: they have no classifier, which only a training can add.
    /// </summary>
    /// <exception cref="InputException">
    /// They are not a TResNet's, or their description is damaged; one line that names the file and some of its tensors.
    /// </exception>
    public static INetworkDescription ModelOf(WeightsFile file) => IsOurs(file) ? From(file).Model : DescribedOf(file);

    private static INetworkDescription DescribedOf(WeightsFile file) =>
        NetworkCatalog.Recognize(file.State) ?? throw NotOfTheFamily(file);

    private static InputException NotOfTheFamily(WeightsFile file)
    {
        var (state, missing) = (file.State, PublishedModel.MissingStages(file.State).ToList());
        var some = StateNames.Some(state.Names);
        var why = missing.Count is > 0 and < 4 ? $"nothing is of {string.Join(", ", missing)}; it has {some}" : some;
        return new InputException($"{file.Path}: does not say which model it is of, and its {state.Count} tensors are "
            + $"not a TResNet's: {why}; give last.safetensors or best.safetensors of a training run, "
            + $"or weights of a TResNet{FolderOfWeights.ShardHint(file.Path)}");
    }

    private static InputException WithoutHead(WeightsFile file, INetworkDescription model)
    {
        var remarks = file.Remarks.Count > 0 ? $" ({string.Join("; ", file.Remarks)})" : "";
        // Of an attention head the tensors that say how large it is.
        var missing = MlDecoderHead.Missing(file.State, "head") ?? "head.fc.weight";
        return new InputException($"{file.Path}: has the body of {model.Name} but no classifier: {missing} is "
            + $"missing{remarks}; {Term.InitialWeights} starts from it with a fresh classifier, "
            + $"everything else needs weights that have one{FolderOfWeights.ShardHint(file.Path)}");
    }

    private static Checkpoint FromPublished(WeightsFile file)
    {
        var model = DescribedOf(file);
        if (model.Classes == 0)
            throw WithoutHead(file, model);
        try
        {
            if (file.Classes is { } classes && classes != model.Classes)
                throw new InputException($"it says {classes} classes, its last layer has {model.Classes}");
            return new Checkpoint
            {
                Path = file.Path,
                State = file.State,
                Model = model,
                Attributes = AttributesOf(file, model.Classes),
                _onlyClassNames = file.ClassNames is not null && !file.State.Metadata.ContainsKey("attributes"),
                NamesClasses = file.ClassNames is not null || file.State.Metadata.ContainsKey("attributes"),
                Preparation = new(PublishedImageSize),
            };
        }
        catch (InputException e)
        {
            throw new InputException($"{file.Path}: {e.Message}", e);
        }
    }

    private static AttributeTable AttributesOf(WeightsFile file, int classes)
    {
        if (file.State.Metadata.GetValueOrDefault("attributes") is { } json)
        {
            var attributes = AttributeTable.FromJson(json);
            return attributes.ClassCount == classes
                ? attributes
                : throw new InputException(
                    $"its attributes have {attributes.ClassCount} classes, its last layer has {classes}");
        }
        if (file.ClassNames is null && classes == AttributeTable.Garments.ClassCount)
            return AttributeTable.Garments;
        if (classes < 2)
            throw new InputException("it has one class; at least two are needed");
        return new AttributeTable([new AttributeGroup(
            ClassesName, "class", classes, file.ClassNames is null ? null : Names(file.ClassNames, classes))]);
    }

    /// <summary>The classes that a file names; null if it names none.</summary>
    /// <param name="file">The file of weights.</param>
    /// <param name="classes">Number of rows of its classifier.</param>
    /// <param name="like">The attribute that classes without one are assigned to, if it is the only one.</param>
    internal static AttributeTable? ClassesIn(WeightsFile file, int classes, AttributeTable like)
    {
        if (file.State.Metadata.GetValueOrDefault("attributes") is { } json)
            return AttributeTable.FromJson(json);
        return file.ClassNames is { } names && classes > 1 ? Like(like,
            new AttributeGroup(ClassesName, "class", classes, Names(names, classes))) : null;
    }

    // Class names alone do not say whose they are, nor whether several can be present at once.
    private static AttributeTable Like(AttributeTable table, AttributeGroup named) =>
        new([table.Groups is [var only]
            ? only with { Classes = named.Classes, ClassNames = named.ClassNames }
            : named]);

    // Files may name some classes only, and one name twice; names here are unique.
    private static string[] Names(IReadOnlyDictionary<int, string> given, int classes)
    {
        if (given.Keys.FirstOrDefault(index => index < 0 || index >= classes, -1) is var outside and not -1)
            throw new InputException($"it names class {outside}, its last layer has {classes}");
        var used = new HashSet<string>(StringComparer.Ordinal);
        var names = new string[classes];
        for (var k = 0; k < classes; k++)
        {
            var name = given.GetValueOrDefault(k) ?? $"{k}";
            names[k] = used.Add(name) ? name : $"{name} ({k})";
            used.Add(names[k]);
        }
        return names;
    }
}
