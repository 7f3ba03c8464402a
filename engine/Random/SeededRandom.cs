using System.Numerics;
using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// A pseudo-random generator whose numbers depend on the seed alone: the same on every machine, .NET version and in
/// every later version of this library (Gaussians up to the last bit of the platform's logarithm). xoshiro256**
/// (Blackman and Vigna, 2018, https://prng.di.unimi.it), its state filled from the seed by splitmix64. Not safe for
/// several threads at once: give each its own through <see cref="Derive(string)"/>.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
/// <param name="seed">Any number; different seeds give unrelated sequences.</param>
public sealed class SeededRandom(ulong seed)
{
    private readonly ulong _seed = seed;
    private ulong _a = SplitMix(seed, 1);
    private ulong _b = SplitMix(seed, 2);
    private ulong _c = SplitMix(seed, 3);
    private ulong _d = SplitMix(seed, 4);
    private double _spareGaussian = double.NaN;

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1), a multiple of 2^-53.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public double NextDouble(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>
    /// Uniform among 0 ... <paramref name="exclusiveBound"/> - 1, without bias (Lemire's multiplication with
    /// rejection).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is below 1.</exception>
    public int Next(int exclusiveBound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveBound);
        var bound = (ulong)exclusiveBound;
        var high = Math.BigMul(NextUInt64(), bound, out var low);
        var threshold = (0UL - bound) % bound;
        while (low < threshold)
            high = Math.BigMul(NextUInt64(), bound, out low);
        return (int)high;
    }

    /// <summary>
    /// Uniform among the integers from <paramref name="low"/> up to, but not including,
    /// <paramref name="exclusiveHigh"/>.
    /// </summary>
    public int Next(int low, int exclusiveHigh) => low + Next(exclusiveHigh - low);

    /// <summary>True with the given probability.</summary>
    public bool NextBool(double probability = 0.5) => NextDouble() < probability;

    /// <summary>
    /// Normal with mean 0 and standard deviation 1 (Marsaglia's polar method: two numbers at a time).
    /// </summary>
    public double NextGaussian()
    {
        if (!double.IsNaN(_spareGaussian))
        {
            var spare = _spareGaussian;
            _spareGaussian = double.NaN;
            return spare;
        }
        double x, y, squared;
        do
        {
            x = (2 * NextDouble()) - 1;
            y = (2 * NextDouble()) - 1;
            squared = (x * x) + (y * y);
        }
        while (squared is >= 1 or 0);
        var factor = Math.Sqrt(-2 * Math.Log(squared) / squared);
        _spareGaussian = y * factor;
        return x * factor;
    }

    /// <summary>Puts the items into a random order, each order equally likely (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>
    /// A new generator named after something (a parameter, a file). It depends on this one's seed and the name, not on
    /// how many numbers were drawn: the way to give every item its own numbers, regardless of the order of the threads.
    /// </summary>
    public SeededRandom Derive(string name)
    {
        var hash = 14695981039346656037UL; // FNV-1a over UTF-8
        foreach (var value in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ value) * 1099511628211UL;
        return Derive(hash);
    }

    /// <summary>
    /// A new generator numbered after something (an epoch, a copy); see <see cref="Derive(string)"/>.
    /// </summary>
    public SeededRandom Derive(ulong number) => new(SplitMix(SplitMix(_seed, 5) ^ number, 1));

    /// <summary>
    /// Output number <paramref name="index"/> (from 1) of splitmix64 started at <paramref name="state"/>.
    /// </summary>
    private static ulong SplitMix(ulong state, ulong index)
    {
        var z = state + (index * 0x9E3779B97F4A7C15UL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
