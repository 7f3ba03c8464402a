using System.Runtime.CompilerServices;

namespace Flixstock.PtxEmulator;

/// <summary>
/// Counts what one access of a warp costs: 32-byte sectors of global memory, passes over the banks of shared memory.
/// </summary>
internal ref struct RequestCounter(Warp warp, int bytes)
{
    private Lines _sectors;
    private Words _words;
    private int _count, _lanes, _shared;

    [InlineArray(64)]
    private struct Lines { private ulong _first; }

    [InlineArray(32)]
    private struct Words { private uint _first; }

    public void AddGlobal(ulong address)
    {
        ulong sector = address / 32;
        _lanes++;
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_sectors[i] == sector)
                return;
        }
        _sectors[_count++] = sector;
    }

    public void AddShared(uint offset) => _words[_shared++] = offset / 4;

    /// <summary>Adds the counts to the launch's.</summary>
    public readonly void Finish()
    {
        var statistics = warp.Block.Launch.Statistics;
        if (_count > 0)
        {
            statistics.GlobalRequests++;
            statistics.GlobalSectors += _count;
            statistics.GlobalBytes += (long)bytes * _lanes;
        }
        if (_shared > 0)
        {
            statistics.SharedRequests++;
            statistics.BankConflicts += Conflicts();
        }
    }

    // 8-byte accesses are served half a warp at a time, 16-byte ones a quarter; threads that want the same word share
    // it.
    private readonly int Conflicts()
    {
        int perPhase = bytes >= 16 ? 8 : bytes == 8 ? 16 : 32, wordsEach = Math.Max(1, bytes / 4), extra = 0;
        Span<uint> seen = stackalloc uint[32 * 4];
        Span<int> perBank = stackalloc int[32];
        for (int start = 0; start < _shared; start += perPhase)
        {
            perBank.Clear();
            int distinct = 0, most = 1;
            for (int i = start; i < Math.Min(_shared, start + perPhase); i++)
            {
                for (uint word = _words[i]; word < _words[i] + wordsEach; word++)
                {
                    if (seen[..distinct].Contains(word))
                        continue;
                    seen[distinct++] = word;
                    most = Math.Max(most, ++perBank[(int)(word % 32)]);
                }
            }
            extra += most - 1;
        }
        return extra;
    }
}
