using System.Buffers.Binary;
using System.Numerics;

namespace Flixstock.Engine;

/// <summary>
/// SHA-256 (FIPS 180-4) for names and checksums. .NET's own is OpenSSL's, and where that is not installed, as on bare
/// GPU images, its first use ends the process. Nothing that is hashed here is a secret.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class Sha256
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashBytes = 32;

    private const int BlockBytes = 64, LengthBytes = 8, Rounds = 64;

    // The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of
    // the first 8.
    private static readonly uint[] Constants = [.. Primes(Rounds).Select(prime => Fraction(prime, cube: true))];
    private static readonly uint[] Initial = [.. Primes(8).Select(prime => Fraction(prime, cube: false))];

    private readonly byte[] _block = new byte[BlockBytes];
    private readonly uint[] _state = [.. Initial];
    private long _bytes;

    /// <summary>The hash of some bytes.</summary>
    public static byte[] HashData(ReadOnlySpan<byte> data)
    {
        var hash = new Sha256();
        hash.Append(data);
        return hash.GetHashAndReset();
    }

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            var at = (int)(_bytes % BlockBytes);
            var count = Math.Min(data.Length, BlockBytes - at);
            data[..count].CopyTo(_block.AsSpan(at));
            data = data[count..];
            _bytes += count;
            if (_bytes % BlockBytes == 0)
                Mix();
        }
    }

    /// <summary>The hash of everything added, and a new beginning.</summary>
    public byte[] GetHashAndReset()
    {
        var bits = 8 * _bytes;
        Append([0x80]);
        while (_bytes % BlockBytes != BlockBytes - LengthBytes)
            Append([0]);
        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteInt64BigEndian(length, bits);
        Append(length);
        var hash = new byte[HashBytes];
        for (var i = 0; i < _state.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(4 * i), _state[i]);
        Initial.CopyTo(_state, 0);
        _bytes = 0;
        return hash;
    }

    private void Mix()
    {
        Span<uint> w = stackalloc uint[Rounds];
        for (var i = 0; i < 16; i++)
            w[i] = BinaryPrimitives.ReadUInt32BigEndian(_block.AsSpan(4 * i));
        for (var i = 16; i < Rounds; i++)
        {
            var (early, late) = (w[i - 15], w[i - 2]);
            w[i] = w[i - 16] + w[i - 7]
                + (BitOperations.RotateRight(early, 7) ^ BitOperations.RotateRight(early, 18) ^ (early >> 3))
                + (BitOperations.RotateRight(late, 17) ^ BitOperations.RotateRight(late, 19) ^ (late >> 10));
        }
        var (a, b, c, d) = (_state[0], _state[1], _state[2], _state[3]);
        var (e, f, g, h) = (_state[4], _state[5], _state[6], _state[7]);
        for (var i = 0; i < Rounds; i++)
        {
            var first = h + Constants[i] + w[i] + ((e & f) ^ (~e & g)) + Turned(e, 6, 11, 25);
            var second = ((a & b) ^ (a & c) ^ (b & c)) + Turned(a, 2, 13, 22);
            (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
        }
        uint[] mixed = [a, b, c, d, e, f, g, h];
        for (var i = 0; i < mixed.Length; i++)
            _state[i] += mixed[i];
    }

    private static uint Turned(uint word, int first, int second, int third) =>
        BitOperations.RotateRight(word, first) ^ BitOperations.RotateRight(word, second)
        ^ BitOperations.RotateRight(word, third);

    private static IEnumerable<int> Primes(int count) =>
        Enumerable.Range(2, 400).Where(number => Enumerable.Range(2, number - 2).All(divisor => number % divisor != 0))
            .Take(count);

    // floor(root * 2^32) mod 2^32, in whole numbers.
    private static uint Fraction(int prime, bool cube)
    {
        var power = cube ? 3 : 2;
        var (low, high) = (BigInteger.Zero, BigInteger.One << 40);
        var target = (BigInteger)prime << (32 * power);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = BigInteger.Pow(middle, power) <= target ? (middle, high) : (low, middle);
        }
        return (uint)(low & uint.MaxValue);
    }
}
