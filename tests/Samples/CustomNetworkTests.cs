using System.Reflection;
using System.Runtime.CompilerServices;
using Flixstock.Engine;
using Flixstock.Samples.CustomNetwork;
using Flixstock.Tests.Devices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tensor = Flixstock.Engine.Tensor;

namespace Flixstock.Tests.Samples;

/// <summary>
/// A program outside the engine trains a network of its own with a layer and a loss of its own:
/// <c>samples/CustomNetwork</c>, which sees what any program sees.
/// </summary>
[NonParallelizable]
public sealed class CustomNetworkTests
{
    private const int Size = 32;

    [Test]
    public void ItSeesWhatAnyProgramSees() => Assert.That(
        typeof(Network).Assembly.GetCustomAttributes<InternalsVisibleToAttribute>()
            .Select(friend => friend.AssemblyName),
        Has.None.StartWith("Flixstock.Samples"));

    [Test]
    public void ItTrainsResumesValidatesFoldsAndExports()
    {
        using var folder = new TemporaryFolder();
        WritePictures(folder, "train", 12);
        WritePictures(folder, "val", 4);
        var run = folder["run"];
        typeof(SkipNetwork).Assembly.EntryPoint!.Invoke(null, [new[] { folder.Path, run }]);

        using var checkpoint = Checkpoint.Load(Path.Combine(run, "best.safetensors"));
        Assert.That(
            checkpoint.Model,
            Is.EqualTo(new SkipDescription(2)).Using<INetworkDescription>((a, b) => a.ToJson() == b.ToJson()));
        Assert.That(
            File.ReadAllText(Path.Combine(run, "run.json")), Does.Contain("smoothed_bce").And.Contain("skip_cnn"));
        Assert.That(
            RunMetrics.Read(Path.Combine(run, "metrics.csv")).Select(epoch => epoch.Epoch),
            Is.EqualTo(new[] { 1, 2, 3, 4 }));
        Assert.That(checkpoint.MeanAp, Is.GreaterThan(0.9), "bright and dark pictures");

        // The folded network, the exported one and the predictor agree with the network itself.
        using var backend = Backend.Cpu(2);
        using var network = checkpoint.CreateNetwork(backend);
        using var folded = checkpoint.Fold(backend);
        var pixels = Noise(2);
        var expected = new float[4];
        folded.Run(pixels, 2, Size, Size, expected);
        TestTensors.AssertClose(Evaluate(network, pixels), expected, 1e-4, "folded");
        TestTensors.AssertClose(
            Exported(Path.Combine(run, "model.onnx"), pixels), Probabilities(checkpoint, expected), 1e-4, "exported");
    }

    [Test]
    public void WhatWasFoldedForRunningAloneIsNotExportedAsNonsense()
    {
        using var folder = new TemporaryFolder();
        using var backend = Backend.Cpu(1);
        using var network = new SkipDescription(2).Create(backend);
        network.Initialize(1);
        using var packed = FoldedNetwork.From(network.ToStateDict(), network.Description, backend);
        Assert.That(
            () => OnnxExporter.Export(folder["m.onnx"], packed, new OnnxExportOptions { Preparation = new(Size) }),
            Throws.InvalidOperationException.With.Message.Contains("cannot be exported"));
    }

    [Test]
    public void ItsLayerPassesTheGradientCheckOnAGpuToo()
    {
        using var gpu = new EmulatedGpu();
        GradientCheck.Run(gpu.Backend, new Swish("swish"), new Shape(2, 3, 3, 5)).ThrowIfFailed();
    }

    [Test]
    public void AKernelWithoutACudaVersionSaysSo()
    {
        using var gpu = new EmulatedGpu();
        using var loss = new SmoothedLoss(gpu.Backend, 0.1f);
        var values = gpu.Device.Allocate(new Shape(1, 2));
        Assert.That(
            () => loss.Compute(
                new LossInput(values, values, ReadOnlyTensor.None), new LossOutput(values, values, Tensor.None)),
            Throws.TypeOf<EngineException>().With.Message.Contains("'SmoothedLoss' has no CUDA version"));
    }

    [Test]
    public void ARunOfAnUnknownNetworkOrLossNamesIt()
    {
        Assert.That(
            () => NetworkCatalog.FromJson("""{"network":"no_such","Classes":2}"""),
            Throws.TypeOf<InputException>().With.Message.Contains("'no_such'").And.Message.Contains("tresnet"));
        Assert.That(
            () => LossCatalog.FromJson("""{"name":"no_such"}"""),
            Throws.TypeOf<InputException>().With.Message.Contains("'no_such'"));
    }

    private static void WritePictures(TemporaryFolder folder, string part, int count)
    {
        var random = new SeededRandom(5);
        foreach (var (name, level) in new[] { ("bright", 190), ("dark", 40) })
        {
            for (var i = 0; i < count; i++)
            {
                var pixels = new byte[Size * Size * 3];
                for (var j = 0; j < pixels.Length; j++)
                    pixels[j] = (byte)(level + random.Next(40));
                var path = folder[$"{part}/{name}/{i}.png"];
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                PictureWriter.WritePng(path, new RgbPicture(Size, Size, pixels));
            }
        }
    }

    private static byte[] Noise(int pictures)
    {
        var random = new SeededRandom(6);
        return Array.ConvertAll(new byte[pictures * Size * Size * 3], _ => (byte)random.Next(256));
    }

    private static float[] Evaluate(Network network, byte[] pixels)
    {
        var device = network.Backend.Device;
        using var arena = new DynamicArena(device);
        var input = device.FromHost<byte>(
            pixels, new Shape(pixels.Length / (Size * Size * 3), Size, Size, 3), ElementType.UInt8);
        return device.ToHost<float>(network.Forward(network.Backend.NewPass(arena, training: false), input));
    }

    private static float[] Probabilities(Checkpoint checkpoint, float[] scores)
    {
        var result = new float[scores.Length];
        checkpoint.Probabilities.Apply(scores, result);
        return result;
    }

    private static float[] Exported(string path, byte[] pixels)
    {
        var pictures = pixels.Length / (Size * Size * 3);
        var input = new DenseTensor<float>([pictures, 3, Size, Size]);
        for (var i = 0; i < pixels.Length; i++)
        {
            var (picture, pixel, channel) = (i / (Size * Size * 3), i / 3 % (Size * Size), i % 3);
            input[picture, channel, pixel / Size, pixel % Size] = pixels[i] / 255f;
        }
        using var session = new InferenceSession(path);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(session.InputNames[0], input)]);
        return [.. results.Single().AsEnumerable<float>()];
    }
}
