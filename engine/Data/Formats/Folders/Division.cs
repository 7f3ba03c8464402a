namespace Flixstock.Engine;

/// <summary>
/// Deals pictures out to training, validation and test, 80 : 10 : 10, one after the other; with three pictures or more
/// no part is empty.
/// </summary>
/// <param name="count">Total number of pictures.</param>
internal sealed class Division(int count)
{
    /// <summary>Below this many pictures the parts are not whole tenths.</summary>
    public const int FewPictures = 10;

    private int _place;

    /// <summary>
    /// The part of the next picture. Counting continues from class to class, so that the parts of many small classes
    /// have the right sizes too.
    /// </summary>
    public string Next() => PartAt(_place++);

    /// <summary>True if a part gets any picture.</summary>
    public bool Has(string part) => part switch { "train" => count > 0, "val" => count > 1, _ => count > 2 };

    private string PartAt(int place)
    {
        if (count >= FewPictures)
            return (place % 10) switch { 4 => "val", 9 => "test", _ => "train" };
        var test = count > 2 ? count - 1 : -1;
        var validation = count > 5 ? 4 : count > 2 ? count - 2 : count - 1;
        return place == test ? "test" : place == validation && count > 1 ? "val" : "train";
    }
}
