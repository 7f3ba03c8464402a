namespace Flixstock.Engine;

/// <summary>
/// Which un-annotated logits are among the batch's highest: found by radix selection, three passes over the logits and
/// no memory but one histogram. Ties go to the lower flat index.
/// </summary>
internal readonly unsafe struct LikelihoodCut
{
    private const int BucketBits = 11, Buckets = 1 << BucketBits;
    private readonly uint _key;
    private readonly long _lastTie;
    private readonly bool _dropsAll;

    /// <summary>
    /// Finds the cut: the <paramref name="wanted"/> highest of those with a label below 0 are dropped.
    /// </summary>
    public LikelihoodCut(float* logits, sbyte* labels, long count, long wanted)
    {
        _lastTie = -1;
        _key = uint.MaxValue;
        if (wanted <= 0)
            return;
        long unannotated = 0;
        for (long i = 0; i < count; i++)
            unannotated += labels[i] < 0 ? 1 : 0;
        _dropsAll = wanted >= unannotated;
        if (_dropsAll)
            return;
        (_key, var ties) = Select(logits, labels, count, wanted);
        for (long i = 0; ties > 0; i++)
        {
            if (labels[i] >= 0 || Key(logits[i]) != _key)
                continue;
            _lastTie = i;
            ties--;
        }
    }

    /// <summary>True if the un-annotated logit at this flat index is left out.</summary>
    public bool Drops(float logit, long index)
    {
        var key = Key(logit);
        return _dropsAll || key > _key || (key == _key && index <= _lastTie);
    }

    // The key of rank "wanted" from the top, and how many elements with exactly this key are among the wanted ones.
    private static (uint Key, long Ties) Select(float* logits, sbyte* labels, long count, long wanted)
    {
        var histogram = stackalloc long[Buckets];
        uint prefix = 0;
        uint mask = 0;
        for (var shift = 32 - BucketBits; ; shift = Math.Max(shift - BucketBits, 0))
        {
            new Span<long>(histogram, Buckets).Clear();
            for (long i = 0; i < count; i++)
            {
                var key = Key(logits[i]);
                if (labels[i] < 0 && (key & mask) == prefix)
                    histogram[(key >> shift) & (Buckets - 1)]++;
            }
            // In the last pass a bucket's upper bits repeat bits of the prefix; the empty buckets in between do no
            // harm.
            var bucket = Buckets - 1;
            for (; histogram[bucket] < wanted; bucket--)
                wanted -= histogram[bucket];
            prefix |= (uint)bucket << shift;
            mask |= (uint)(Buckets - 1) << shift;
            if (shift == 0)
                return (prefix, wanted);
        }
    }

    // Order-preserving bits; adding 0 makes -0 equal to 0. Not-a-number counts as lowest, as in a sort.
    private static uint Key(float value)
    {
        if (float.IsNaN(value))
            return 0;
        var bits = BitConverter.SingleToUInt32Bits(value + 0f);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }
}
