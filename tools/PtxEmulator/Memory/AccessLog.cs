using System.Runtime.CompilerServices;

namespace Flixstock.PtxEmulator;

/// <summary>
/// Who touched four bytes: the serial of the launch (or of the phase between barriers), the actor (block or thread),
/// whether atomically, and which bytes. Plain accesses of two actors to one byte, one of them writing, are a race.
/// </summary>
internal static class AccessLog
{
    /// <summary>More than one actor.</summary>
    public const uint Many = 0xFFFFFF;

    private const int AtomicBit = 1 << 4;

    /// <summary>
    /// True if an access by <paramref name="actor"/> meets one in <paramref name="entry"/> that it must not meet.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Conflicts(ulong entry, uint serial, uint actor, uint bytes, bool atomic) =>
        entry >> 32 == serial && Actor(entry) != actor && ((uint)entry & bytes & 15) != 0
        && !(atomic && (entry & AtomicBit) != 0);

    /// <summary>The entry with an access added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Add(ulong entry, uint serial, uint actor, uint bytes, bool atomic)
    {
        uint flag = atomic ? AtomicBit : 0u;
        if (entry >> 32 != serial)
            return (ulong)serial << 32 | (ulong)actor << 8 | flag | bytes;
        if (Actor(entry) != actor)
            actor = Many;
        return (ulong)serial << 32 | (ulong)actor << 8 | ((uint)entry & flag) | ((uint)entry & 15) | bytes;
    }

    /// <summary>The block or thread.</summary>
    public static uint Actor(ulong entry) => (uint)(entry >> 8) & Many;
}
