namespace Flixstock.PtxEmulator;

/// <summary>
/// Basic blocks of a kernel, and where divided lanes meet: the immediate post-dominator of each branch.
/// </summary>
internal static class ControlFlow
{
    /// <summary>
    /// Sets <see cref="Instruction.Block"/> and <see cref="Instruction.Reconvergence"/>; the number of blocks.
    /// </summary>
    public static int Analyse(Instruction[] code)
    {
        var starts = Leaders(code);
        var blockOf = new int[code.Length + 1];
        for (int block = 0; block < starts.Count; block++)
        {
            int end = block + 1 < starts.Count ? starts[block + 1] : code.Length;
            for (int i = starts[block]; i < end; i++)
                code[i].Block = blockOf[i] = block;
        }
        blockOf[code.Length] = starts.Count;
        var next = Successors(code, starts, blockOf);
        var meets = PostDominators(next);
        foreach (var instruction in code)
        {
            if (instruction.Kind != InstructionKind.Branch)
                continue;
            int meet = meets[instruction.Block];
            instruction.Reconvergence = meet < starts.Count ? starts[meet] : code.Length;
        }
        return starts.Count;
    }

    private static List<int> Leaders(Instruction[] code)
    {
        var leaders = new SortedSet<int> { 0 };
        for (int i = 0; i < code.Length; i++)
        {
            if (code[i].Kind == InstructionKind.Branch)
                leaders.Add(code[i].Target);
            if (code[i].Kind is InstructionKind.Branch or InstructionKind.Exit)
                leaders.Add(i + 1);
        }
        leaders.Remove(code.Length);
        return [.. leaders];
    }

    // The last entry is the way out.
    private static List<int>[] Successors(Instruction[] code, List<int> starts, int[] blockOf)
    {
        var next = new List<int>[starts.Count + 1];
        next[starts.Count] = [];
        for (int block = 0; block < starts.Count; block++)
        {
            int last = (block + 1 < starts.Count ? starts[block + 1] : code.Length) - 1;
            var instruction = code[last];
            next[block] = [];
            if (instruction.Kind == InstructionKind.Branch)
                next[block].Add(blockOf[instruction.Target]);
            if (instruction.Kind == InstructionKind.Exit)
                next[block].Add(starts.Count);
            if (instruction.Kind is not (InstructionKind.Branch or InstructionKind.Exit) || instruction.Guard >= 0)
                next[block].Add(blockOf[last + 1]);
        }
        return next;
    }

    // Cooper, Harvey and Kennedy's iteration over the reversed graph.
    private static int[] PostDominators(List<int>[] next)
    {
        int exit = next.Length - 1;
        var order = PostOrder(next, exit);
        var rank = new int[next.Length];
        Array.Fill(rank, -1);
        for (int i = 0; i < order.Count; i++)
            rank[order[i]] = i;
        var immediate = new int[next.Length];
        Array.Fill(immediate, -1);
        immediate[exit] = exit;
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = order.Count - 2; i >= 0; i--)
            {
                int meet = -1;
                foreach (int successor in next[order[i]])
                {
                    if (immediate[successor] >= 0)
                        meet = meet < 0 ? successor : Intersect(meet, successor, immediate, rank);
                }
                changed |= immediate[order[i]] != meet;
                immediate[order[i]] = meet;
            }
        }
        // A block from which there is no way out meets nowhere.
        return [.. immediate.Select(meet => meet < 0 ? exit : meet)];
    }

    private static int Intersect(int a, int b, int[] immediate, int[] rank)
    {
        while (a != b)
        {
            if (rank[a] < rank[b])
                a = immediate[a];
            else
                b = immediate[b];
        }
        return a;
    }

    private static List<int> PostOrder(List<int>[] next, int exit)
    {
        var previous = new List<int>[next.Length];
        for (int i = 0; i < next.Length; i++)
            previous[i] = [];
        for (int i = 0; i < next.Length; i++)
        {
            foreach (int successor in next[i])
                previous[successor].Add(i);
        }
        var order = new List<int>();
        var seen = new bool[next.Length];
        var stack = new Stack<(int Node, int Child)>([(exit, 0)]);
        seen[exit] = true;
        while (stack.TryPop(out var top))
        {
            if (top.Child == previous[top.Node].Count)
            {
                order.Add(top.Node);
                continue;
            }
            stack.Push((top.Node, top.Child + 1));
            int child = previous[top.Node][top.Child];
            if (!seen[child])
            {
                seen[child] = true;
                stack.Push((child, 0));
            }
        }
        return order;
    }
}
