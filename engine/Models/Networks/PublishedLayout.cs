using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>
/// Between the engine's weights (KRSC, channels padded as the device wants) and published ones (OIHW, not padded).
/// </summary>
internal static class PublishedLayout
{
    /// <summary>Shape under which a parameter is published.</summary>
    public static int[] ShapeOf(Parameter parameter)
    {
        var shape = parameter.PublishedShape;
        return shape.Rank switch
        {
            4 => [shape[0], shape[3], shape[1], shape[2]],
            2 when parameter.PublishedAsConvolution => [shape[0], shape[1], 1, 1],
            2 => [shape[0], shape[1]],
            _ => [shape[0]],
        };
    }

    /// <summary>The parameter's value as a file has it.</summary>
    public static StateTensor ToPublished(Parameter parameter, ReadOnlySpan<float> values)
    {
        var dense = Unpadded(parameter, values);
        var result = dense;
        if (parameter.Shape.Rank == 4)
            Transpose(parameter.PublishedShape, dense, result = new float[dense.Length], toPublished: true);
        return StateTensors.From(parameter.Name, ShapeOf(parameter), result);
    }

    /// <summary>A file's values in the parameter's layout; the padding is zero.</summary>
    public static void FromPublished(StateTensor tensor, Parameter parameter, Span<float> destination)
    {
        var values =
            tensor.Type == StateType.F32 ? MemoryMarshal.Cast<byte, float>(tensor.Data.Span) : tensor.ToFloats();
        if (parameter.Shape.Rank == 4 && parameter.PublishedShape == parameter.Shape)
        {
            Transpose(parameter.Shape, values, destination, toPublished: false); // no copy in between
            return;
        }
        var dense = values;
        if (parameter.Shape.Rank == 4)
        {
            var transposed = new float[values.Length];
            Transpose(parameter.PublishedShape, values, transposed, toPublished: false);
            dense = transposed;
        }
        Pad(parameter, dense, destination);
    }

    /// <summary>Values of the published part, in the device's order of axes.</summary>
    public static float[] Unpadded(Parameter parameter, ReadOnlySpan<float> values)
    {
        var result = new float[parameter.PublishedShape.Count];
        foreach (var (own, padded, length) in Rows(parameter))
            values.Slice(padded, length).CopyTo(result.AsSpan(own));
        return result;
    }

    /// <summary>The reverse of <see cref="Unpadded"/>; the padding becomes zero.</summary>
    public static void Pad(Parameter parameter, ReadOnlySpan<float> values, Span<float> destination)
    {
        destination[..(int)parameter.Shape.Count].Clear();
        foreach (var (own, padded, length) in Rows(parameter))
            values.Slice(own, length).CopyTo(destination[padded..]);
    }

    // Only the first and the last axis are padded: rows of the last one, counted without padding and with it.
    private static IEnumerable<(int Own, int Padded, int Length)> Rows(Parameter parameter)
    {
        var (own, padded) = (parameter.PublishedShape, parameter.Shape);
        if (own == padded || own.Rank == 1)
        {
            yield return (0, 0, (int)own.Count);
            yield break;
        }
        for (var row = 0; row < own.Pixels; row++)
            yield return (row * own.Channels, row * padded.Channels, own.Channels);
    }

    private static void Transpose(Shape shape, ReadOnlySpan<float> source, Span<float> destination, bool toPublished)
    {
        var (window, channels) = (shape[1] * shape[2], shape[3]);
        for (var k = 0; k < shape[0]; k++)
        {
            for (var position = 0; position < window; position++)
            {
                for (var c = 0; c < channels; c++)
                {
                    var own = (k * window + position) * channels + c;
                    var published = (k * channels + c) * window + position;
                    if (toPublished)
                        destination[published] = source[own];
                    else
                        destination[own] = source[published];
                }
            }
        }
    }
}
