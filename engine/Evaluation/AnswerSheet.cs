namespace Flixstock.Engine;

/// <summary>The pictures that answers are about.</summary>
/// <param name="Dataset">Pictures and classes.</param>
/// <param name="ExifRotate">Turn pictures as their EXIF orientation says.</param>
/// <param name="Origin">Which model and which pictures, for the small print.</param>
internal sealed record SheetSource(ImageDataset Dataset, bool ExifRotate, string Origin)
{
    /// <summary>Where the model sees what it says, by picture and class; null: not shown.</summary>
    public IReadOnlyDictionary<(int Sample, int Number), ActivationMap>? Maps { get; init; }
}

/// <summary>A contact sheet of answers.</summary>
/// <param name="Name">Its name in file names.</param>
/// <param name="Title">A line above it.</param>
/// <param name="Galleries">What is on it, one below the other.</param>
internal sealed record AnswerSheet(string Name, string Title, IReadOnlyList<AnswerGallery> Galleries)
{
    private const string MapsNote =
        "Colours: where the model sees the class, the ring is the highest place; none: no place speaks for it.";

    /// <summary>Names of the four sheets.</summary>
    public static IReadOnlyList<string> Names { get; } = ["right", "wrong", "uncertain", "suspicious"];

    /// <summary>The answers on the sheet, in order.</summary>
    public IEnumerable<PictureAnswer> Answers => Galleries.SelectMany(gallery => gallery.Shown);

    /// <summary>All four sheets; one may be without pictures.</summary>
    /// <param name="chosen">What they show.</param>
    /// <param name="most">Largest number of pictures on a sheet.</param>
    public static IReadOnlyList<AnswerSheet> All(PictureChoice chosen, int most) =>
    [
        Of(Names[0], chosen.Right, most), Of(Names[1], chosen.Wrong, most), Of(Names[2], chosen.LeastCertain, most),
        Suspicious(chosen.Disagreements, chosen.Unknown, most),
    ];

    /// <summary>
    /// The sheet of labels to check: those that disagree first, unknown ones in the room that is left.
    /// </summary>
    /// <param name="disagreements">Labels that a sure model contradicts.</param>
    /// <param name="unknown">Sure answers where no label is known.</param>
    /// <param name="most">Largest number of pictures.</param>
    public static AnswerSheet Suspicious(AnswerGallery disagreements, AnswerGallery unknown, int most)
    {
        var first = disagreements with { Shown = [.. disagreements.Shown.Take(most)] };
        var second = unknown with { Shown = [.. unknown.Shown.Take(most - first.Shown.Count)] };
        return new(
            Names[3], $"Labels to check: {first.Count} disagree, {second.Count} unknown", [first, second]);
    }

    /// <summary>Draws the sheet, which must have pictures, and writes it as PNG.</summary>
    /// <param name="path">The file.</param>
    /// <param name="source">The pictures.</param>
    /// <param name="cancellation">Stops between pictures.</param>
    /// <exception cref="InputException">A picture cannot be read any more, or the folder cannot be written.</exception>
    public void Save(string path, SheetSource source, CancellationToken cancellation = default) => ContactSheet.Save(
        path, [.. Galleries.Select(gallery => PartOf(gallery, source, cancellation))], title: Title,
        note: string.Join(' ', Notes(source)));

    private static AnswerSheet Of(string name, AnswerGallery gallery, int most)
    {
        var shown = gallery with { Shown = [.. gallery.Shown.Take(most)] };
        return new(name, $"{gallery.Title}: {gallery.Of(shown.Shown.Count)}", [shown]);
    }

    private IEnumerable<string> Notes(SheetSource source)
    {
        yield return source.Origin;
        if (Galleries is [var only])
            yield return only.Text;
        if (source.Maps is not null)
            yield return MapsNote;
    }

    // A sheet of one kind says in its title what it shows.
    private SheetPart PartOf(AnswerGallery gallery, SheetSource source, CancellationToken cancellation) => new(
        Galleries.Count == 1 ? "" : $"{gallery.Title}: {gallery.Of(gallery.Shown.Count)}. {gallery.Text}",
        [.. gallery.Shown.Select(answer => PictureOf(answer, source, cancellation))]);

    private static SheetPicture PictureOf(PictureAnswer answer, SheetSource source, CancellationToken cancellation)
    {
        var map = source.Maps?.GetValueOrDefault((answer.Sample, answer.Number));
        return new SheetPicture(Decode, AnswerCaption.Of(source.Dataset, answer))
        {
            Overlay = map is null ? null : (canvas, place) => ExplanationPainter.PaintMap(canvas, map, place),
        };

        RgbPicture Decode()
        {
            cancellation.ThrowIfCancellationRequested();
            return source.Dataset.Samples[answer.Sample].Decode(source.ExifRotate);
        }
    }
}
