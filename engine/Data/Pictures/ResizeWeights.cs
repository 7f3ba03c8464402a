using System.Collections.Concurrent;

namespace Flixstock.Engine;

/// <summary>
/// Which source pixels make an output pixel along one axis, and with what fixed-point weights (Pillow's
/// precompute_coeffs).
/// </summary>
internal sealed class ResizeWeights
{
    public const int FractionBits = 22;

    // A data set of many sizes must not fill the memory with tables.
    private const int LargestCache = 512, MostCachedWeights = 1 << 22;

    private static long _cachedWeights;

    private static readonly ConcurrentDictionary<(int From, int To, ResizeFilter Filter), ResizeWeights> Cache = new();

    private readonly int[] _weights;
    private readonly int[] _offsets;

    private ResizeWeights(int from, int to, ResizeFilter filter)
    {
        var radius = filter == ResizeFilter.Bilinear ? 1.0 : 2.0;
        var scale = (double)from / to;
        var filterScale = Math.Max(scale, 1.0);
        var support = radius * filterScale;
        var all = new List<int>();
        Starts = new int[to];
        _offsets = new int[to + 1];
        for (var i = 0; i < to; i++)
        {
            var center = (i + 0.5) * scale;
            var low = Math.Max((int)(center - support + 0.5), 0);
            var high = Math.Min((int)(center + support + 0.5), from);
            Starts[i] = low;
            AddWeights(all, low, high - low, center, 1.0 / filterScale, filter);
            _offsets[i + 1] = all.Count;
        }
        _weights = [.. all];
    }

    /// <summary>First source pixel of every output pixel.</summary>
    public int[] Starts { get; }

    public ReadOnlySpan<int> Of(int output) => _weights.AsSpan(_offsets[output].._offsets[output + 1]);

    public static ResizeWeights For(int from, int to, ResizeFilter filter)
    {
        if (Cache.TryGetValue((from, to, filter), out var known))
            return known;
        var made = new ResizeWeights(from, to, filter);
        if (Cache.Count >= LargestCache
            || Interlocked.Add(ref _cachedWeights, made._weights.Length) > MostCachedWeights)
        {
            Cache.Clear();
            Interlocked.Exchange(ref _cachedWeights, made._weights.Length);
        }
        return Cache.GetOrAdd((from, to, filter), made);
    }

    private static void AddWeights(
        List<int> all, int low, int count, double center, double inverseScale, ResizeFilter filter)
    {
        var weights = new double[count];
        var sum = 0.0;
        for (var j = 0; j < count; j++)
        {
            weights[j] = Filter((j + low - center + 0.5) * inverseScale, filter);
            sum += weights[j];
        }
        foreach (var weight in weights)
        {
            var scaled = (sum != 0 ? weight / sum : weight) * (1 << FractionBits);
            all.Add((int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
        }
    }

    private static double Filter(double x, ResizeFilter filter)
    {
        const double A = -0.5;
        x = Math.Abs(x);
        if (filter == ResizeFilter.Bilinear)
            return x < 1 ? 1 - x : 0;
        if (x < 1)
            return ((((A + 2) * x) - (A + 3)) * x * x) + 1;
        return x < 2 ? ((((x - 5) * x) + 8) * x - 4) * A : 0;
    }
}
