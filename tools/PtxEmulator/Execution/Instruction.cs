namespace Flixstock.PtxEmulator;

/// <summary>What the warp's loop does with an instruction.</summary>
internal enum InstructionKind
{
    Lanes,
    Branch,
    Exit,
    Barrier,
    BarrierReduction,
}

/// <summary>State space of an access.</summary>
internal enum MemorySpace
{
    Generic,
    Global,
    Shared,
    Local,
    Parameter,
}

/// <summary>How values are rounded by a conversion or an arithmetic instruction.</summary>
internal enum Rounding
{
    Nearest,
    Zero,
    Down,
    Up,
}

/// <summary>A decoded instruction: operands are offsets into the warp's register file.</summary>
internal sealed unsafe class Instruction
{
    public InstructionKind Kind;

    /// <summary>Executes the instruction for the lanes of the mask.</summary>
    public delegate*<Warp, Instruction, uint, void> Run;

    /// <summary>Destination, second destination, and sources.</summary>
    public int D = -1, D2 = -1, A, B, C, E;

    /// <summary>Predicate that decides which lanes take part, or -1.</summary>
    public int Guard = -1;

    public bool GuardNegated;

    /// <summary>A predicate source is behind '!'.</summary>
    public bool NegatedA, NegatedB, NegatedC;

    /// <summary>Bytes from lane to lane in the destination and the source where the type alone does not tell.</summary>
    public int StrideD = 4, StrideA = 4;

    /// <summary>Added to an address; or an immediate of the operation.</summary>
    public long Offset;

    /// <summary>Memory: bytes of an element, registers of its elements, and where.</summary>
    public int Bytes;
    public int[] Vector = [];
    public MemorySpace Space;
    public bool Signed, IsFloat, IsAtomic, IsSynchronised;

    /// <summary>Rounding, also to whole numbers.</summary>
    public Rounding Rounding;
    public bool ToInteger, Flush, Saturate;

    /// <summary>Suboperation: shuffle mode, atomic operation, logic of a comparison's second predicate.</summary>
    public string Mode = "";

    /// <summary>Branch: instruction to go to, and the one where divided lanes meet again.</summary>
    public int Target, Reconvergence;

    /// <summary>The basic block it lies in.</summary>
    public int Block;

    public int Index;
    public required PtxStatement Statement { get; init; }
}
