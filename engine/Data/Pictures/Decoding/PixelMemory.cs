using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>
/// Memory for the pixels that Skia writes, outside of the heap: it is returned to the system at once, and piece by
/// piece if the system allows it.
/// </summary>
internal sealed unsafe class PixelMemory : IDisposable
{
    private void* _address;

    public PixelMemory(int rows, int rowBytes)
    {
        RowBytes = rowBytes;
        try
        {
            _address = NativeMemory.Alloc((nuint)((long)rows * rowBytes));
        }
        catch (OutOfMemoryException e)
        {
            throw new EngineException(
                $"not enough memory: {(long)rows * rowBytes >> 20} MiB for the pixels of a picture", e);
        }
    }

    public int RowBytes { get; }

    public nint Address => (nint)_address;

    public ReadOnlySpan<byte> Row(int row) => new((byte*)_address + ((long)row * RowBytes), RowBytes);

    /// <summary>Gives the memory of the first rows back; what they hold is lost.</summary>
    public void Forget(int rows) => MemoryPages.Forget(Address, (nint)rows * RowBytes);

    public void Dispose()
    {
        NativeMemory.Free(_address);
        _address = null;
    }
}
