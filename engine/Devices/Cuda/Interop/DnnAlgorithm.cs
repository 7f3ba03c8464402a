using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>One line of a cuDNN algorithm search: cudnnConvolution*AlgoPerf_t, 48 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DnnAlgorithm
{
    public int Algorithm, Status;
    public float Milliseconds;
    private readonly int _padding;
    public nuint WorkspaceBytes;
    public int Deterministic, MathType;
    private readonly int _reserved0, _reserved1, _reserved2, _reserved3;
}
