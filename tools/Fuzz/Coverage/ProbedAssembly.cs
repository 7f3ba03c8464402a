using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace Flixstock.Fuzz;

/// <summary>A way out of a conditional branch, or a method's beginning.</summary>
/// <param name="File">Source file, without its folder.</param>
/// <param name="Method">The method.</param>
/// <param name="Line">Where the branch is.</param>
/// <param name="Code">The branch, as <c>brtrue.s at 12 to 30</c>, offsets in the compiled method; empty for a method's beginning.</param>
/// <param name="To">Line of what follows, 0 if the compiler made it; null: the method's beginning.</param>
internal sealed record Way(string File, string Method, int Line, string Code, int? To);

/// <summary>
/// An assembly in memory with counters in the methods of some source files. Bodies are rewritten behind the last section and the method table points there;
/// nothing else changes, and the file on disk is not touched.
/// </summary>
internal sealed class ProbedAssembly
{
    private const int MostWays = 1 << 14;
    private readonly long[] _counters = GC.AllocateArray<long>(MostWays, pinned: true);
    private readonly List<Way> _ways = [];
    private readonly byte[] _original;
    private readonly Func<string, bool> _measures;

    /// <param name="path">The assembly; its .pdb lies beside it.</param>
    /// <param name="measures">True for the source files to measure, by their full path.</param>
    public ProbedAssembly(string path, Func<string, bool> measures)
    {
        (_original, _measures) = (File.ReadAllBytes(path), measures);
        using var portable = new PEReader(new MemoryStream(_original));
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(File.ReadAllBytes(Path.ChangeExtension(path, ".pdb"))));
        Bytes = Probe(portable, symbols.GetMetadataReader());
    }

    /// <summary>The assembly to load.</summary>
    public byte[] Bytes { get; }

    /// <summary>All ways and how often each was gone so far.</summary>
    public IEnumerable<(Way Way, long Count)> Counts => _ways.Select((way, i) => (way, _counters[i]));

    private byte[] Probe(PEReader portable, MetadataReader symbols)
    {
        var (metadata, headers) = (portable.GetMetadataReader(), portable.PEHeaders);
        var last = headers.SectionHeaders.MaxBy(section => section.PointerToRawData);
        var tail = new MemoryStream();
        var image = (byte[])_original.Clone();
        var begin = last.PointerToRawData + Math.Max(last.SizeOfRawData, last.VirtualSize);
        foreach (var handle in metadata.MethodDefinitions)
        {
            var points = symbols.GetMethodDebugInformation(handle).GetSequencePoints().ToList();
            if (points.Count == 0 || !_measures(symbols.GetString(symbols.GetDocument(points[0].Document).Name)))
                continue;
            tail.Write(new byte[-tail.Length & 3]);
            var row = headers.MetadataStartOffset + metadata.GetTableMetadataOffset(TableIndex.MethodDef)
                + ((MetadataTokens.GetRowNumber(handle) - 1) * metadata.GetTableRowSize(TableIndex.MethodDef));
            BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(row), last.VirtualAddress + begin - last.PointerToRawData + (int)tail.Length);
            tail.Write(Body(portable, metadata, symbols, handle, points));
        }
        tail.Write(new byte[-(begin + tail.Length) & (headers.PEHeader!.FileAlignment - 1)]);
        Grow(image, headers, last, begin - last.PointerToRawData + (int)tail.Length);
        return [.. image.AsSpan(0, Math.Min(begin, image.Length)), .. new byte[Math.Max(0, begin - image.Length)], .. tail.ToArray()];
    }

    private byte[] Body(PEReader portable, MetadataReader metadata, MetadataReader symbols, MethodDefinitionHandle handle, List<SequencePoint> points)
    {
        var method = metadata.GetMethodDefinition(handle);
        var file = Path.GetFileName(symbols.GetString(symbols.GetDocument(points[0].Document).Name));
        var name = $"{metadata.GetString(metadata.GetTypeDefinition(method.GetDeclaringType()).Name)}.{metadata.GetString(method.Name)}";
        int Line(int offset) => points.LastOrDefault(point => point.Offset <= offset) is { IsHidden: false, StartLine: var line } ? line : 0;
        return new ProbedBody(portable.GetMethodBody(method.RelativeVirtualAddress), offset => Line(offset) > 0, (from, to) =>
        {
            _ways.Add(new Way(file, name, Line(from?.Offset ?? 0), from is null ? "" : $"{from.OpCode} at {from.Offset} to {to}", to is { } target ? Line(target) : null));
            return Marshal.UnsafeAddrOfPinnedArrayElement(_counters, _ways.Count - 1);
        }).ToBytes();
    }

    // The last section's sizes in the headers, and the image's.
    private static void Grow(byte[] image, PEHeaders headers, SectionHeader last, int length)
    {
        var header = headers.PEHeaderStartOffset + headers.CoffHeader.SizeOfOptionalHeader + (40 * headers.SectionHeaders.IndexOf(last));
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(header + 8), length);
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(header + 16), length);
        var alignment = headers.PEHeader!.SectionAlignment;
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(headers.PEHeaderStartOffset + 56), (last.VirtualAddress + length + alignment - 1) / alignment * alignment);
    }
}
