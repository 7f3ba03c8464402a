using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// Which elements a dropout keeps: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011)
/// with the seed as its key and the counter [element / 4 (two words), step, 0]; element number i stays if word i % 4 is
/// not below rate * 2^32. The same in all tables of operations.
/// </summary>
internal static class DropoutMask
{
    /// <summary>Elements that one block of random words decides.</summary>
    public const int Words = 4;

    private const uint FirstFactor = 0xD2511F53, SecondFactor = 0xCD9E8D57;
    private const uint FirstStep = 0x9E3779B9, SecondStep = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>Words below it drop their element.</summary>
    /// <param name="rate">Share of elements that are dropped.</param>
    public static uint Threshold(float rate) => (uint)Math.Min(uint.MaxValue, rate * 4294967296.0);

    /// <summary>The step of a position on the host.</summary>
    /// <param name="position">[2] Int32 or none.</param>
    public static uint StepOf(ReadOnlyTensor position) => position.Exists ? (uint)position.Elements<int>()[1] : 0;

    /// <summary>The words of four elements.</summary>
    /// <param name="block">Number of the first of them, divided by 4.</param>
    /// <param name="step">The step.</param>
    /// <param name="seed">The seed.</param>
    public static (uint A, uint B, uint C, uint D) Block(ulong block, uint step, ulong seed) =>
        Philox((uint)block, (uint)(block >> 32), step, 0, (uint)seed, (uint)(seed >> 32));

    /// <summary>Philox4x32-10.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static (uint A, uint B, uint C, uint D) Philox(uint a, uint b, uint c, uint d, uint first, uint second)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (left, right) = ((ulong)FirstFactor * a, (ulong)SecondFactor * c);
            (a, b, c, d) = ((uint)(right >> 32) ^ b ^ first, (uint)right, (uint)(left >> 32) ^ d ^ second, (uint)left);
            first += FirstStep;
            second += SecondStep;
        }
        return (a, b, c, d);
    }
}
