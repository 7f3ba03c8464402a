namespace Flixstock.Engine;

/// <summary>
/// Where an activation [N, H, W, C] is above 0, one bit a value: UInt8 [N, H, W, C / 8], bit c % 8 of byte c / 8. A
/// ReLU's backward pass needs nothing else of its output, and reads a sixteenth of what 16 bits a value would be.
/// </summary>
internal static class SignBits
{
    /// <summary>Values that a byte stands for: channels must be a multiple of it.</summary>
    public const int BitsOfByte = 8;

    /// <summary>[N, H, W, C / 8] for an activation of this shape.</summary>
    public static Shape ShapeOf(Shape activation) => new(
        activation.Batch, activation.Height, activation.Width, activation.Channels / BitsOfByte);

    /// <summary>Writes the bits of an activation in the host's memory; nothing if there is no place for them.</summary>
    public static void Write(ReadOnlyTensor activation, Tensor signs)
    {
        if (!signs.Exists)
            return;
        var values = activation.Elements<float>();
        var bytes = signs.Elements<byte>();
        for (var i = 0; i < bytes.Length; i++)
        {
            var bits = 0;
            for (var bit = 0; bit < BitsOfByte; bit++)
                bits |= values[BitsOfByte * i + bit] > 0 ? 1 << bit : 0;
            bytes[i] = (byte)bits;
        }
    }

    /// <summary>True if the value with this number is above 0; bits in the host's memory.</summary>
    public static bool IsSet(ReadOnlyTensor signs, long number) =>
        (signs.Elements<byte>()[(int)(number / BitsOfByte)] >> (int)(number % BitsOfByte) & 1) != 0;
}
