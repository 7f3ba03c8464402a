namespace Flixstock.Engine;

/// <summary>Options of a check of a data set.</summary>
public sealed record CheckOptions
{
    /// <summary>A picture with a shorter side below this many pixels is tiny.</summary>
    public int TinySide { get; init; } = 32;

    /// <summary>Threads; they do not change the result.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}

/// <summary>Result of a check.</summary>
/// <param name="Type">The layout from which the data set was read.</param>
/// <param name="Pictures">Number of pictures checked.</param>
/// <param name="Faults">Everything found, parts and pictures in order.</param>
public sealed record CheckReport(DatasetType Type, int Pictures, IReadOnlyList<DatasetFault> Faults)
{
    /// <summary>Faults with which training or measuring would go wrong.</summary>
    public int Errors => Faults.Count(fault => fault.IsError);

    /// <summary>The list to work through, LF line ends.</summary>
    public string ToCsv()
    {
        var text = new System.Text.StringBuilder("file,part,fault,severity,detail,remedy\n");
        foreach (var fault in Faults)
        {
            text.AppendJoin(',', new[]
            {
                fault.File, fault.Part, fault.KindName, fault.IsError ? "error" : "warning", fault.Detail, fault.Remedy,
            }.Select(CsvCell.Of)).Append('\n');
        }
        return text.ToString();
    }
}

/// <summary>What a check saw.</summary>
/// <param name="Report">The faults.</param>
/// <param name="Parts">The parts of the data set.</param>
/// <param name="Seen">The pictures that can be read.</param>
/// <param name="Pairs">Pictures that are the same or look alike.</param>
internal sealed record DatasetLook(
    CheckReport Report, IReadOnlyList<(string Part, ImageDataset Data)> Parts, IReadOnlyList<SeenPicture> Seen,
    IReadOnlyList<DuplicatePair> Pairs);

/// <summary>
/// Checks every picture and label of a data set: unreadable, truncated and tiny pictures, duplicate pictures, pictures
/// of one part that lie in
/// another, classes without a positive, labels that contradict each other. Changes nothing.
/// </summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="source">The data set.</param>
/// <param name="options">Options that decide what counts as a fault.</param>
public sealed class DatasetChecker(DatasetSource source, CheckOptions options)
{
    /// <summary>Checks all parts.</summary>
    /// <param name="progress">Pictures done and in all, from several threads.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="InputException">The label files themselves cannot be read.</exception>
    public CheckReport Run(
        IProgress<(int Done, int Total)>? progress = null, CancellationToken cancellation = default) =>
        Look(progress, cancellation).Report;

    /// <summary>Same as <see cref="Run"/>, with what it saw.</summary>
    internal DatasetLook Look(IProgress<(int Done, int Total)>? progress, CancellationToken cancellation)
    {
        var resolved = (source with { Cancellation = cancellation }).Resolved();
        var faults = new List<DatasetFault>();
        var parts = DatasetLayout.Parts.Where(resolved.Has)
            .Select(part => (Part: part, Data: resolved.Load(part, faults))).ToList();
        if (parts.Count == 0)
            throw new InputException($"{resolved.Path}: the data set has none of the parts train, val and test");
        var all = parts.SelectMany(part => part.Data.Samples.Select(sample => (part.Part, Sample: sample))).ToList();
        var looks = new object[all.Count];
        var done = 0;
        PictureWorkers.Run(all.Count, options.Workers, i =>
        {
            looks[i] = Look(all[i].Part, all[i].Sample);
            progress?.Report((Interlocked.Increment(ref done), all.Count));
        }, cancellation);
        faults.AddRange(looks.OfType<DatasetFault>());
        var seen = looks.OfType<SeenPicture>().ToList();
        faults.AddRange(
            seen.Where(picture => Math.Min(picture.Fingerprint.Width, picture.Fingerprint.Height) < options.TinySide)
                .Select(picture => new DatasetFault(
                    FaultKind.Tiny, picture.Part, picture.Sample.File,
                    $"{picture.Fingerprint.Width} x {picture.Fingerprint.Height} pixels",
                    "replace it by a larger picture or remove it")));
        var pairs = DuplicateSearch.Find(seen, cancellation).ToList();
        faults.AddRange(pairs.Select(pair => pair.Fault));
        foreach (var (part, data) in parts)
            faults.AddRange(EmptyClasses(part, data, cancellation));
        faults.AddRange(DatasetSurvey.Of(resolved, [.. parts.Select(part => part.Data)], cancellation).Groups
            .Where(group => group.Reason is not (PassedOverReason.Hidden or PassedOverReason.Made))
            .Select(group => new DatasetFault(FaultKind.PassedOver, "", group.Examples[0], $"{group}", group.Remedy)));
        var report = new CheckReport(
            resolved.Type, all.Count, [.. faults.OrderBy(fault => fault.IsError ? 0 : 1).ThenBy(fault => fault.Kind)]);
        return new DatasetLook(report, [.. parts.Select(part => (part.Part, part.Data))], seen, pairs);
    }

    private static object Look(string part, Sample sample)
    {
        try
        {
            return new SeenPicture(part, sample, PictureFingerprint.Of(sample));
        }
        catch (InputException e)
        {
            var cut = e.Message.Contains("truncated", StringComparison.Ordinal);
            return new DatasetFault(
                cut ? FaultKind.Truncated : FaultKind.Unreadable, part, sample.File, e.Wording,
                "replace or remove the picture");
        }
    }

    private static IEnumerable<DatasetFault> EmptyClasses(
        string part, ImageDataset data, CancellationToken cancellation)
    {
        var counts = PartSummary.Of(part, data, cancellation).Classes;
        for (var k = 0; k < counts.Count; k++)
        {
            if (counts[k].Positive == 0)
            {
                yield return new DatasetFault(
                    FaultKind.EmptyClass, part, data.Attributes.ClassNames[k],
                    $"no picture of {part} has it ({counts[k].Negative} do not, {counts[k].Unknown} unknown)",
                    part == "train"
                        ? "add pictures that have it, or leave the class out"
                        : "it cannot be measured here; add pictures that have it");
            }
        }
    }
}
