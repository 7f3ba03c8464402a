using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock export</c>: a model as an ONNX file.</summary>
internal static class ExportCommand
{
    private const string Manual = """
        Writes a checkpoint as an ONNX file in standard operators, ABN folded into the convolutions; out come probabilities.
        In go, as "pictures":

          (no option)     float32 [N, 3, S, S], RGB from 0 to 1, resized to S x S
                          as in training
          --uint8-input   uint8 [N, S, S, 3], RGB: scaling is inside
          --preprocess    uint8 [N, height, width, 3], RGB of any size: resizing
                          as Pillow does and scaling are inside

        Class names, attributes, thresholds and preprocessing are recorded in the file's metadata.
        --verify runs the file by ONNX Runtime on random pictures and compares with this program: a probability that
        differs by more than 1e-4 is a failure and leaves no file; with --fp16 the limit is what rounding can do.
        """;

    public static Command Create(Session session)
    {
        var model = new ModelOptions(session);
        var output = Options.OptionalPath(
            "--out", "The file to write, as model.onnx; without it next to the weights, under their name.");
        var opset = Options.Integer(
            "--opset", OnnxExportOptions.DefaultOpset, "Version of the operators; --preprocess needs 18.",
            OnnxExportOptions.OldestOpset, OnnxExportOptions.NewestOpset);
        var batch = Options.Integer("--batch-size", 1, "Pictures of a batch.", 1, 65536);
        var dynamicBatch = Options.Flag("--dynamic-batch", "Any number of pictures in a batch.");
        var bytes = Options.Flag("--uint8-input", "Take bytes, of the network's size.");
        var preprocess = Options.Flag("--preprocess", "Take bytes, of any size: the whole preprocessing inside.");
        var half = Options.Flag("--fp16", "Weights and activations in half precision: half the size.");
        var threshold = Options.Number(
            "--thre", Evaluator.DefaultThreshold,
            "Threshold to record, a probability above it is a prediction; without it the checkpoint's own "
                + "if it has some.",
            0, 1);
        var resize = Options.Choice(
            "--resize", "trained", "How --preprocess resizes", "trained", "bilinear", "bicubic");
        var threads = Options.Threads();
        var verify = Options.Flag("--verify", "Run the file by ONNX Runtime and compare.");
        var command = new DocumentedCommand(
            "export", "Write a model as ONNX.", Manual,
            "flixstock export --weights run/best.safetensors --out model.onnx --dynamic-batch --verify",
            "flixstock export --weights run/best.safetensors --out model.onnx --preprocess --fp16 --verify")
        {
            output, opset, batch, dynamicBatch, bytes, preprocess, half, threshold, resize, verify,
            model.Weights, model.ModelName, model.ImageSize, threads,
        };
        command.SetAction(parsed =>
        {
            parsed.RefuseBoth(bytes, preprocess, "the second takes bytes of any size, the first of one size");
            if (parsed.GetValue(dynamicBatch) && parsed.IsGiven(batch))
                throw new InputException("export: --batch-size and --dynamic-batch exclude each other; leave one out");
            // On the processor, whose tensors have the published channels: a GPU's are padded.
            var backend = session.Open(new DeviceRequest("cpu", parsed.GetValue(threads)));
            using var checkpoint = model.Load(parsed);
            var options = new OnnxExportOptions
            {
                Preparation = Options.Resized(model.Preparation(parsed, checkpoint), parsed.GetValue(resize)!),
                Opset = parsed.GetValue(opset),
                Batch = parsed.GetValue(batch),
                DynamicBatch = parsed.GetValue(dynamicBatch),
                Input = parsed.GetValue(preprocess)
                    ? OnnxInput.Pictures
                    : parsed.GetValue(bytes) ? OnnxInput.Bytes : OnnxInput.Singles,
                Half = parsed.GetValue(half),
                Threshold = (float)parsed.GetValue(threshold),
                Thresholds =
                    parsed.IsGiven(threshold) ? null : checkpoint.Calibration?.Thresholds,
            };
            var file = parsed.GetValue(output)
                ?? session.Chosen("--out", session.Places.Free(Path.ChangeExtension(checkpoint.Path, null), ".onnx"));
            WeightsFile.RequireOther(checkpoint.Path, file, "--out");
            var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            return OutputFolder.Use(folder, "--out", () => Run(
                session, backend, checkpoint, options, file,
                parsed.GetValue(verify) ? parsed.GetValue(threads) : null));
        });
        return command;
    }

    // Verified before it gets its name, so that a file of that name is always a good one.
    private static int Run(
        Session session, Backend backend, Checkpoint checkpoint, OnnxExportOptions options, string file,
        int? verifyThreads)
    {
        if (Directory.Exists(file))
        {
            throw new InputException(
                $"--out {file}: that is a folder; give a file, as {Path.Combine(file, "model.onnx")}");
        }
        options.Validate(checkpoint.Model);
        using var folded = Fold(checkpoint, backend);
        Files.Replace(file, unverified =>
        {
            OnnxExporter.Export(unverified, checkpoint, folded, options, session.Cancellation);
            if (verifyThreads is { } threads)
                Verify(session, folded, options, checkpoint.Probabilities, unverified, threads);
        });
        session.Terminal.Line($"written: {file} ({new FileInfo(file).Length / 1e6:0.0} MB, opset {options.Opset}, "
            + $"{(options.Half ? "fp16" : "fp32")})");
        return CommandLine.Done;
    }

    private static FoldedNetwork Fold(Checkpoint checkpoint, Backend backend)
    {
        using var network = checkpoint.CreateNetwork(backend);
        return new FoldedNetwork(network);
    }

    private static void Verify(
        Session session, FoldedNetwork folded, OnnxExportOptions options, ProbabilityHead head,
        string file, int threads)
    {
        var verification = new OnnxVerification(folded, options, head);
        verification.Run(file, threads, session.Cancellation);
        var result = $"ONNX Runtime against the engine, {verification.Pictures} random pictures: probabilities differ "
            + $"by at most {verification.Difference:0.0e+0}";
        if (!verification.Passed)
            throw new EngineException($"{result}, more than {verification.Tolerance:0.0e+0}; nothing was written");
        session.Terminal.Line($"{result} (allowed: {verification.Tolerance:0.0e+0})");
    }
}
