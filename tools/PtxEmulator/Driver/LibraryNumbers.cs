namespace Flixstock.PtxEmulator;

/// <summary>Element types of the libraries, read and written one by one.</summary>
internal enum Element
{
    Single,
    Half,
    Bfloat,
}

internal static unsafe class LibraryNumbers
{
    public static int Bytes(Element type) => type == Element.Single ? 4 : 2;

    public static float Read(nint address, long index, Element type) => type switch
    {
        Element.Single => ((float*)address)[index],
        Element.Half => (float)((Half*)address)[index],
        _ => Sixteen.FromBfloat(((ushort*)address)[index]),
    };

    public static void Write(nint address, long index, Element type, double value)
    {
        if (type == Element.Single)
        {
            ((float*)address)[index] = (float)value;
        }
        else
        {
            ((ushort*)address)[index] = type == Element.Half
                ? Sixteen.ToHalf(value, Rounding.Nearest)
                : Sixteen.ToBfloat(value, Rounding.Nearest);
        }
    }

    /// <summary>Checks an operand: given, 16-byte aligned, inside one allocation, written where it is read.</summary>
    public static void Check(EmulatedDriver driver, nint address, long elements, Element type, bool read, string what)
    {
        long bytes = elements * Bytes(type);
        if (address % 16 != 0)
            throw new DeviceCheckException($"{what}: address 0x{address:x} is not 16-byte aligned");
        driver.Memory.Require((ulong)address, bytes, what);
        if (read)
            CheckWritten(driver, address, elements, type, what);
    }

    public static void CheckWritten(EmulatedDriver driver, nint address, long elements, Element type, string what)
    {
        long bytes = elements * Bytes(type);
        var allocation = driver.Memory.Require((ulong)address, bytes, what);
        if (new ReadOnlySpan<byte>(allocation.Written + (address - (nint)allocation.Address), checked((int)bytes))
            .Contains((byte)0))
        {
            throw new DeviceCheckException(
                $"{what}: reads what was never written, {driver.Memory.Describe((ulong)address)}");
        }
    }
}
