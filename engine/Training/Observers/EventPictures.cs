namespace Flixstock.Engine;

/// <summary>
/// A few validation pictures, the same in every epoch of a run, with what the network says of them. Their scores are
/// those of the validation, so that nothing is computed for them.
/// </summary>
internal sealed class EventPictures
{
    /// <summary>Pictures of an epoch at most.</summary>
    public const int Most = 8;

    private const int Side = 320; // the painter enlarges smaller pictures to it
    private const int MostLabels = 8; // of independent classes any number may be there
    private const string Absent = "absent";

    private readonly ImageDataset _data;
    private readonly ProbabilityHead _head;
    private readonly bool _exifRotate;
    private readonly int[] _chosen;
    private readonly Dictionary<WeightsKind, float[]> _scores = [];
    private readonly Dictionary<int, RgbPicture?> _decoded = [];

    /// <summary>Chooses the pictures: as far apart in the data set as they can be, annotated ones first.</summary>
    /// <param name="data">The validation pictures.</param>
    /// <param name="head">How scores become probabilities.</param>
    /// <param name="exifRotate">Turn pictures as their EXIF orientation says.</param>
    public EventPictures(ImageDataset data, HeadKind head, bool exifRotate)
    {
        (_data, _head, _exifRotate) = (data, new ProbabilityHead(data.Attributes, head), exifRotate);
        _chosen = Choose(data);
    }

    /// <summary>Numbers of the chosen pictures.</summary>
    public IReadOnlyList<int> Chosen => _chosen;

    /// <summary>Keeps the chosen pictures' scores.</summary>
    /// <param name="kind">The weights that they are of.</param>
    /// <param name="scores">[pictures, classes] of all validation pictures, before they become probabilities.</param>
    public void Keep(WeightsKind kind, ReadOnlySpan<float> scores)
    {
        var classes = _data.Attributes.ClassCount;
        var kept = new float[_chosen.Length * classes];
        for (var i = 0; i < _chosen.Length; i++)
            scores.Slice(_chosen[i] * classes, classes).CopyTo(kept.AsSpan(i * classes));
        _scores[kind] = kept;
    }

    /// <summary>The pictures with the answers by the scores that were kept last.</summary>
    /// <param name="kind">By which weights.</param>
    public IEnumerable<(string Name, RgbPicture Picture)> Paint(WeightsKind kind)
    {
        var classes = _data.Attributes.ClassCount;
        for (var i = 0; i < _chosen.Length; i++)
        {
            if (Decoded(_chosen[i]) is not { } picture)
                continue;
            var sample = _data.Samples[_chosen[i]];
            var prediction = Prediction.From(_scores[kind].AsSpan(i * classes, classes), _head, thresholds: null);
            prediction = prediction with { Labels = [.. prediction.Labels.Take(MostLabels)] };
            yield return (sample.File, PredictionPainter.Paint(picture, prediction, sample.File,
                [.. prediction.ClassNumbers(_data.Attributes).Select((number, at) => Annotated(sample, at, number))]));
        }
    }

    private static int[] Choose(ImageDataset data)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int[] all = [.. Enumerable.Range(0, data.Samples.Count).Where(i => seen.Add(data.Samples[i].File))];
        int[] annotated = [.. all.Where(i => data.Samples[i].Labels.Known().Any(known => known.Label == 1))];
        var from = annotated.Length >= Most ? annotated : all;
        var count = Math.Min(Most, from.Length);
        return [.. Enumerable.Range(0, count).Select(i => from[(int)((long)i * from.Length / count)])];
    }

    // What the painter compares with the answer: a name, or null if nothing is known.
    private string? Annotated(Sample sample, int label, int number)
    {
        var table = _data.Attributes;
        if (table.Independent)
            return sample.Labels[number] switch { 1 => table.ClassNames[number], 0 => Absent, _ => null };
        var known = table.ClassOf(sample.Labels, label);
        if (known < 0)
            return null;
        var group = table.Groups[label];
        return PredictionPainter.ShortName(
            new PredictedLabel(group.Name, table.ClassNames[table.Offset(label) + known], known, 1));
    }

    // Decoded once; null: it can no longer be read, which the next validation says.
    private RgbPicture? Decoded(int number)
    {
        if (_decoded.TryGetValue(number, out var known))
            return known;
        try
        {
            known = Shrunk(_data.Samples[number].Decode(_exifRotate));
        }
        catch (InputException)
        {
            known = null;
        }
        return _decoded[number] = known;
    }

    private static RgbPicture Shrunk(RgbPicture picture)
    {
        var scale = (double)Side / Math.Max(picture.Width, picture.Height);
        return scale >= 1
            ? picture
            : PictureResizer.Resize(
                picture, Math.Max(1, (int)Math.Round(picture.Width * scale)),
                Math.Max(1, (int)Math.Round(picture.Height * scale)));
    }
}
