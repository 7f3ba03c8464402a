namespace Flixstock.Engine;

/// <summary>
/// The pseudo-labels of a training, a byte for every label of every picture, and four for those that are soft. What is
/// annotated never has one.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class SelfLabelTable
{
    /// <summary>A pseudo-label.</summary>
    public const sbyte Negative = 0, Positive = 1;

    /// <summary>A positive from the next epoch on.</summary>
    public const sbyte Coming = 2;

    private const sbyte None = -1, Annotated = -2;
    private const int BitsOfCell = 2, CellsOfByte = 8 / BitsOfCell, Mask = (1 << BitsOfCell) - 1;
    private readonly IReadOnlyList<Sample> _samples;
    private readonly sbyte[] _cells;
    private readonly float[] _soft;
    private readonly int[] _unknown;

    /// <summary>A table without pseudo-labels.</summary>
    /// <param name="samples">The training pictures with their annotations.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="soft">True: pseudo-labels are probabilities.</param>
    /// <exception cref="InputException">There are more labels than an array has room for.</exception>
    public SelfLabelTable(IReadOnlyList<Sample> samples, int classes, bool soft)
    {
        var count = (long)samples.Count * classes;
        if (count > Array.MaxLength)
        {
            throw new InputException($"{samples.Count} pictures of {classes} classes have {count} labels, too many for "
                + $"pseudo-labels ({Array.MaxLength}): train on fewer pictures or classes, or without pseudo-labels");
        }
        (_samples, Classes) = (samples, classes);
        (_cells, _soft, _unknown) = (new sbyte[count], soft ? new float[count] : [], new int[classes]);
        for (var i = 0; i < _cells.Length; i++)
        {
            _cells[i] = samples[i / classes].Labels[i % classes] < 0 ? None : Annotated;
            _unknown[i % classes] += _cells[i] == None ? 1 : 0;
        }
    }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>How many labels of a class are not annotated.</summary>
    public int Unknown(int classIndex) => _unknown[classIndex];

    /// <summary>Pictures whose label of a class has neither annotation nor pseudo-label, by ascending score.</summary>
    /// <param name="classIndex">The class.</param>
    /// <param name="scores">[pictures, classes]</param>
    /// <returns>Of equal scores the picture that comes first stands last.</returns>
    public int[] Unlabelled(int classIndex, float[] scores)
    {
        var keys = new List<ulong>(_unknown[classIndex]);
        for (var i = 0; i < _samples.Count; i++)
        {
            var place = (i * Classes) + classIndex;
            if (_cells[place] == None)
                keys.Add(((ulong)Ascending(scores[place]) << 32) | ~(uint)i);
        }
        keys.Sort();
        return [.. keys.Select(key => (int)~(uint)key)];
    }

    /// <summary>Takes all pseudo-labels away.</summary>
    public void Clear()
    {
        foreach (ref var cell in _cells.AsSpan())
            cell = Math.Min(cell, None);
    }

    /// <summary>Gives a label that is not annotated a pseudo-label.</summary>
    /// <param name="picture">Number of the sample.</param>
    /// <param name="classIndex">The class.</param>
    /// <param name="label">The pseudo-label.</param>
    /// <param name="soft">Its probability, above 0 and below 1, if pseudo-labels are soft.</param>
    public void Set(int picture, int classIndex, sbyte label, float soft = 0)
    {
        var place = (picture * Classes) + classIndex;
        if (_cells[place] == Annotated)
            throw new InvalidOperationException($"picture {picture}, class {classIndex}: annotated");
        _cells[place] = label;
        if (_soft.Length > 0)
            _soft[place] = soft;
    }

    /// <summary>What comes is there from now on.</summary>
    public void KeepComing() => _cells.AsSpan().Replace(Coming, Positive);

    /// <summary>Puts the pseudo-labels of its pictures into a batch.</summary>
    public void Apply(Batch batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            var (own, place) = (batch.SampleIndices[i] * Classes, i * Classes);
            for (var k = 0; k < Classes; k++, own++, place++)
            {
                if (_cells[own] is not (Negative or Positive))
                    continue;
                batch.Labels[place] = _cells[own];
                if (batch.SoftLabels is { } targets)
                    targets[place] = _soft.Length > 0 ? _soft[own] : _cells[own];
            }
        }
    }

    /// <summary>The labels that a step saw, [pictures, classes]: annotations and pseudo-labels, or -1.</summary>
    public void CopyLabels(ReadOnlySpan<int> samples, Span<sbyte> labels)
    {
        for (var i = 0; i < samples.Length; i++)
        {
            var own = labels.Slice(i * Classes, Classes);
            _samples[samples[i]].Labels.CopyTo(own);
            for (var k = 0; k < Classes; k++)
            {
                if (_cells[(samples[i] * Classes) + k] is (Negative or Positive) and var label)
                    own[k] = label;
            }
        }
    }

    /// <summary>Counts pseudo-labels, and how many of them are right.</summary>
    /// <param name="epoch">The epoch that has ended.</param>
    /// <param name="truth">The samples with all labels that are known of them; null: nobody knows more.</param>
    public SelfLabelEpoch Count(int epoch, IReadOnlyList<Sample>? truth)
    {
        var (given, known, right) = (new long[2], new long[2], new long[2]);
        for (var i = 0; i < _cells.Length; i++)
        {
            if (_cells[i] is not (Negative or Positive) and not Coming)
                continue;
            var label = _cells[i] == Negative ? 0 : 1;
            var actual = truth?[i / Classes].Labels[i % Classes] ?? SampleLabels.Unknown;
            given[label]++;
            known[label] += actual >= 0 ? 1 : 0;
            right[label] += actual == label ? 1 : 0;
        }
        return new SelfLabelEpoch(
            epoch, _unknown.Sum(count => (long)count), given[1], known[1], right[1], given[0], known[0], right[0]);
    }

    /// <summary>All pseudo-labels, four in a byte: 0 none, 1 negative, 2 positive, 3 positive from the next epoch on.
    /// </summary>
    public byte[] Pack()
    {
        var packed = new byte[PackedBytes];
        for (var i = 0; i < _cells.Length; i++)
            packed[i / CellsOfByte] |= (byte)(Math.Max(_cells[i] + 1, 0) << (i % CellsOfByte * BitsOfCell));
        return packed;
    }

    /// <summary>The probabilities of soft ones, in order; none if they are not soft.</summary>
    public float[] PackSoft() =>
        [.. Enumerable.Range(0, _soft.Length).Where(i => _cells[i] >= 0).Select(i => _soft[i])];

    /// <summary>The reverse of <see cref="Pack"/> and <see cref="PackSoft"/>.</summary>
    /// <exception cref="InputException">They cannot be of these pictures.</exception>
    public void Unpack(ReadOnlySpan<byte> packed, ReadOnlySpan<float> soft)
    {
        if (packed.Length != PackedBytes)
        {
            throw new InputException(
                $"{packed.Length} bytes of pseudo-labels, where {PackedBytes} belong to the labels");
        }
        for (long i = 0, end = (long)packed.Length * CellsOfByte; i < end; i++)
        {
            var cell = ((packed[(int)(i / CellsOfByte)] >> (int)(i % CellsOfByte * BitsOfCell)) & Mask) - 1;
            if (cell >= 0 && (i >= _cells.Length || _cells[i] == Annotated || (_soft.Length > 0 && cell != Negative)))
                throw new InputException($"label {i} has a pseudo-label that it cannot have");
            if (i < _cells.Length && _cells[i] != Annotated)
                _cells[i] = (sbyte)cell;
        }
        var places = Enumerable.Range(0, _soft.Length).Where(i => _cells[i] >= 0).ToArray();
        if (soft.Length != places.Length)
            throw new InputException($"{soft.Length} soft pseudo-labels, where there are {places.Length} places");
        for (var i = 0; i < places.Length; i++)
            _soft[places[i]] = soft[i] is > 0 and < 1 ? soft[i] : throw new InputException($"a soft label {soft[i]}");
    }

    private int PackedBytes => (int)(((long)_cells.Length + CellsOfByte - 1) / CellsOfByte);

    // Bits in the order of the numbers; adding 0 makes -0 equal to 0.
    private static uint Ascending(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value + 0f);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }
}
