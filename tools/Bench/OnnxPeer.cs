using System.Diagnostics;
using Flixstock.Cli;
using Flixstock.Engine;
using Microsoft.ML.OnnxRuntime;

namespace Flixstock.Bench;

/// <summary>ONNX Runtime on the same network, exported: bytes in, as our own inference.</summary>
internal sealed class OnnxPeer(int threads)
{
    private const int Warmup = 2;

    /// <summary>As ONNX Runtime names itself.</summary>
    public static string Version() => "ONNX Runtime " + OrtEnv.Instance().GetVersionString();

    /// <summary>Images per second, the median of the steps.</summary>
    public double Inference(Workload work, int batch)
    {
        var folder = Directory.CreateTempSubdirectory("flixstock-bench-").FullName;
        try
        {
            var file = Path.Combine(folder, "model.onnx");
            using (var network = work.Folded())
            {
                OnnxExporter.Export(
                    file, network,
                    new OnnxExportOptions { Preparation = new(work.Size), Input = OnnxInput.Bytes, Batch = batch });
            }
            using var options = new SessionOptions { IntraOpNumThreads = threads };
            using var session = new InferenceSession(file, options);
            var seconds = Time(session, work, batch);
            return batch / seconds[seconds.Length / 2];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double[] Time(InferenceSession session, Workload work, int batch)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(work.Pixels(batch), [batch, work.Size, work.Size, 3]);
        using var options = new RunOptions();
        var inputs = new Dictionary<string, OrtValue> { [OnnxExporter.InputName] = input };
        var seconds = new List<double>();
        for (var i = 0; i < Warmup + work.Steps; i++)
        {
            var watch = Stopwatch.StartNew();
            using var outputs = session.Run(options, inputs, [OnnxExporter.OutputName]);
            if (i >= Warmup)
                seconds.Add(watch.Elapsed.TotalSeconds);
        }
        return [.. seconds.Order()];
    }
}
