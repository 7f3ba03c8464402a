using System.Text.Json;

namespace Flixstock.Engine;

/// <summary>A picture of an annotation file.</summary>
/// <param name="Id">Its id.</param>
/// <param name="File">Its name, <c>000000000009.jpg</c>; in LVIS and others with its folder,
/// <c>train2017/000000000009.jpg</c>.</param>
/// <param name="Offset">Offset of its description in the file, in bytes.</param>
/// <param name="Negative">LVIS: categories that people looked for and did not find.</param>
/// <param name="NotExhaustive">LVIS: categories of which not all instances are annotated.</param>
internal sealed record InstancePicture(
    InstanceId Id, string File, long Offset, InstanceId[] Negative, InstanceId[] NotExhaustive);

/// <summary>The occurrence of a category in a picture, and its offset in the file.</summary>
internal readonly record struct Instance(InstanceId Picture, InstanceId Category, long Offset);

/// <summary>
/// What an annotation file of MS-COCO (or LVIS, which extends it) says about whole pictures. It is read as a stream:
/// outlines, nearly all of the file, are skipped.
/// </summary>
internal sealed class InstanceFile
{
    private const int RootsNamed = 5;
    private readonly CancellationToken _cancellation;
    private HashSet<InstanceId>? _used; // by instances and lists, collected at the first question

    private InstanceFile(string path, CancellationToken cancellation) => (Path, _cancellation) = (path, cancellation);

    public string Path { get; }

    public List<InstancePicture> Pictures { get; } = [];

    public List<Instance> Instances { get; } = [];

    /// <summary>
    /// Annotations of pictures that are not in the list of images; not among <see cref="Instances"/>.
    /// </summary>
    public List<Instance> Orphans { get; } = [];

    public InstanceCategories Categories { get; } = new();

    /// <summary>Notes about what was ignored and is not a fault, a line each.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Stops in the middle.</param>
    /// <exception cref="InputException">
    /// It is missing, not such a file, or contradicts itself; names the byte.
    /// </exception>
    public static InstanceFile Read(string path, CancellationToken cancellation = default)
    {
        FileStream stream;
        FileKind.Require(path);
        try
        {
            stream = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
        using (stream)
            return Read(path, stream, cancellation);
    }

    /// <summary>Reads a stream.</summary>
    internal static InstanceFile Read(string path, Stream stream, CancellationToken cancellation)
    {
        var result = new InstanceFile(path, cancellation);
        result.ReadAll(new JsonStream(path, new CancellableStream(stream, cancellation)));
        result.RequireSections();
        result.RequirePictures();
        result.RequireCategories();
        return result;
    }

    /// <summary>True if an annotation, or a list of absent categories, names the category.</summary>
    public bool Uses(InstanceId category) => (_used ??=
    [
        .. Instances.Select(instance => instance.Category),
        .. Pictures.SelectMany(picture => picture.Negative.Concat(picture.NotExhaustive)),
    ]).Contains(category);

    /// <summary>Leaves out categories that no file of the data set uses and that only group others; says so.</summary>
    /// <param name="others">The files of the other parts.</param>
    /// <exception cref="InputException">Two of the categories that are left have the same name.</exception>
    public void SettleClasses(IEnumerable<string> others)
    {
        var roots = Categories.Roots().FindAll(root => !Uses(root.Id));
        if (roots.Count > 0)
        {
            foreach (var other in others.Where(other => other != Path).Select(other => Read(other, _cancellation)))
                roots.RemoveAll(root => other.Uses(root.Id));
        }
        foreach (var (place, root) in roots.Index())
        {
            Categories.Remove(root);
            if (place < RootsNamed)
            {
                Notes.Add($"the category '{root.Name}' (id {root.Id}) only groups the others and no annotation uses "
                    + $"it: it is left out");
            }
        }
        if (roots.Count > RootsNamed)
        {
            Notes.Add($"{roots.Count - RootsNamed} more categories only group the others and no annotation uses them: "
                + $"they are left out");
        }
        if (Categories.Twice() is var (first, second))
        {
            throw Wrong(
                second.Offset,
                $"the category name '{second.Name}' is used twice, by the ids {first.Id} and {second.Id}");
        }
    }

    private void ReadAll(JsonStream json)
    {
        json.Expect(JsonTokenType.StartObject, "an object with images, annotations and categories");
        while (true)
        {
            json.Next();
            if (json.Token == JsonTokenType.EndObject)
                break;
            if (json.IsProperty("images"u8))
                ReadList(ref json, ReadPicture);
            else if (json.IsProperty("annotations"u8))
                ReadList(ref json, ReadInstance);
            else if (json.IsProperty("categories"u8))
                ReadList(ref json, ReadCategory);
            else
                json.SkipValue();
        }
        if (json.Read())
            throw json.Wrong("the file goes on after its end");
    }

    private delegate void ObjectReader(ref JsonStream json);

    private static void ReadList(ref JsonStream json, ObjectReader read)
    {
        json.Expect(JsonTokenType.StartArray, "a list");
        while (true)
        {
            json.Next();
            if (json.Token == JsonTokenType.EndArray)
                return;
            json.Require(JsonTokenType.StartObject, "an object");
            read(ref json);
        }
    }

    private void ReadPicture(ref JsonStream json)
    {
        var offset = json.Offset;
        InstanceId? id = null;
        string? file = null, address = null;
        InstanceId[] negative = [], notExhaustive = [];
        while (NextProperty(ref json))
        {
            if (json.IsProperty("id"u8))
                id = IdValue(ref json);
            else if (json.IsProperty("file_name"u8))
                file = TextValue(ref json);
            else if (json.IsProperty("coco_url"u8))
                address = TextValue(ref json);
            else if (json.IsProperty("neg_category_ids"u8))
                negative = IdList(ref json);
            else if (json.IsProperty("not_exhaustive_category_ids"u8))
                notExhaustive = IdList(ref json);
            else
                json.SkipValue();
        }
        if (id is not { } number || (file ?? FromAddress(address)) is not { Length: > 0 } name)
            throw Wrong(offset, $"a picture without {(id is null ? "id" : "file_name")}");
        // Written on Windows, or relative to the folder that a tool ran in.
        var below = PictureFolders.PathBelow(
            name.StartsWith("./", StringComparison.Ordinal) || name.StartsWith(".\\", StringComparison.Ordinal)
                ? name[2..]
                : name)
            ?? throw Wrong(offset, $"the picture's file_name '{name}' is no path below the folder of pictures");
        Pictures.Add(new InstancePicture(number, below, offset, negative, notExhaustive));
    }

    private void ReadInstance(ref JsonStream json)
    {
        var offset = json.Offset;
        InstanceId? picture = null, category = null;
        while (NextProperty(ref json))
        {
            if (json.IsProperty("image_id"u8))
                picture = IdValue(ref json);
            else if (json.IsProperty("category_id"u8))
                category = IdValue(ref json);
            else
                json.SkipValue();
        }
        if (picture is not { } image || category is not { } kind)
            throw Wrong(offset, $"an annotation without {(picture is null ? "image_id" : "category_id")}");
        Instances.Add(new Instance(image, kind, offset));
    }

    private void ReadCategory(ref JsonStream json)
    {
        var offset = json.Offset;
        InstanceId? id = null;
        string? name = null, supercategory = null;
        while (NextProperty(ref json))
        {
            if (json.IsProperty("id"u8))
                id = IdValue(ref json);
            else if (json.IsProperty("name"u8))
                name = TextValue(ref json);
            else if (json.IsProperty("supercategory"u8))
                supercategory = TextOrNothing(ref json);
            else
                json.SkipValue();
        }
        if (id is not { } number || string.IsNullOrWhiteSpace(name))
            throw Wrong(offset, $"a category without {(id is null ? "id" : "name")}");
        if (!Categories.TryAdd(new InstanceCategory(number, name, supercategory, offset)))
            throw Wrong(offset, $"the category id {number} is used twice");
    }

    private void RequireSections()
    {
        foreach (var (name, count) in new[]
        {
            ("images", Pictures.Count), ("annotations", Instances.Count + Orphans.Count),
            ("categories", Categories.Count),
        })
        {
            if (count == 0)
            {
                throw new InputException($"{Path}: the list \"{name}\" is missing or empty; give the file of "
                    + $"instances, as instances_train2017.json");
            }
        }
    }

    // pycocotools takes the last of two images of one id; the same one twice is harmless.
    private void RequirePictures()
    {
        var first = new Dictionary<InstanceId, InstancePicture>(Pictures.Count);
        var twice = 0;
        foreach (var picture in Pictures)
        {
            if (first.TryAdd(picture.Id, picture))
                continue;
            if (first[picture.Id].File != picture.File || picture.Negative.Length > 0
                || picture.NotExhaustive.Length > 0)
            {
                throw Wrong(
                    picture.Offset,
                    $"the image id {picture.Id} is used twice, first at byte {first[picture.Id].Offset}");
            }
            twice++;
        }
        if (twice > 0)
        {
            Pictures.RemoveAll(picture => !ReferenceEquals(first[picture.Id], picture));
            Notes.Add($"{twice} images are listed twice under the same id and name, and count once");
        }
        Orphans.AddRange(Instances.Where(instance => !first.ContainsKey(instance.Picture)));
        if (Orphans.Count > 0)
            Instances.RemoveAll(instance => !first.ContainsKey(instance.Picture));
    }

    private void RequireCategories()
    {
        foreach (var instance in Instances)
            RequireCategory(instance.Category, instance.Offset);
        _cancellation.ThrowIfCancellationRequested();
        foreach (var picture in Pictures)
        {
            foreach (var category in picture.Negative.Concat(picture.NotExhaustive))
                RequireCategory(category, picture.Offset);
        }
    }

    private void RequireCategory(InstanceId category, long offset)
    {
        if (!Categories.Contains(category))
            throw Wrong(offset, $"category {category} is named, which is not among the categories");
    }

    private static bool NextProperty(ref JsonStream json)
    {
        json.Next();
        return json.Token == JsonTokenType.PropertyName;
    }

    private static InstanceId IdValue(ref JsonStream json)
    {
        json.Next();
        return json.Id();
    }

    private static string TextValue(ref JsonStream json)
    {
        json.Next();
        return json.Text();
    }

    private static string? TextOrNothing(ref JsonStream json)
    {
        json.Next();
        if (json.Token == JsonTokenType.String)
            return json.Text();
        json.SkipRest();
        return null;
    }

    private static InstanceId[] IdList(ref JsonStream json)
    {
        json.Expect(JsonTokenType.StartArray, "a list of category ids");
        var values = new List<InstanceId>();
        for (json.Next(); json.Token != JsonTokenType.EndArray; json.Next())
            values.Add(json.Id());
        return [.. values];
    }

    // LVIS names pictures by their address on COCO's server, whose last two parts are the folder and the name on
    // everybody's disk.
    private static string? FromAddress(string? address) => address is null
        ? null
        : string.Join('/', address.Split('/', StringSplitOptions.RemoveEmptyEntries).TakeLast(2));

    private InputException Wrong(long offset, string what) =>
        new($"{Path}: byte {offset}: {what}; correct the file or make it again");
}
