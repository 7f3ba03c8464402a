using System.Text.RegularExpressions;

namespace Flixstock.Engine;

/// <summary>A picture of a part with its fingerprint.</summary>
internal sealed record SeenPicture(string Part, Sample Sample, PictureFingerprint Fingerprint);

/// <summary>Two pictures that are the same or look alike.</summary>
/// <param name="First">The one that came first.</param>
/// <param name="Second">The one that the fault is about.</param>
/// <param name="Fault">What is wrong with the two.</param>
internal sealed record DuplicatePair(SeenPicture First, SeenPicture Second, DatasetFault Fault);

/// <summary>
/// Finds pictures that are the same or look alike. Bits are compared in five groups: of pictures whose bits differ in
/// at most four places at least one group is equal, so only pictures that share a group are compared at all.
/// </summary>
internal static partial class DuplicateSearch
{
    private const int Groups = PictureFingerprint.NearBits + 1;

    // A group of bits that this many pictures share is meaningless (blank pictures); comparing them all would never
    // end.
    private const int MostInGroup = 5000;

    public static IEnumerable<DuplicatePair> Find(
        IReadOnlyList<SeenPicture> pictures, CancellationToken cancellation = default)
    {
        var reported = new HashSet<int>();
        foreach (var (first, second) in Exact(pictures))
        {
            cancellation.ThrowIfCancellationRequested();
            if (reported.Add(second))
            {
                yield return new DuplicatePair(
                    pictures[first], pictures[second], Same(pictures[first], pictures[second]));
            }
        }
        foreach (var (first, second) in Near(pictures, cancellation))
        {
            if (!reported.Contains(first) && reported.Add(second))
            {
                yield return new DuplicatePair(
                    pictures[first], pictures[second], Alike(pictures[first], pictures[second]));
            }
        }
    }

    private static IEnumerable<(int First, int Second)> Exact(IReadOnlyList<SeenPicture> pictures)
    {
        var first = new Dictionary<UInt128, int>(pictures.Count);
        for (var i = 0; i < pictures.Count; i++)
        {
            if (!first.TryAdd(pictures[i].Fingerprint.File, i)
                && !AreCopies(pictures[first[pictures[i].Fingerprint.File]], pictures[i]))
            {
                yield return (first[pictures[i].Fingerprint.File], i);
            }
        }
    }

    private static IEnumerable<(int First, int Second)> Near(
        IReadOnlyList<SeenPicture> pictures, CancellationToken cancellation)
    {
        var seen = Enumerable.Range(0, Groups).Select(_ => new Dictionary<ulong, List<int>>()).ToArray();
        for (var i = 0; i < pictures.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var match = -1;
            for (var group = 0; group < Groups; group++)
            {
                var key = (pictures[i].Fingerprint.Bits >> (group * 13)) & 0x1FFF;
                if (!seen[group].TryGetValue(key, out var sharing))
                    seen[group].Add(key, sharing = []);
                if (match < 0)
                {
                    match = sharing.FindIndex(other => AreAlike(pictures[other], pictures[i])) is >= 0 and var at
                        ? sharing[at]
                        : -1;
                }
                if (sharing.Count < MostInGroup)
                    sharing.Add(i);
            }
            if (match >= 0)
                yield return (match, i);
        }
    }

    private static bool AreAlike(SeenPicture a, SeenPicture b) =>
        a.Fingerprint.LooksLike(b.Fingerprint) && !AreCopies(a, b);

    // The changed copies that a split adds to training deliberately resemble their originals and each other.
    private static bool AreCopies(SeenPicture a, SeenPicture b) =>
        a.Part == b.Part && a.Sample.File != b.Sample.File && Stem(a) == Stem(b);

    private static string Stem(SeenPicture picture) =>
        Copy().Replace(Path.ChangeExtension(picture.Sample.File, null), "");

    private static DatasetFault Same(SeenPicture first, SeenPicture second)
    {
        var where = $"the same file as {first.Sample.File} of {first.Part}";
        if (first.Part != second.Part)
        {
            return new DatasetFault(
                FaultKind.Leak, second.Part, second.Sample.File, where,
                $"remove it from {second.Part} or from {first.Part}");
        }
        return first.Sample.Labels.SequenceEqual(second.Sample.Labels)
            ? new DatasetFault(FaultKind.Duplicate, second.Part, second.Sample.File, where, "remove one of the two")
            : new DatasetFault(
                FaultKind.Contradiction, second.Part, second.Sample.File, $"{where}, with other labels",
                "keep one of the two with the right labels");
    }

    private static DatasetFault Alike(SeenPicture first, SeenPicture second) => first.Part == second.Part
        ? new DatasetFault(
            FaultKind.NearDuplicate, second.Part, second.Sample.File, $"looks like {first.Sample.File}",
            "look at both; remove one if they are the same photo")
        : new DatasetFault(
            FaultKind.Leak, second.Part, second.Sample.File, $"looks like {first.Sample.File} of {first.Part}",
            $"look at both; remove it from {second.Part} or from {first.Part} if they are the same photo");

    [GeneratedRegex(@"_aug_\d+$")]
    private static partial Regex Copy();
}
