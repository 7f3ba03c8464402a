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
            3 => [shape[0], shape[1], shape[2]],
            _ => [shape[0]],
        };
    }

    /// <summary>
    /// A parameter's value, or another tensor of its layout, as a file has it; read from the device when its elements
    /// are asked for.
    /// </summary>
    /// <param name="device">The device that holds it.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="values">The values, of the parameter's shape, with its padding.</param>
    public static StateTensor ToPublished(Device device, Parameter parameter, Tensor values) =>
        StateTensors.From(parameter.Name, ShapeOf(parameter), () => Published(parameter, OnHost(device, values)));

    /// <summary>A parameter's value, or other values of its layout, as a file has it.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="values">The values, with the parameter's padding.</param>
    public static StateTensor ToPublished(Parameter parameter, ReadOnlySpan<float> values) =>
        new(parameter.Name, StateType.F32, ShapeOf(parameter), Published(parameter, values));

    /// <summary>
    /// Values without padding, in the device's order of axes; read from the device when they are asked for.
    /// </summary>
    /// <param name="device">The device that holds them.</param>
    /// <param name="name">Name of the entry.</param>
    /// <param name="parameter">The parameter whose shape they have.</param>
    /// <param name="values">The values, of the parameter's shape, with its padding.</param>
    public static StateTensor ToUnpadded(Device device, string name, Parameter parameter, Tensor values) =>
        StateTensors.From(name, Extents(parameter.PublishedShape), () =>
        {
            var bytes = new byte[parameter.PublishedShape.Count * sizeof(float)];
            Unpad(parameter, OnHost(device, values), MemoryMarshal.Cast<byte, float>(bytes.AsSpan()));
            return bytes;
        });

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

    private static byte[] Published(Parameter parameter, ReadOnlySpan<float> values)
    {
        var bytes = new byte[parameter.PublishedShape.Count * sizeof(float)];
        var result = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        if (parameter.Shape.Rank != 4)
            Unpad(parameter, values, result);
        else if (parameter.PublishedShape == parameter.Shape)
            Transpose(parameter.PublishedShape, values, result, toPublished: true); // no copy in between
        else
            Transpose(parameter.PublishedShape, Unpadded(parameter, values), result, toPublished: true);
        return bytes;
    }

    /// <summary>Values of the published part, in the device's order of axes.</summary>
    public static float[] Unpadded(Parameter parameter, ReadOnlySpan<float> values)
    {
        var result = new float[parameter.PublishedShape.Count];
        Unpad(parameter, values, result);
        return result;
    }

    private static void Unpad(Parameter parameter, ReadOnlySpan<float> values, Span<float> destination)
    {
        foreach (var (own, padded, length) in Rows(parameter))
            values.Slice(padded, length).CopyTo(destination[own..]);
    }

    // A processor's memory is read where it is.
    private static unsafe ReadOnlySpan<float> OnHost(Device device, Tensor values) => device.IsHost
        ? new ReadOnlySpan<float>((void*)values.Address, checked((int)values.Count))
        : device.ToHost<float>(values);

    private static int[] Extents(Shape shape) => [.. Enumerable.Range(0, shape.Rank).Select(axis => shape[axis])];

    /// <summary>Values without padding in the parameter's layout; the padding becomes zero.</summary>
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
