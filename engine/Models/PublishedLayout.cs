namespace Flixstock.Engine;

/// <summary>Between the engine's weights (KRSC) and published ones (OIHW).</summary>
internal static class PublishedLayout
{
    /// <summary>Shape under which a parameter is published.</summary>
    public static int[] ShapeOf(Parameter parameter)
    {
        var shape = parameter.Shape;
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
        var result = new float[parameter.Shape.Count];
        if (parameter.Shape.Rank == 4)
            Transpose(parameter.Shape, values, result, toPublished: true);
        else
            values[..result.Length].CopyTo(result);
        return StateTensors.From(parameter.Name, ShapeOf(parameter), result);
    }

    /// <summary>A file's values in the parameter's layout.</summary>
    public static void FromPublished(StateTensor tensor, Parameter parameter, Span<float> destination)
    {
        var values = tensor.ToFloats();
        if (parameter.Shape.Rank == 4)
            Transpose(parameter.Shape, values, destination, toPublished: false);
        else
            values.CopyTo(destination);
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
