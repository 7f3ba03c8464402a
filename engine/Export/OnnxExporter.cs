using System.Reflection;
using Google.Protobuf;
using DataType = Flixstock.Engine.TensorProto.Types.DataType;

namespace Flixstock.Engine;

/// <summary>
/// Writes a folded network as an ONNX file in standard operators: pictures in, probabilities out. The file is described
/// in docs/formats.md.
/// </summary>
public static class OnnxExporter
{
    /// <summary>Name of the graph's input.</summary>
    public const string InputName = OnnxPreparation.InputName;

    /// <summary>Name of the graph's output, [N, classes], after the sigmoid or the softmax of each attribute.</summary>
    public const string OutputName = "probabilities";

    // of a protobuf message, with room for everything that is not a weight
    private const long LargestFile = int.MaxValue - (1 << 20);

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="checkpoint">Description of the network, recorded as metadata.</param>
    /// <param name="network">The checkpoint's network, folded.</param>
    /// <param name="options">Input, operators and precision of the file.</param>
    /// <param name="cancellation">Stops in the middle of writing.</param>
    /// <exception cref="InputException">
    /// An option cannot be; the weights do not fit into half precision or into one file.
    /// </exception>
    /// <exception cref="EngineException">The file cannot be written.</exception>
    public static void Export(
        string path, Checkpoint checkpoint, FoldedNetwork network, OnnxExportOptions options,
        CancellationToken cancellation = default) =>
        Write(
            path,
            ToModel(network, options, checkpoint.Probabilities, OnnxDescription.Of(checkpoint, options)), cancellation);

    /// <summary>Writes a checkpoint's network, folded on the processor.</summary>
    /// <param name="path">The file.</param>
    /// <param name="checkpoint">The weights, and what they mean.</param>
    /// <param name="options">Input, operators and precision of the file.</param>
    /// <param name="cancellation">Stops in the middle of writing.</param>
    /// <exception cref="InputException">
    /// An option cannot be; the weights do not fit into half precision or into one file.
    /// </exception>
    /// <exception cref="EngineException">The file cannot be written.</exception>
    public static void Export(
        string path, Checkpoint checkpoint, OnnxExportOptions options, CancellationToken cancellation = default)
    {
        using var backend = Backend.Cpu(1);
        using var network = checkpoint.CreateNetwork(backend);
        using var folded = new FoldedNetwork(network);
        Export(path, checkpoint, folded, options, cancellation);
    }

    /// <summary>Writes a network that comes from no checkpoint: the same graph, without metadata.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">The network.</param>
    /// <param name="options">Input, operators and precision of the file.</param>
    /// <exception cref="InputException">
    /// An option cannot be; the weights do not fit into half precision or into one file.
    /// </exception>
    /// <exception cref="EngineException">The file cannot be written.</exception>
    public static void Export(string path, FoldedNetwork network, OnnxExportOptions options) =>
        Write(path, ToModel(network, options, null, []), CancellationToken.None);

    /// <summary>The preparation alone, levels [N, 3, S, S] from 0 to 255 out: for tests.</summary>
    internal static ModelProto Resizing(OnnxExportOptions options)
    {
        options.Validate();
        var graph = new OnnxGraph("resizing", half: false);
        graph.Input(InputName, DataType.Uint8, "RGB", "batch", "height", "width", 3);
        Rename(graph, OnnxPreparation.Resize(graph, options, OnnxPreparation.Levels(graph)), "levels");
        var size = options.Preparation.ImageSize;
        graph.Output("levels", DataType.Float, "RGB", "batch", 3, size, size);
        return Model(graph, options, []);
    }

    private static ModelProto ToModel(
        FoldedNetwork network, OnnxExportOptions options, ProbabilityHead? head,
        IEnumerable<(string Key, string Value)> description)
    {
        options.Validate(network.Description);
        if (network.HoldsPackedWeights)
        {
            throw new InvalidOperationException(
                $"{nameof(Checkpoint)}.{nameof(Checkpoint.Fold)} keeps weights in the kernels' order, which cannot be "
                    + $"exported: fold a network of {nameof(Checkpoint)}.{nameof(Checkpoint.CreateNetwork)}, or export "
                    + $"the checkpoint itself");
        }
        var graph = new OnnxGraph(network.Description.Name, options.Half);
        var logits = new OnnxSteps(
            graph, network.Backend.Device, network.Steps, options.Preparation.ImageSize, options.Opset)
            .Translate(OnnxPreparation.Add(graph, options));
        if (options.Half)
            logits = graph.Add("logits", "Cast", [logits], OnnxGraph.Integer("to", (long)DataType.Float));
        Rename(graph, OnnxHead.Add(graph, logits, head), OutputName);
        graph.Output(
            OutputName, DataType.Float, "of every class, 0 to 1", options.DynamicBatch ? "batch" : options.Batch,
            network.Description.Classes);
        if (graph.ConstantBytes > LargestFile)
        {
            throw new InputException($"the weights take {graph.ConstantBytes >> 20} MiB, but an ONNX file holds 2 GiB: "
                + $"export in half precision or a smaller network");
        }
        return Model(graph, options, description);
    }

    private static ModelProto Model(
        OnnxGraph graph, OnnxExportOptions options, IEnumerable<(string Key, string Value)> description)
    {
        var model = new ModelProto
        {
            IrVersion = IrVersion(options.Opset),
            ProducerName = "Flixstock.Native",
            ProducerVersion = typeof(OnnxExporter).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()?.Version
                ?? "",
            Graph = graph.Proto,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = options.Opset });
        foreach (var (key, value) in description)
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return model;
    }

    // Straight into the file: a copy of all weights in one array is not needed.
    private static void Write(string path, ModelProto model, CancellationToken cancellation) =>
        Files.WriteAtomically(path, stream => model.WriteTo(stream), cancellation);

    private static void Rename(OnnxGraph graph, string value, string name)
    {
        var node = graph.Proto.Node.Single(node => node.Output[0] == value);
        node.Output[0] = name;
    }

    // The version of the file format that ONNX released together with an operator set (ONNX, docs/Versioning.md).
    private static long IrVersion(int opset) => opset switch
    {
        <= 14 => 7,
        <= 18 => 8,
        <= 20 => 9,
        <= 22 => 10,
        _ => 11,
    };
}
