namespace Flixstock.PtxEmulator;

/// <summary>What launches of one kernel did, added up.</summary>
internal sealed class LaunchStatistics(string kernel, int blocks)
{
    public string Kernel { get; } = kernel;

    public long Launches { get; set; }

    /// <summary>Instructions of lanes, and of warps.</summary>
    public long ThreadInstructions { get; set; }

    public long WarpInstructions { get; set; }

    /// <summary>Loads and stores of global memory by warps, and the 32-byte sectors they touched.</summary>
    public long GlobalRequests { get; set; }

    public long GlobalSectors { get; set; }

    public long GlobalBytes { get; set; }

    /// <summary>Accesses of shared memory by warps, and the extra passes that bank conflicts cost.</summary>
    public long SharedRequests { get; set; }

    public long BankConflicts { get; set; }

    /// <summary>For each basic block of the kernel, whether it was ever executed.</summary>
    public bool[] Covered { get; } = new bool[blocks];

    /// <summary>Instructions executed by mnemonic, by warps.</summary>
    public long[] InstructionCounts { get; set; } = [];

    public double SectorsPerRequest => GlobalRequests == 0 ? 0 : (double)GlobalSectors / GlobalRequests;

    public int CoveredBlocks => Covered.Count(covered => covered);

    /// <summary>Adds another launch of the same kernel.</summary>
    public void Add(LaunchStatistics other)
    {
        Launches += other.Launches;
        ThreadInstructions += other.ThreadInstructions;
        WarpInstructions += other.WarpInstructions;
        GlobalRequests += other.GlobalRequests;
        GlobalSectors += other.GlobalSectors;
        GlobalBytes += other.GlobalBytes;
        SharedRequests += other.SharedRequests;
        BankConflicts += other.BankConflicts;
        for (int i = 0; i < Covered.Length; i++)
            Covered[i] |= other.Covered[i];
        if (InstructionCounts.Length == 0)
            InstructionCounts = new long[other.InstructionCounts.Length];
        for (int i = 0; i < InstructionCounts.Length; i++)
            InstructionCounts[i] += other.InstructionCounts[i];
    }
}
