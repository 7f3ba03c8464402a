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

    /// <summary>The kernel's instructions, as <see cref="InstructionCounts"/> counts them.</summary>
    public Instruction[] Code { get; init; } = [];

    /// <summary>
    /// How often warps executed each kind of instruction, the most frequent first: <c>ld.global</c>, <c>fma</c>,
    /// <c>bar</c>.
    /// </summary>
    public IReadOnlyList<(string Mnemonic, long Count)> Mix() =>
    [
        .. InstructionCounts.Zip(
            Code, (count, instruction) => (Mnemonic: Kind(instruction.Statement.Words), Count: count))
            .GroupBy(entry => entry.Mnemonic).Select(group => (group.Key, group.Sum(entry => entry.Count)))
            .Where(entry => entry.Item2 > 0).OrderByDescending(entry => entry.Item2),
    ];

    // Loads, stores and atomics are told apart by their memory.
    private static string Kind(string[] words) =>
        words is ["ld" or "st" or "atom" or "red", var space, ..] ? $"{words[0]}.{space}" : words[0];

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
