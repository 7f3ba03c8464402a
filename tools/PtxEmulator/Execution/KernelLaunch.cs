using System.Text;

namespace Flixstock.PtxEmulator;

/// <summary>One launch of a kernel: its shape and arguments, executed block by block in a shuffled order.</summary>
internal sealed class KernelLaunch
{
    private static int _serials;
    private long _limit = 200_000_000_000;

    public required PtxKernel Kernel { get; init; }

    public required DeviceMemory Memory { get; init; }

    public uint GridX { get; init; } = 1;

    public uint GridY { get; init; } = 1;

    public uint GridZ { get; init; } = 1;

    public uint BlockX { get; init; } = 1;

    public uint BlockY { get; init; } = 1;

    public uint BlockZ { get; init; } = 1;

    public int DynamicSharedBytes { get; init; }

    /// <summary>The parameter block.</summary>
    public required byte[] Parameters { get; init; }

    /// <summary>Addresses of the module's variables.</summary>
    public IReadOnlyDictionary<string, ulong> Symbols { get; init; } = new Dictionary<string, ulong>(
        StringComparer.Ordinal);

    /// <summary>Order of blocks and warps.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Warp instructions after which a kernel counts as hanging.</summary>
    public long Limit
    {
        get => _limit;
        init => _limit = value;
    }

    public LaunchStatistics Statistics { get; private set; } = null!;

    /// <summary>Number among all launches, for the log of accesses.</summary>
    public uint Serial { get; private set; }

    public int ThreadsPerBlock => checked((int)(BlockX * BlockY * BlockZ));

    public int SharedBytes =>
        DynamicSharedBytes == 0 ? Kernel.SharedBytes : (Kernel.SharedBytes + 15) / 16 * 16 + DynamicSharedBytes;

    /// <summary>Executes all blocks.</summary>
    /// <exception cref="DeviceCheckException">A check failed.</exception>
    public LaunchStatistics Run()
    {
        Statistics = new LaunchStatistics(Kernel.Name, Kernel.BlockCount)
        {
            Launches = 1,
            InstructionCounts = new long[Kernel.Code.Length],
            Code = Kernel.Code,
        };
        Serial = (uint)Interlocked.Increment(ref _serials);
        var order = new Random(Seed);
        var blocks = new uint[checked(GridX * GridY * GridZ)];
        for (int i = 0; i < blocks.Length; i++)
            blocks[i] = (uint)i;
        order.Shuffle(blocks);
        var block = new ThreadBlock(this);
        try
        {
            foreach (uint number in blocks)
                block.Run(number, order);
        }
        finally
        {
            block.Release();
        }
        return Statistics;
    }

    public ulong SymbolAddress(string name) => Symbols.TryGetValue(name, out ulong address)
        ? address
        : throw new PtxException($"kernel '{Kernel.Name}' names the variable '{name}', which was not given an address");

    public void CheckLimit()
    {
        if (Statistics.WarpInstructions > Limit)
        {
            throw new DeviceCheckException($"kernel '{Kernel.Name}': does not end, stopped after "
                + $"{Statistics.WarpInstructions:N0} warp instructions");
        }
    }

    /// <summary>A report: what is wrong, where in the code, which thread.</summary>
    public DeviceCheckException Failure(Warp warp, int lane, string what)
    {
        var block = warp.Block;
        var statement = warp.Current!.Statement;
        int thread = warp.Index * 32 + lane;
        var report = new StringBuilder();
        report.Append($"kernel '{Kernel.Name}': {what}; PTX line {statement.Line}");
        if (statement.SourceLine > 0)
            report.Append($" (source file {statement.SourceFile} line {statement.SourceLine})");
        report.Append($": {statement.Text}; block ({block.X}, {block.Y}, {block.Z}) of ({GridX}, {GridY}, {GridZ})");
        report.Append($", thread ({(uint)thread % BlockX}, {(uint)thread / BlockX % BlockY}, "
            + $"{(uint)thread / (BlockX * BlockY)}) of ({BlockX}, {BlockY}, {BlockZ})");
        return new DeviceCheckException(report.ToString());
    }
}
