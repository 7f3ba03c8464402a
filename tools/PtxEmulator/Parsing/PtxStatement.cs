namespace Flixstock.PtxEmulator;

/// <summary>What an operand of an instruction is.</summary>
internal enum OperandKind
{
    Register,
    Immediate,
    Symbol,
    Address,
    Vector,
    PredicatePair,
    Sink,
}

/// <summary>An operand as written.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">A register's or symbol's name; of an address its base.</param>
/// <param name="Bits">An immediate's bits; of an address the offset in bytes.</param>
/// <param name="Negated">A predicate behind '!'.</param>
/// <param name="Parts">Members of a vector, or of a pair of predicates.</param>
/// <param name="IsFloat">An immediate written as 0f or 0d.</param>
internal sealed record PtxOperand(
    OperandKind Kind, string Text = "", long Bits = 0, bool Negated = false, IReadOnlyList<PtxOperand>? Parts = null,
    bool IsFloat = false);

/// <summary>An instruction as written, before it is decoded.</summary>
internal sealed class PtxStatement
{
    /// <summary>The instruction's text without guard and semicolon.</summary>
    public required string Text { get; init; }

    /// <summary>Mnemonic and its suffixes: "ld", "global", "v4", "f32".</summary>
    public required string[] Words { get; init; }

    public required IReadOnlyList<PtxOperand> Operands { get; init; }

    /// <summary>The guard's predicate, or null.</summary>
    public PtxOperand? Guard { get; init; }

    /// <summary>Line in the PTX text, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>File number and line of the .loc before it, 0 for none.</summary>
    public int SourceFile { get; init; }

    public int SourceLine { get; init; }

    public string Mnemonic => Words[0];

    public bool Has(string word) => Array.IndexOf(Words, word, 1) >= 0;
}

/// <summary>The PTX text is not what the emulator understands.</summary>
public sealed class PtxException(string message) : Exception(message);
