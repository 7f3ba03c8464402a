using System.Collections.Concurrent;

namespace Flixstock.Engine;

/// <summary>
/// Which source pixels make an output pixel along one axis, and with what fixed-point weights (Pillow's
/// precompute_coeffs). Every output pixel has the same number of them: where Pillow takes fewer, as at the edges,
/// weights of zero are added, which change nothing and spare the loops a length that varies.
/// </summary>
internal sealed class ResizeWeights
{
    public const int FractionBits = 22;

    // A data set of many sizes must not fill the memory with tables.
    private const int LargestCache = 512, MostCachedWeights = 1 << 22;

    // From a picture 32 times as wide on: its table would be larger than what it saves.
    private const int MostTapsOfPairs = 64;

    private static long _cachedWeights;

    private static readonly ConcurrentDictionary<(int From, int To, ResizeFilter Filter), ResizeWeights> Cache = new();

    private readonly int[] _weights; // [outputs, Taps]

    private ResizeWeights(int from, int to, ResizeFilter filter)
    {
        var radius = filter == ResizeFilter.Bilinear ? 1.0 : 2.0;
        var scale = (double)from / to;
        var filterScale = Math.Max(scale, 1.0);
        var support = radius * filterScale;
        var windows = new (int Low, int Count)[to];
        for (var i = 0; i < to; i++)
        {
            var center = (i + 0.5) * scale;
            var low = Math.Max((int)(center - support + 0.5), 0);
            windows[i] = (low, Math.Min((int)(center + support + 0.5), from) - low);
        }
        Taps = windows.Max(window => window.Count);
        Starts = new int[to];
        _weights = new int[to * Taps];
        for (var i = 0; i < to; i++)
        {
            var (low, count) = windows[i];
            Starts[i] = Math.Min(low, from - Taps);
            var own = _weights.AsSpan((i * Taps) + low - Starts[i], count);
            Fill(own, low, (i + 0.5) * scale, 1.0 / filterScale, filter);
        }
        FirstAtEnd = Array.FindIndex(Starts, start => start + Taps == from);
        Pairs = Taps <= MostTapsOfPairs ? MakePairs() : [];
    }

    /// <summary>Source pixels of an output pixel.</summary>
    public int Taps { get; }

    /// <summary>First source pixel of every output pixel.</summary>
    public int[] Starts { get; }

    /// <summary>The first output pixel that takes the last source pixel; all behind it do so too.</summary>
    public int FirstAtEnd { get; }

    /// <summary>[Taps] the weights of an output pixel's source pixels.</summary>
    public ReadOnlySpan<int> Of(int output) => _weights.AsSpan(output * Taps, Taps);

    /// <summary>[outputs, Taps] all weights.</summary>
    public ReadOnlySpan<int> All => _weights;

    /// <summary>
    /// [outputs / 2, Taps, 2, 4] the weights of two neighbouring output pixels as a register of eight integers takes
    /// them, each four times; empty if there are too many taps.
    /// </summary>
    public int[] Pairs { get; }

    public static ResizeWeights For(int from, int to, ResizeFilter filter)
    {
        if (Cache.TryGetValue((from, to, filter), out var known))
            return known;
        var made = new ResizeWeights(from, to, filter);
        if (Cache.Count >= LargestCache
            || Interlocked.Add(ref _cachedWeights, made.Size) > MostCachedWeights)
        {
            Cache.Clear();
            Interlocked.Exchange(ref _cachedWeights, made.Size);
        }
        return Cache.GetOrAdd((from, to, filter), made);
    }

    private int Size => _weights.Length + Pairs.Length;

    private int[] MakePairs()
    {
        const int Width = 4;
        var pairs = new int[Starts.Length / 2 * Taps * 2 * Width];
        for (var i = 0; i < Starts.Length / 2 * 2; i++)
        {
            for (var tap = 0; tap < Taps; tap++)
                pairs.AsSpan(((((i / 2 * Taps) + tap) * 2) + (i % 2)) * Width, Width).Fill(Of(i)[tap]);
        }
        return pairs;
    }

    private static void Fill(
        Span<int> own, int low, double center, double inverseScale, ResizeFilter filter)
    {
        var weights = new double[own.Length];
        var sum = 0.0;
        for (var j = 0; j < own.Length; j++)
        {
            weights[j] = Filter((j + low - center + 0.5) * inverseScale, filter);
            sum += weights[j];
        }
        for (var j = 0; j < own.Length; j++)
        {
            var scaled = (sum != 0 ? weights[j] / sum : weights[j]) * (1 << FractionBits);
            own[j] = (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
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
