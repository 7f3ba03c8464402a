using System.Collections;
using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// What is known about the classes of one picture: 1 positive, 0 negative, -1 unknown. For a few classes all labels are
/// kept; for thousands, of which only some
/// are known, those alone, so that millions of pictures fit in memory. Never changes.
/// </summary>
/// <remarks>Threads: any number.</remarks>
[CollectionBuilder(typeof(SampleLabels), nameof(Of))]
public sealed class SampleLabels : IReadOnlyList<sbyte>
{
    /// <summary>The label of a class about which nothing is known.</summary>
    public const sbyte Unknown = -1;

    private readonly sbyte[]? _all;
    private readonly int[]? _known; // ascending, 2 * class + label

    private SampleLabels(sbyte[] all) => (_all, Length) = (all, all.Length);

    private SampleLabels(int classes, int[] known) => (_known, Length) = (known, classes);

    /// <summary>Number of classes.</summary>
    public int Length { get; }

    /// <summary>Number of classes.</summary>
    public int Count => Length;

    /// <summary>1, 0 or -1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public sbyte this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Length, nameof(index));
            if (_all is not null)
                return _all[index];
            var place = Array.BinarySearch(_known!, index * 2);
            if (place >= 0)
                return 0;
            place = ~place;
            return place < _known!.Length && _known[place] == (index * 2) + 1 ? (sbyte)1 : Unknown;
        }
    }

    /// <summary>Labels that are all kept; the array must not change afterwards.</summary>
    public static implicit operator SampleLabels(sbyte[] labels) => new(labels);

    /// <summary>All labels, [classes]; a copy if only the known ones are kept.</summary>
    public static implicit operator ReadOnlySpan<sbyte>(SampleLabels labels) => labels.AsSpan();

    /// <summary>These labels, one for each class.</summary>
    public static SampleLabels Of(ReadOnlySpan<sbyte> labels) => new(labels.ToArray());

    /// <summary>The labels of many classes, of which few are known.</summary>
    /// <param name="classes">Number of classes.</param>
    /// <param name="known">Class and label (1 or 0) of those that are known, in any order, each class once.</param>
    /// <exception cref="ArgumentException">
    /// A class is out of range or named twice, or a label is neither 1 nor 0.
    /// </exception>
    public static SampleLabels Sparse(int classes, IEnumerable<(int Class, sbyte Label)> known)
    {
        var codes = known.Select(entry => entry.Label is 0 or 1
            ? Code(entry.Class, entry.Label)
            : throw new ArgumentException(
                $"the label of class {entry.Class} is {entry.Label}; only 1 and 0 are known labels")).ToArray();
        Array.Sort(codes);
        return FromCodes(classes, codes);
    }

    /// <summary>All labels, [classes]; a copy if only the known ones are kept.</summary>
    public ReadOnlySpan<sbyte> AsSpan() => _all ?? ToArray();

    /// <summary>The labels of some classes; a copy if only the known ones are kept.</summary>
    public ReadOnlySpan<sbyte> AsSpan(int first, int classes) => AsSpan().Slice(first, classes);

    /// <summary>A copy of all labels, [classes].</summary>
    public sbyte[] ToArray()
    {
        var labels = new sbyte[Length];
        CopyTo(labels);
        return labels;
    }

    /// <summary>Writes all labels; the memory may be longer than there are classes.</summary>
    public void CopyTo(Span<sbyte> labels)
    {
        if (_all is not null)
        {
            _all.CopyTo(labels);
            return;
        }
        labels[..Length].Fill(Unknown);
        foreach (var code in _known!)
            labels[code >> 1] = (sbyte)(code & 1);
    }

    /// <summary>The classes about which something is known, ascending, with their labels.</summary>
    public IEnumerable<(int Class, sbyte Label)> Known()
    {
        if (_known is not null)
            return _known.Select(code => (code >> 1, (sbyte)(code & 1)));
        return Enumerable.Range(0, Length).Where(k => _all![k] >= 0).Select(k => (k, _all![k]));
    }

    /// <summary>The same labels with the classes reordered.</summary>
    /// <param name="places">[classes] new index of each class; every index once.</param>
    internal SampleLabels Moved(int[] places)
    {
        if (_known is not null)
        {
            var codes = Array.ConvertAll(_known, code => Code(places[code >> 1], (sbyte)(code & 1)));
            Array.Sort(codes);
            return FromCodes(Length, codes);
        }
        var moved = new sbyte[Length];
        for (var k = 0; k < moved.Length; k++)
            moved[places[k]] = _all![k];
        return moved;
    }

    /// <inheritdoc/>
    public IEnumerator<sbyte> GetEnumerator() => ((IEnumerable<sbyte>)(_all ?? ToArray())).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static int Code(int index, sbyte label) => (index * 2) + label;

    /// <summary>Labels from codes in ascending order, which must not change afterwards.</summary>
    internal static SampleLabels FromCodes(int classes, int[] codes)
    {
        for (var i = 0; i < codes.Length; i++)
        {
            if (codes[i] < 0 || codes[i] >> 1 >= classes || (i > 0 && codes[i] >> 1 <= codes[i - 1] >> 1))
            {
                throw new ArgumentException(
                    $"class {codes[i] >> 1} is named twice or is none of the {classes} classes");
            }
        }
        return new SampleLabels(classes, codes);
    }
}
