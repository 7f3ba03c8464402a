namespace Flixstock.Engine;

/// <summary>
/// The generator of Python's <c>random</c> module: MT19937 (Matsumoto and Nishimura, 1998) seeded, drawn from and
/// shuffling as CPython 3 does, so that a split chosen by the Python project is found again.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class PythonRandom
{
    private const int Length = 624;
    private const int Middle = 397;
    private readonly uint[] _state = new uint[Length];
    private int _next = Length;

    /// <summary><c>random.seed(seed)</c> for a non-negative integer.</summary>
    public PythonRandom(ulong seed)
    {
        uint[] key = seed > uint.MaxValue ? [(uint)seed, (uint)(seed >> 32)] : [(uint)seed];
        Fill(19650218);
        Mix(key);
    }

    /// <summary><c>random.getrandbits(bits)</c>, 1 to 32 bits.</summary>
    public uint GetRandomBits(int bits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 32);
        return NextUInt32() >> (32 - bits);
    }

    /// <summary><c>random.randrange(bound)</c>: 0 ... bound - 1.</summary>
    public int RandomBelow(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var bits = 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)bound);
        uint value;
        do
            value = GetRandomBits(bits);
        while (value >= (uint)bound);
        return (int)value;
    }

    /// <summary><c>random.random()</c>: uniform in [0, 1).</summary>
    public double Random()
    {
        var high = NextUInt32() >> 5;
        var low = NextUInt32() >> 6;
        return ((high * 67108864.0) + low) * (1.0 / 9007199254740992.0);
    }

    /// <summary><c>random.shuffle(items)</c>.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = RandomBelow(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private void Fill(uint seed)
    {
        _state[0] = seed;
        for (var i = 1; i < Length; i++)
            _state[i] = (1812433253 * (_state[i - 1] ^ (_state[i - 1] >> 30))) + (uint)i;
    }

    /// <summary>init_by_array of the published code.</summary>
    private void Mix(uint[] key)
    {
        var (i, j) = (1, 0);
        for (var left = Math.Max(Length, key.Length); left > 0; left--)
        {
            _state[i] = (_state[i] ^ ((_state[i - 1] ^ (_state[i - 1] >> 30)) * 1664525)) + key[j] + (uint)j;
            i = Advance(i);
            j = (j + 1) % key.Length;
        }
        for (var left = Length - 1; left > 0; left--)
        {
            _state[i] = (_state[i] ^ ((_state[i - 1] ^ (_state[i - 1] >> 30)) * 1566083941)) - (uint)i;
            i = Advance(i);
        }
        _state[0] = 0x80000000;
    }

    private int Advance(int i)
    {
        if (i + 1 < Length)
            return i + 1;
        _state[0] = _state[Length - 1];
        return 1;
    }

    private uint NextUInt32()
    {
        if (_next == Length)
            Twist();
        var value = _state[_next++];
        value ^= value >> 11;
        value ^= (value << 7) & 0x9D2C5680;
        value ^= (value << 15) & 0xEFC60000;
        return value ^ (value >> 18);
    }

    private void Twist()
    {
        for (var i = 0; i < Length; i++)
        {
            var bits = (_state[i] & 0x80000000) | (_state[(i + 1) % Length] & 0x7FFFFFFF);
            _state[i] = _state[(i + Middle) % Length] ^ (bits >> 1) ^ ((bits & 1) * 0x9908B0DF);
        }
        _next = 0;
    }
}
