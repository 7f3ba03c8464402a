using System.Text.RegularExpressions;

namespace Flixstock.Engine;

/// <summary>An annotation file of a part.</summary>
/// <param name="Path">The JSON.</param>
/// <param name="Folders">Folders that its pictures may be in, the likeliest first; not all need exist.</param>
/// <param name="Exact">Named as COCO names it, not only alike.</param>
internal sealed record CocoFile(string Path, IReadOnlyList<string> Folders, bool Exact = true);

/// <summary>
/// The annotation files of a folder, as COCO and annotation tools lay them out:
/// <c>annotations/instances_train2017.json</c>; Roboflow's <c>train/_annotations.coco.json</c>; any other JSON that
/// begins as COCO's do, for the part that its name holds (<c>train.json</c>), or undivided if it is the only one
/// (CVAT's <c>instances_default.json</c>, Label Studio's <c>result.json</c>).
/// </summary>
internal sealed partial class CocoFiles
{
    private const string Annotations = "annotations", Images = "images", Roboflow = "_annotations.coco.json";

    // Other annotations of the same pictures, which COCO publishes together with the instances.
    private static readonly string[] Others =
    [
        "captions", "person_keypoints", "panoptic", "image_info", "stuff", "lvis",
    ];

    private readonly string _folder;
    private readonly List<string> _instances, _roboflow, _others;

    private CocoFiles(string folder)
    {
        _folder = folder;
        var jsons =
            new[] { folder, Path.Combine(folder, Annotations) }.SelectMany(place => Jsons(place, "*.json")).ToList();
        _instances = jsons.FindAll(
            path => Path.GetFileName(path).StartsWith("instances_", StringComparison.OrdinalIgnoreCase));
        _roboflow = [.. Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder).SelectMany(place => Jsons(place, Roboflow))
            : []];
        _others = jsons.FindAll(path => !_instances.Contains(path)
            && !Others.Any(other => Path.GetFileName(path).StartsWith(other, StringComparison.OrdinalIgnoreCase)));
    }

    public static CocoFiles Of(string folder) => new(folder);

    /// <summary>A file whose name alone says what it is; null: none.</summary>
    public string? Named =>
        _instances.Concat(_roboflow.Where(path => PartNames.PartOf(FolderName(path)) is not null)).FirstOrDefault();

    /// <summary>A file that looks like one by what it holds; null: none.</summary>
    public string? Alike => _others.Find(LooksLikeCoco);

    /// <summary>The one file of a data set without parts, or null.</summary>
    public CocoFile? Undivided
    {
        get
        {
            var (instances, alike) =
                (_instances.FindAll(path => PartOfInstances(path) is null), _others.FindAll(LooksLikeCoco));
            return DatasetLayout.Parts.Any(part => OfPart(part).Count > 0)
                || (instances.Count > 0 ? instances : alike) is not [var only]
                ? null
                : new CocoFile(only, [.. Places(SubsetOf(only)), Path.GetDirectoryName(only)!, _folder]);
        }
    }

    /// <summary>The files of a part, the one to prefer first.</summary>
    public List<CocoFile> OfPart(string part)
    {
        var named = _instances.Select(path => (path, Name: SubsetOf(path))).Where(file => IsOf(file.Name, part))
            .OrderBy(file => PartNames.PartOf(Letters(file.Name)) is null).ThenByDescending(
                file => file.Name, StringComparer.Ordinal).ThenBy(file => file.path, StringComparer.Ordinal);
        List<CocoFile> files = [.. named.Select(file => new CocoFile(file.path, [.. Places(file.Name), _folder]))];
        files.AddRange(_roboflow.Where(path => PartNames.PartOf(FolderName(path)) == part).Select(path => new CocoFile(
            path, [Path.GetDirectoryName(path)!, Path.Combine(Path.GetDirectoryName(path)!, Images), _folder])));
        if (files.Count > 0)
            return files;
        return [.. _others.Where(path => PartInName(path) == part && LooksLikeCoco(path)).Select(
            path => new CocoFile(path, [.. Places(SubsetOf(path)), .. PartFolders(part), _folder], Exact: false))];
    }

    /// <summary>Addition to a message about files whose names show no part; empty if there are none.</summary>
    public string Hint(string part)
    {
        var nameless = _instances.Where(path => PartOfInstances(path) is null)
            .Concat(_roboflow.Where(path => PartNames.PartOf(FolderName(path)) is null))
            .Concat(_others.Where(path => PartInName(path) is null && LooksLikeCoco(path)))
            .Select(path => Path.GetRelativePath(_folder, path)).Take(4).ToList();
        return nameless.Count == 0
            ? ""
            : $"; there is {string.Join(" and ", nameless)}: call what is meant {Annotations}/instances_{part}.json";
    }

    private IEnumerable<string> Places(string name) =>
        new[] { name, Path.Combine(Images, name), Images, "data" }.Select(place => Path.Combine(_folder, place));

    private IEnumerable<string> PartFolders(string part) =>
        new[] { _folder, Path.Combine(_folder, Images) }.Where(Directory.Exists)
            .SelectMany(Directory.EnumerateDirectories)
            .Where(path => PartNames.PartOf(Letters(Path.GetFileName(path))) == part).Order(StringComparer.Ordinal);

    private static bool IsOf(string name, string part) =>
        PartNames.PartOf(Letters(name)) is { } own ? own == part : name.StartsWith(part, StringComparison.Ordinal);

    private static string? PartOfInstances(string path) =>
        DatasetLayout.Parts.FirstOrDefault(part => IsOf(SubsetOf(path), part));

    // "train2017" of instances_train2017.json.
    private static string SubsetOf(string path) => Path.GetFileNameWithoutExtension(path) is var name
        && name.StartsWith("instances_", StringComparison.OrdinalIgnoreCase)
        ? name["instances_".Length..]
        : name;

    private static string Letters(string name) => name.TrimEnd("0123456789".ToCharArray());

    private static string? PartInName(string path)
    {
        var parts = Word().Matches(Path.GetFileNameWithoutExtension(path)).Select(word => PartNames.PartOf(word.Value))
            .OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return parts is [var only] ? only : null;
    }

    private static string FolderName(string path) => Path.GetFileName(Path.GetDirectoryName(path))!;

    private static bool LooksLikeCoco(string path) =>
        JsonStart.FirstProperty(path) is "images" or "annotations" or "categories" or "info" or "licenses";

    private static IEnumerable<string> Jsons(string folder, string pattern) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, pattern).Where(path => !Path.GetFileName(path).StartsWith('.'))
                .Order(StringComparer.Ordinal)
            : [];

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex Word();
}
