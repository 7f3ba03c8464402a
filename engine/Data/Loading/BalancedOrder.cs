namespace Flixstock.Engine;

/// <summary>Number of times that a class is seen in an epoch.</summary>
/// <param name="Name">Name of the class.</param>
/// <param name="Before">Pictures in which it is known to be present.</param>
/// <param name="After">Such pictures drawn in an epoch, on average.</param>
internal sealed record ClassDraws(string Name, int Before, double After);

/// <summary>
/// Draws pictures with rare classes more often. A class c that is known to be present in a share f(c) of the pictures
/// has the factor r(c) = max(1, sqrt(t / f(c))), a picture the largest factor of the classes known to be present, 1 if
/// there are none; unknown labels have no effect (repeat-factor sampling: Gupta et al., "LVIS: A Dataset for Large
/// Vocabulary Instance Segmentation", 2019, there with copies instead of draws). An epoch has as many draws as
/// pictures, in proportion to the factors: a picture whose share is x is drawn floor(x) or floor(x) + 1 times.
/// </summary>
/// <remarks>Threads: any number.</remarks>
internal sealed class BalancedOrder : IEpochOrder
{
    // [samples] the sum of the shares up to and with a sample; ends at the number of samples
    private readonly double[] _until;
    private readonly int[][] _there; // [samples] the classes known to be present
    private readonly int[] _counts; // [classes] pictures in which a class is known to be present
    private readonly ulong _seed;

    /// <summary>Counts the classes.</summary>
    /// <param name="samples">The pictures.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="seed">Decides the draws together with the epoch.</param>
    /// <param name="threshold">
    /// t, 0 to 1: classes in a smaller share of the pictures are drawn more often; null: the share of the commonest
    /// class.
    /// </param>
    public BalancedOrder(IReadOnlyList<Sample> samples, int classes, ulong seed, double? threshold = null)
    {
        _seed = seed;
        _there = [.. samples.Select(
            sample => sample.Labels.Known().Where(known => known.Label == 1).Select(known => known.Class).ToArray())];
        _counts = new int[classes];
        foreach (var k in _there.SelectMany(own => own))
            _counts[k]++;
        var t = (threshold * samples.Count) ?? _counts.Max();
        var factors = new double[samples.Count];
        for (var i = 0; i < factors.Length; i++)
        {
            factors[i] = 1;
            foreach (var k in _there[i])
                factors[i] = Math.Max(factors[i], Math.Sqrt(t / _counts[k]));
        }
        var sum = factors.Sum();
        Shares = Array.ConvertAll(factors, factor => factor * factors.Length / sum);
        _until = new double[factors.Length];
        var until = 0.0;
        for (var i = 0; i < factors.Length; i++)
            _until[i] = until += Shares[i];
    }

    /// <summary>[samples] how often a sample is drawn in an epoch, on average.</summary>
    public IReadOnlyList<double> Shares { get; }

    /// <summary>Number of times that every class is seen, before and after balancing.</summary>
    /// <param name="names">Names of the classes.</param>
    public IReadOnlyList<ClassDraws> Describe(IReadOnlyList<string> names)
    {
        var after = new double[names.Count];
        for (var i = 0; i < _there.Length; i++)
        {
            foreach (var k in _there[i])
                after[k] += Shares[i];
        }
        return [.. names.Select((name, k) => new ClassDraws(name, _counts[k], after[k]))];
    }

    /// <inheritdoc/>
    public void Fill(int epoch, Span<int> order)
    {
        var random = new SeededRandom(_seed).Derive("balance").Derive((ulong)epoch);
        var offset = random.NextDouble();
        var sample = 0;
        for (var i = 0; i < order.Length; i++)
        {
            while (sample < _until.Length - 1 && _until[sample] <= i + offset)
                sample++;
            order[i] = sample;
        }
        random.Shuffle(order);
    }
}
