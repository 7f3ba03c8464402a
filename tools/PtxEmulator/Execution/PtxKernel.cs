namespace Flixstock.PtxEmulator;

/// <summary>A symbol's address that a warp's register file holds.</summary>
/// <param name="Slot">Where.</param>
/// <param name="Name">Of a module's variable.</param>
/// <param name="Offset">Bytes added.</param>
internal sealed record SymbolSlot(int Slot, string Name, long Offset);

/// <summary>A kernel, decoded.</summary>
internal sealed class PtxKernel
{
    public required string Name { get; init; }

    /// <summary>Line of its entry in the PTX text.</summary>
    public required int Line { get; init; }

    public required IReadOnlyList<PtxParameter> Parameters { get; init; }

    public required Instruction[] Code { get; init; }

    /// <summary>Basic blocks.</summary>
    public required int BlockCount { get; init; }

    public required RegisterFile Registers { get; init; }

    /// <summary>Module variables whose addresses the code names.</summary>
    public required IReadOnlyList<SymbolSlot> Symbols { get; init; }

    /// <summary>Static shared memory; dynamic memory follows, 16-byte aligned.</summary>
    public required int SharedBytes { get; init; }

    /// <summary>Local memory of a thread.</summary>
    public required int LocalBytes { get; init; }

    /// <summary>Most threads of a block by .maxntid, or 1024.</summary>
    public required int MostThreads { get; init; }

    /// <summary>Bytes of the parameter block.</summary>
    public int ParameterBytes => Parameters.Count == 0 ? 0 : Parameters[^1].Offset + Parameters[^1].Bytes;
}
