namespace Flixstock.PtxEmulator;

/// <summary>
/// What puts accesses of different blocks of one launch in order: writes, a fence, an atomic operation on one side; an
/// atomic operation on the same address that comes later, a fence and reads on the other. A fence also covers what the
/// block's other threads wrote before a barrier that its thread has passed.
/// https://docs.nvidia.com/cuda/parallel-thread-execution/#memory-consistency-model
/// </summary>
internal sealed class BlockOrder
{
    private readonly Dictionary<ulong, HashSet<uint>> _released = [];
    private readonly List<HashSet<uint>> _known = [], _observed = [];

    // Threads by warp whose writes no fence covers, and whether there are such writes from before a barrier.
    private readonly uint[] _open;
    private bool _passed;
    private uint _block;

    public BlockOrder(int warps) => _open = new uint[warps];

    /// <summary>Another block begins.</summary>
    public void Start(uint block)
    {
        _block = block;
        _known.Clear();
        _observed.Clear();
        Array.Clear(_open);
        _passed = false;
    }

    /// <summary>A thread wrote to global memory.</summary>
    public void Wrote(int warp, int lane) => _open[warp] |= 1u << lane;

    /// <summary>All threads of the block have come to a barrier.</summary>
    public void Barrier()
    {
        foreach (ref var open in _open.AsSpan())
        {
            _passed |= open != 0;
            open = 0;
        }
    }

    /// <summary>Threads of a warp executed a fence for the whole device.</summary>
    public void Fence(int warp, uint threads)
    {
        _open[warp] &= ~threads;
        _passed = false;
        _known.AddRange(_observed);
        _observed.Clear();
    }

    /// <summary>A thread did an atomic operation in global memory.</summary>
    public void Atomic(ulong address)
    {
        if (!_released.TryGetValue(address, out var blocks))
            _released[address] = blocks = [];
        if (!_passed && Array.TrueForAll(_open, open => open == 0))
        {
            blocks.Add(_block);
            foreach (var earlier in _known)
                blocks.UnionWith(earlier);
        }
        _observed.Add(blocks);
    }

    /// <summary>True if everything that a block wrote is in order with what this block does now.</summary>
    public bool Knows(uint block) => block != AccessLog.Many && _known.Exists(blocks => blocks.Contains(block));
}
