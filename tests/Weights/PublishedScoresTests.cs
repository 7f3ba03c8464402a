using System.Diagnostics;
using System.Text.Json;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Weights;

/// <summary>
/// Full-size checkpoints that PyTorch makes (tools/peers/published_checkpoint.py): PyTorch's and Pillow's scores on the
/// real photos, and weights that go both ways.
/// </summary>
[TestFixture]
public sealed class PublishedScoresTests
{
    private const double DecodeTolerance = 1e-3, PixelTolerance = 1e-4, LogitTolerance = 1e-4,
        RoundTripTolerance = 1e-5;
    private const int Classes = 9605, TopK = 20, Size = 224;

    [Test, Category("slow")]
    public void InferGivesPyTorchsScoresOnEveryRealPhoto()
    {
        var photos = Directory.GetFiles(Photos.RequireFolder(), "*.jpg").Order(StringComparer.Ordinal).ToArray();
        TorchPython.Require("torch, PIL");
        using var folder = new TemporaryFolder();
        var stretched = photos.Select((photo, i) => Stretched(photo, folder[$"{i}.png"])).ToArray();
        string[] head = ["--classes", $"{Classes}", "--bottleneck-head"];
        var theirs = TorchPython.PublishedCheckpoint(
            [.. head, "--out", folder["m.pth"], "--picture", .. photos, .. stretched])
            .Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        var ours = Infer(folder["m.pth"], [.. photos, .. stretched]);
        Assert.That(photos, Has.Length.EqualTo(9));
        for (var i = 0; i < photos.Length; i++)
        {
            var (decoded, equal) =
                (Difference(ours[i], theirs[i]), Difference(ours[photos.Length + i], theirs[photos.Length + i]));
            TestContext.Out.WriteLine($"{Path.GetFileName(photos[i])}: {decoded:e1} own decoding, {equal:e1} equal "
                + $"pixels; probabilities {ours[i].Values.Min():f4} to {ours[i].Values.Max():f4}");
            Assert.That(decoded, Is.LessThanOrEqualTo(DecodeTolerance), photos[i]);
            Assert.That(equal, Is.LessThanOrEqualTo(PixelTolerance), photos[i]);
            Assert.That(ours[i].Values.Max() - ours[i].Values.Min(), Is.GreaterThan(0.5), "scores that say something");
            Assert.That(
                ours[i].OrderByDescending(item => item.Value).Take(TopK).Select(item => item.Key),
                Is.EqualTo(theirs[i].GetProperty("best").EnumerateArray().Select(item => item[1].GetString())),
                photos[i]);
        }
    }

    // The files take a gigabyte and minutes; figures in docs/formats.md.
    [Test, Explicit("minutes"), Category("full-size")]
    public void FullSizeFilesGoBothWays([Values("tresnet_m", "tresnet_l", "tresnet_xl", "tresnet_l_v2")] string name)
    {
        TorchPython.Require();
        using var folder = new TemporaryFolder();
        var (theirs, ours) = (folder["theirs.pth"], folder["ours.pth"]);
        var expected = Logits(TorchPython.PublishedCheckpoint("--model", name, "--out", theirs));
        var (peak, watch) = (PeakMemory.Restart(), Stopwatch.StartNew());
        using (var file = WeightsFile.Read(theirs))
        {
            var (seconds, growth) = (watch.Elapsed.TotalSeconds, PeakMemory.Bytes() - peak);
            var size = new FileInfo(theirs).Length;
            using var checkpoint = Checkpoint.From(file);
            using var backend = Backend.Cpu(0);
            using var network = checkpoint.CreateNetwork(backend);
            var own = Run(network);
            var difference = Largest(own, expected);
            TorchFile.Write(ours, network.ToStateDict(), checkpoint.Model.Classes, null);
            var back = Largest(own, Logits(TorchPython.PublishedCheckpoint("--model", name, "--load", ours)));
            TestContext.Out.WriteLine(
                $"{name}: {size / 1e6:f1} MB, read in {seconds:f2} s, memory grew by {(double)growth / size:f2} of the "
                    + $"size; logits of PyTorch's file {difference:e1}, of ours in PyTorch {back:e1}");
            Assert.That(difference, Is.LessThanOrEqualTo(LogitTolerance));
            Assert.That(back, Is.LessThanOrEqualTo(RoundTripTolerance));
        }
    }

    private static string Stretched(string photo, string path)
    {
        var pixels = PictureResizer.Resize(PictureDecoder.Decode(photo), Size, Size, ResizeFilter.Bilinear);
        PictureWriter.WritePng(path, pixels);
        return path;
    }

    // The command itself, all classes by their identifiers.
    private static Dictionary<string, double>[] Infer(string weights, string[] pictures)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        string[] arguments =
        [
            "infer", "--dataset-type", "openimages", "--model-name", "tresnet_m", "--weights", weights, "--th", "0",
            "--top-k", $"{Classes}", "--json", .. pictures,
        ];
        Assert.That(CommandLine.Run(arguments, output, error), Is.Zero, error.ToString());
        return [.. JsonDocument.Parse(output.ToString()).RootElement.EnumerateArray().Select(
            picture => picture.GetProperty("classes").EnumerateArray().ToDictionary(
                item => item.GetProperty("id").GetString()!, item => item.GetProperty("probability").GetDouble(),
                StringComparer.Ordinal))];
    }

    private static double Difference(Dictionary<string, double> ours, JsonElement theirs) =>
        theirs.GetProperty("probabilities").EnumerateArray().Select((value, k) => Math.Abs(
            value.GetDouble() - ours.GetValueOrDefault($"/m/{k}", double.PositiveInfinity))).Max();

    private static float[] Run(Network network)
    {
        var device = network.Backend.Device;
        using var arena = new DynamicArena(device);
        return device.ToHost<float>(
            network.Forward(network.Backend.NewPass(arena, training: false), HashedWeights.Input(device, Size)));
    }

    private static float[] Logits(string[] lines) =>
        [.. JsonDocument.Parse(lines.Single()).RootElement.GetProperty("logits").EnumerateArray()
            .Select(value => value.GetSingle())];

    private static double Largest(float[] a, float[] b)
    {
        Assert.That(a, Has.Length.EqualTo(b.Length));
        return a.Zip(b, (x, y) => Math.Abs((double)x - y)).Max();
    }
}
