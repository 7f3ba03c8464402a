using DataType = Flixstock.Engine.TensorProto.Types.DataType;

namespace Flixstock.Engine;

/// <summary>The graph's input, and what has to happen to it before the network.</summary>
internal static class OnnxPreparation
{
    public const string InputName = "pictures";
    private const string Layer = "preparation";

    /// <summary>Appends input and preparation.</summary>
    /// <returns>[N, 3, S, S], from 0 to 1, in the type of the activations.</returns>
    public static string Add(OnnxGraph graph, OnnxExportOptions options)
    {
        object batch = options.DynamicBatch ? "batch" : options.Batch;
        var size = options.Preparation.ImageSize;
        switch (options.Input)
        {
            case OnnxInput.Singles:
                graph.Input(InputName, DataType.Float, "RGB from 0 to 1", batch, 3, size, size);
                return ToActivations(graph, InputName);
            case OnnxInput.Bytes:
                graph.Input(InputName, DataType.Uint8, "RGB from 0 to 255", batch, size, size, 3);
                return ToActivations(graph, Scale(graph, Levels(graph)));
            case OnnxInput.Pictures:
                graph.Input(InputName, DataType.Uint8, "RGB from 0 to 255, any size", batch, "height", "width", 3);
                return ToActivations(graph, Scale(graph, Resize(graph, options, Levels(graph))));
            default:
                throw new InvalidOperationException($"ONNX export does not know the input {options.Input}");
        }
    }

    /// <summary>
    /// Same as <see cref="PictureResizer"/>: along x, to whole levels, along y, to whole levels. Written out with
    /// explicit rounding and not as one Resize
    /// of bytes, whose rounding the specification leaves open.
    /// </summary>
    public static string Resize(OnnxGraph graph, OnnxExportOptions options, string levels)
    {
        foreach (var (layer, axis) in new[] { (Layer + ".x", 3), (Layer + ".y", 2) })
        {
            var resized = graph.Add(
                layer,
                "Resize",
                [levels, "", "", graph.Integers(Layer + ".size", options.Preparation.ImageSize)],
                [.. Filter(options.Preparation.Filter), OnnxGraph.List("axes", axis), .. Sampling()]);
            levels = ToLevels(graph, layer, resized, options.Preparation.Filter);
        }
        return levels;
    }

    /// <summary>Bytes [N, H, W, 3] as levels [N, 3, H, W] in single precision.</summary>
    public static string Levels(OnnxGraph graph)
    {
        var transposed = graph.Add(Layer, "Transpose", [InputName], OnnxGraph.List("perm", 0, 3, 1, 2));
        return graph.Add(Layer, "Cast", [transposed], OnnxGraph.Integer("to", (long)DataType.Float));
    }

    private static AttributeProto[] Filter(ResizeFilter filter) => filter == ResizeFilter.Bilinear
        ? [OnnxGraph.Text("mode", "linear")]
        : [OnnxGraph.Text("mode", "cubic"), OnnxGraph.Single("cubic_coeff_a", -0.5f)];

    // Halves go up in Pillow, to the even neighbour in Round; only cubic weights can leave the range.
    private static string ToLevels(OnnxGraph graph, string layer, string value, ResizeFilter filter)
    {
        var raised = graph.Add(layer, "Add", [value, graph.Numbers("half", [0.5f], [], single: true)]);
        var whole = graph.Add(layer, "Floor", [raised]);
        return filter == ResizeFilter.Bilinear
            ? whole
            : graph.Add(layer, "Clip", [whole, graph.Numbers("level.least", [0], [], single: true), graph.Numbers(
                "level.most", [255], [], single: true)]);
    }

    // Pillow widens the filter when it shrinks, and leaves out what of the filter lies outside the picture.
    private static AttributeProto[] Sampling() =>
        [OnnxGraph.Integer("antialias", 1), OnnxGraph.Integer("exclude_outside", 1), OnnxGraph.Text(
            "coordinate_transformation_mode", "half_pixel")];

    private static string Scale(OnnxGraph graph, string levels) =>
        graph.Add(Layer, "Div", [levels, graph.Numbers("level.most", [255], [], single: true)]);

    private static string ToActivations(OnnxGraph graph, string singles) => graph.Activations == DataType.Float
        ? singles
        : graph.Add(Layer + ".half", "Cast", [singles], OnnxGraph.Integer("to", (long)graph.Activations));
}
