namespace Flixstock.Engine;

/// <summary>A data set as a user names it. The one place that decides how it is read: every command loads its pictures and labels through it.</summary>
/// <param name="Path">A folder.</param>
public sealed record DatasetSource(string Path)
{
    /// <summary>The pictures of a part with what is known about them.</summary>
    /// <param name="part"><c>train</c>, <c>val</c> or <c>test</c>.</param>
    /// <exception cref="InputException">There is no such data set or part, or its labels are wrong; names file and row.</exception>
    public ImageDataset Load(string part) => ImageDataset.LoadSplit(Path, part);
}
