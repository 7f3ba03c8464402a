namespace Flixstock.PtxEmulator;

/// <summary>
/// How much a thread has asked of global memory before it needs the first of it: what hides the memory's latency, next
/// to the other threads of the multiprocessor.
/// </summary>
internal static class LoadsInFlight
{
    /// <summary>
    /// The most bytes on their way to one thread within a basic block. Loads arrive in their order: a use of one of
    /// them waits for all before it.
    /// </summary>
    public static int MostBytes(IReadOnlyList<Instruction> code)
    {
        var pending = new Queue<(HashSet<string> Registers, int Bytes)>();
        int most = 0, bytes = 0, block = -1;
        foreach (var instruction in code)
        {
            if (instruction.Block != block)
            {
                pending.Clear();
                (block, bytes) = (instruction.Block, 0);
            }
            var operands = instruction.Statement.Operands;
            bool loads = IsLoad(instruction);
            int used = LastUsed(pending, operands.Skip(loads ? 1 : 0).SelectMany(Names));
            for (; used >= 0; used--)
                bytes -= pending.Dequeue().Bytes;
            if (!loads)
                continue;
            int loaded = instruction.Bytes * instruction.Vector.Length;
            pending.Enqueue(([.. Names(operands[0])], loaded));
            most = Math.Max(most, bytes += loaded);
        }
        return most;
    }

    private static bool IsLoad(Instruction instruction) =>
        instruction.Statement.Words is ["ld", ..] && instruction.Space == MemorySpace.Global;

    // Number of the last load that one of the registers waits for; -1 for none.
    private static int LastUsed(Queue<(HashSet<string> Registers, int Bytes)> pending, IEnumerable<string> registers)
    {
        var names = registers.ToHashSet(StringComparer.Ordinal);
        int last = -1, number = 0;
        foreach (var (loaded, _) in pending)
        {
            if (loaded.Overlaps(names))
                last = number;
            number++;
        }
        return last;
    }

    private static IEnumerable<string> Names(PtxOperand operand) =>
        operand.Parts is { } parts ? parts.Select(part => part.Text) : [operand.Text];
}
