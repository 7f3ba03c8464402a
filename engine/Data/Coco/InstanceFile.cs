using System.Text.Json;

namespace Flixstock.Engine;

/// <summary>A picture of an annotation file.</summary>
/// <param name="Id">Its number.</param>
/// <param name="File">Its name, <c>000000000009.jpg</c>; of LVIS with its folder, <c>train2017/000000000009.jpg</c>.</param>
/// <param name="Offset">Where the file describes it, in bytes.</param>
/// <param name="Negative">LVIS: categories that people looked for and did not find.</param>
/// <param name="NotExhaustive">LVIS: categories of which not all instances are annotated.</param>
internal sealed record InstancePicture(long Id, string File, long Offset, long[] Negative, long[] NotExhaustive);

/// <summary>That a category occurs in a picture, and where the file says so.</summary>
internal readonly record struct Instance(long Picture, long Category, long Offset);

/// <summary>
/// What an annotation file of MS-COCO (or LVIS, which extends it) says about whole pictures. It is read as a stream: outlines, nearly all of the file, are passed over.
/// </summary>
internal sealed class InstanceFile
{
    private InstanceFile(string path) => Path = path;

    public string Path { get; }

    public List<InstancePicture> Pictures { get; } = [];

    public List<Instance> Instances { get; } = [];

    /// <summary>Names of the categories by their number.</summary>
    public SortedDictionary<long, string> Categories { get; } = [];

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">It is missing, not such a file, or contradicts itself; names the byte.</exception>
    public static InstanceFile Read(string path)
    {
        var result = new InstanceFile(path);
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
        using (stream)
            result.ReadAll(new JsonStream(path, stream));
        result.RequireSections();
        return result;
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
        long? id = null;
        string? file = null, address = null;
        long[] negative = [], notExhaustive = [];
        while (NextProperty(ref json))
        {
            if (json.IsProperty("id"u8))
                id = IntegerValue(ref json);
            else if (json.IsProperty("file_name"u8))
                file = TextValue(ref json);
            else if (json.IsProperty("coco_url"u8))
                address = TextValue(ref json);
            else if (json.IsProperty("neg_category_ids"u8))
                negative = IntegerList(ref json);
            else if (json.IsProperty("not_exhaustive_category_ids"u8))
                notExhaustive = IntegerList(ref json);
            else
                json.SkipValue();
        }
        if (id is not { } number || (file ?? FromAddress(address)) is not { Length: > 0 } name)
            throw Wrong(offset, $"a picture without {(id is null ? "id" : "file_name")}");
        if (name.Contains('\\') || name.Split('/').Any(part => part is "" or "." or ".."))
            throw Wrong(offset, $"the picture's file_name '{name}' is no path below the folder of pictures");
        Pictures.Add(new InstancePicture(number, name, offset, negative, notExhaustive));
    }

    private void ReadInstance(ref JsonStream json)
    {
        var offset = json.Offset;
        long? picture = null, category = null;
        while (NextProperty(ref json))
        {
            if (json.IsProperty("image_id"u8))
                picture = IntegerValue(ref json);
            else if (json.IsProperty("category_id"u8))
                category = IntegerValue(ref json);
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
        long? id = null;
        string? name = null;
        while (NextProperty(ref json))
        {
            if (json.IsProperty("id"u8))
                id = IntegerValue(ref json);
            else if (json.IsProperty("name"u8))
                name = TextValue(ref json);
            else
                json.SkipValue();
        }
        if (id is not { } number || string.IsNullOrWhiteSpace(name))
            throw Wrong(offset, $"a category without {(id is null ? "id" : "name")}");
        if (Categories.ContainsValue(name))
            throw Wrong(offset, $"the category name '{name}' is used twice");
        if (!Categories.TryAdd(number, name))
            throw Wrong(offset, $"the category id {number} is used twice");
    }

    private void RequireSections()
    {
        foreach (var (name, count) in new[] { ("images", Pictures.Count), ("annotations", Instances.Count), ("categories", Categories.Count) })
        {
            if (count == 0)
                throw new InputException($"{Path}: the list \"{name}\" is missing or empty; give the file of instances, as instances_train2017.json");
        }
        var offsets = new Dictionary<long, long>(Pictures.Count);
        foreach (var picture in Pictures)
        {
            if (!offsets.TryAdd(picture.Id, picture.Offset))
                throw Wrong(picture.Offset, $"the image id {picture.Id} is used twice, first at byte {offsets[picture.Id]}");
        }
        foreach (var instance in Instances)
        {
            if (!offsets.ContainsKey(instance.Picture))
                throw Wrong(instance.Offset, $"the annotation names image {instance.Picture}, which is not among the images");
            RequireCategory(instance.Category, instance.Offset);
        }
        foreach (var picture in Pictures)
        {
            foreach (var category in picture.Negative.Concat(picture.NotExhaustive))
                RequireCategory(category, picture.Offset);
        }
    }

    private void RequireCategory(long category, long offset)
    {
        if (!Categories.ContainsKey(category))
            throw Wrong(offset, $"category {category} is named, which is not among the categories");
    }

    private static bool NextProperty(ref JsonStream json)
    {
        json.Next();
        return json.Token == JsonTokenType.PropertyName;
    }

    private static long IntegerValue(ref JsonStream json)
    {
        json.Next();
        return json.Integer();
    }

    private static string TextValue(ref JsonStream json)
    {
        json.Next();
        return json.Text();
    }

    private static long[] IntegerList(ref JsonStream json)
    {
        json.Expect(JsonTokenType.StartArray, "a list of category ids");
        var values = new List<long>();
        for (json.Next(); json.Token != JsonTokenType.EndArray; json.Next())
            values.Add(json.Integer());
        return [.. values];
    }

    // LVIS names pictures by their address on COCO's server, whose last two parts are the folder and the name on everybody's disk.
    private static string? FromAddress(string? address) => address is null ? null : string.Join('/', address.Split('/', StringSplitOptions.RemoveEmptyEntries).TakeLast(2));

    private InputException Wrong(long offset, string what) => new($"{Path}: byte {offset}: {what}; correct the file or make it again");
}
