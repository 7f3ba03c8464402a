namespace Flixstock.Engine;

/// <summary>A picture and what is known about it.</summary>
/// <param name="File">File name as in the CSV.</param>
/// <param name="Path">Where the picture lies.</param>
/// <param name="Labels">[classes] 1, 0, or -1 for every class of an unknown attribute.</param>
public sealed record Sample(string File, string Path, sbyte[] Labels);

/// <summary>An ordered list of labelled pictures.</summary>
public sealed class ImageDataset
{
    /// <summary>The CSV's column with the pictures' file names.</summary>
    public const string FileColumn = "filename";

    /// <summary>A data set of these samples.</summary>
    public ImageDataset(AttributeTable attributes, IReadOnlyList<Sample> samples)
    {
        Attributes = attributes;
        Samples = samples;
    }

    /// <summary>The attributes and their classes.</summary>
    public AttributeTable Attributes { get; }

    /// <summary>The pictures in the order of the CSV.</summary>
    public IReadOnlyList<Sample> Samples { get; }

    /// <summary>
    /// Reads a label file: <c>filename</c> and one column per attribute, cells like <c>6</c> or <c>6.0</c>, unknown <c>#N/A</c>, empty or <c>NaN</c>;
    /// or, where <c>dataset.json</c> says that the classes are independent, one column per class, cells 1, 0 or unknown.
    /// Rows in messages count as a spreadsheet does: the header is row 1.
    /// </summary>
    /// <exception cref="InputException">
    /// The file or folder is missing or empty; a column is missing, unknown or doubled; a cell is no class of its attribute; a picture is named
    /// twice or not in the folder. Names the file, the row and the column.
    /// </exception>
    public static ImageDataset Load(string csvPath, string imageFolder)
    {
        var attributes = AttributeTable.LoadBeside(csvPath);
        var rows = attributes.Independent
            ? ClassCsv.Read(csvPath, attributes)
            : AttributeCsv.Read(csvPath, attributes).Rows.ConvertAll(row => new LabelRow(row.Row, row.File, attributes.Labels(row.Classes)));
        if (rows.Count == 0)
            throw new InputException($"{csvPath}: there are no rows below the header; at least one picture is needed");
        var present = FilesIn(imageFolder);
        var samples = new List<Sample>(rows.Count);
        foreach (var row in rows)
        {
            if (!present.Contains(row.File))
                throw MissingPicture(csvPath, row.Row, row.File, imageFolder);
            samples.Add(new Sample(row.File, Path.Combine(imageFolder, row.File), row.Labels));
        }
        return new ImageDataset(attributes, samples);
    }

    /// <summary>Loads what the split has written: train (with the augmented copies), val or test.</summary>
    /// <param name="dataFolder">The data folder.</param>
    /// <param name="part"><c>train</c>, <c>val</c> or <c>test</c>.</param>
    /// <exception cref="InputException">The folder was not split, or as in <see cref="Load"/>.</exception>
    public static ImageDataset LoadSplit(string dataFolder, string part)
    {
        var layout = new DatasetLayout(dataFolder);
        if (!Directory.Exists(dataFolder))
            throw new InputException($"{dataFolder}: there is no such folder; give the folder of the data set");
        if (!File.Exists(layout.PartCsv(part)))
            throw new InputException($"{layout.PartCsv(part)}: there is no such file; run 'flixstock split --data {dataFolder}' first");
        return Load(layout.PartCsv(part), layout.PartImages(part));
    }

    internal static InputException MissingPicture(string csvPath, int row, string file, string imageFolder) =>
        new($"{csvPath}: row {row}, column '{FileColumn}': the picture '{file}' is not in {imageFolder}; add it or remove the row");

    /// <summary>Names of the files in a folder of pictures.</summary>
    internal static HashSet<string> FilesIn(string folder)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFiles().Select(file => file.Name)];
        }
        catch (DirectoryNotFoundException e)
        {
            throw new InputException($"{folder}: there is no such folder; it must hold the pictures that the CSV names", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{folder}: cannot be read: {e.Message}", e);
        }
    }
}
