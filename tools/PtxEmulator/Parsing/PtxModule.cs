namespace Flixstock.PtxEmulator;

/// <summary>A variable of a module, or a shared or local array of a kernel.</summary>
/// <param name="Name">As in the PTX.</param>
/// <param name="Bytes">Size; 0 for dynamic shared memory.</param>
/// <param name="Alignment">Bytes.</param>
/// <param name="Initial">Its first bytes, or null for zeros.</param>
internal sealed record PtxVariable(string Name, int Bytes, int Alignment, byte[]? Initial);

/// <summary>A kernel's parameter.</summary>
/// <param name="Name">As in the PTX.</param>
/// <param name="Type">Suffix: "u64", "f32", "b8".</param>
/// <param name="Offset">In the parameter block.</param>
/// <param name="Bytes">Size.</param>
internal sealed record PtxParameter(string Name, string Type, int Offset, int Bytes);

/// <summary>PTX text, parsed: its kernels ready to run and its variables.</summary>
internal sealed class PtxModule
{
    public required string Target { get; init; }

    /// <summary>.global variables.</summary>
    public required IReadOnlyList<PtxVariable> Globals { get; init; }

    /// <summary>.const variables.</summary>
    public required IReadOnlyList<PtxVariable> Constants { get; init; }

    public required IReadOnlyDictionary<string, PtxKernel> Kernels { get; init; }

    /// <summary>Parses and decodes everything in the text.</summary>
    /// <exception cref="PtxException">
    /// Something in it is not understood; names instruction, kernel and line.
    /// </exception>
    public static PtxModule Parse(string text) => new PtxParser(text).ReadModule();
}
