using System.Buffers.Binary;
using System.Text;

namespace Flixstock.Fuzz;

// The opcodes of the pickle format.
internal sealed partial class PickleMaker
{
    private void Items(bool ordered, Action pairs)
    {
        if (!ordered)
            Byte('}');
        else
            Ascii("ccollections\nOrderedDict\n)R");
        Byte('(');
        pairs();
        Byte('u');
    }

    private void Pair(string key, Action value)
    {
        Text(key);
        value();
    }

    private void Name(string name) => Ascii("c" + name);

    private void Number(int value)
    {
        if (Rarely())
            value = Wrongs[random.Next(Wrongs.Length)];
        if (value is < 0 or > ushort.MaxValue)
            Bytes('J', value & 255, value >> 8 & 255, value >> 16 & 255, value >> 24 & 255);
        else if (value < 256)
            Bytes('K', value);
        else
            Bytes('M', value & 255, value >> 8);
    }

    private void LongNumber()
    {
        var bytes = new byte[random.Next(12)];
        random.NextBytes(bytes);
        Bytes('\x8a', bytes.Length);
        _bytes.AddRange(bytes);
    }

    private void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        _bytes.AddRange([(byte)'X', .. length, .. bytes]);
    }

    private void Byte(int value) => _bytes.Add((byte)value);

    private void Bytes(params ReadOnlySpan<int> values)
    {
        foreach (var value in values)
            Byte(value);
    }

    private void Ascii(string text)
    {
        foreach (var character in text)
            Byte(character);
    }
}
