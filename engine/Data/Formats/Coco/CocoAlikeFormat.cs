namespace Flixstock.Engine;

/// <summary>
/// COCO's annotations, recognised by the contents of a JSON file if no name shows them. Tried after the layouts that
/// have names; before folders of classes only
/// if there are none, but at most one folder with the pictures.
/// </summary>
/// <param name="beforeFolders">True for the question before folders, false for the one after them.</param>
internal sealed class CocoAlikeFormat(bool beforeFolders) : DatasetFormat
{
    private readonly CocoFormat _format = new();

    public override DatasetType Type => DatasetType.Coco;

    public override string? Recognise(string folder, CancellationToken cancellation = default)
    {
        var files = CocoFiles.Of(folder);
        return files.Named is null && HasNoClasses(folder) == beforeFolders && files.Alike is { } path
            ? Relative(folder, path)
            : null;
    }

    public override bool Has(string folder, string part, CancellationToken cancellation = default) =>
        _format.Has(folder, part, cancellation);

    public override ImageDataset Load(PartRequest request) => _format.Load(request);

    private static bool HasNoClasses(string folder)
    {
        var folders = Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)!)
            .Where(name => !name.StartsWith('.') && name != "annotations").ToList();
        return folders.Count == 0 || (folders.Count == 1 && PartNames.PartOf(folders[0]) is null);
    }
}
