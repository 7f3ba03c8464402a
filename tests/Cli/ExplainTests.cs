using System.Text.Json;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary><c>infer --explain</c>: pictures with maps, highest places in the JSON, errors in one line.</summary>
public sealed class ExplainTests
{
    [Test]
    public void EveryPictureGetsASheetAndEveryLabelItsHighestPlace()
    {
        using var folder = new TemporaryFolder();
        folder.Write("photos/a.jpg", TemporaryFolder.SmallJpeg(1, 50, 91));
        folder.Write("photos/b.jpg", TemporaryFolder.SmallJpeg(2, 90, 31));
        var (exit, output, error) = Infer(folder, "--json", folder["photos"], "--explain", folder["explained"]);
        Assert.That(exit, Is.Zero, error);
        using var json = JsonDocument.Parse(output);
        foreach (var entry in json.RootElement.EnumerateArray())
        {
            var labels = entry.GetProperty("labels").EnumerateArray().ToList();
            Assert.That(labels, Has.Count.EqualTo(3));
            foreach (var peak in labels.Select(label => label.GetProperty("peak")))
            {
                if (peak.ValueKind == JsonValueKind.Null)
                    continue;
                Assert.That(peak.GetProperty("x").GetDouble(), Is.InRange(0, 1));
                Assert.That(peak.GetProperty("y").GetDouble(), Is.InRange(0, 1));
            }
        }
        Assert.That(
            Directory.GetFiles(folder["explained"], "*.jpg").Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "a.jpg", "b.jpg" }));
        var sheet = new Sample("a", folder["explained/a.jpg"], []).Decode();
        Assert.That(sheet.Width, Is.EqualTo((4 * (141 + 12)) + 12), "the picture and three maps, 141 x 256 each");
    }

    [Test]
    public void WithoutItTheJsonIsAsBefore()
    {
        using var folder = new TemporaryFolder();
        var picture = folder.Write("a.jpg", TemporaryFolder.SmallJpeg(1));
        var (_, plain, _) = Infer(folder, "--json", picture);
        var (_, explained, _) = Infer(folder, "--json", picture, "--explain", folder["x"]);
        Assert.That(plain, Does.Not.Contain("peak"));
        using var first = JsonDocument.Parse(plain);
        using var second = JsonDocument.Parse(explained);
        Assert.That(
            second.RootElement[0].GetProperty("probabilities").GetRawText(),
            Is.EqualTo(first.RootElement[0].GetProperty("probabilities").GetRawText()));
    }

    [TestCase("--explain", "--explain")]
    [TestCase("--explain {0}/file", "--explain {0}/file")]
    [TestCase("--explain {0}", "would be replaced; choose another folder")]
    [TestCase("--explain {0}/x --save-pictures {0}/x", "give two folders")]
    [TestCase("--explain {0}/x --dataset-type openimages", "--explain: --dataset-type openimages")]
    public void WhatCannotBeIsSaidInOneLine(string options, string message)
    {
        using var folder = new TemporaryFolder();
        folder.Write("file", "");
        var picture = folder.Write("a.jpg", TemporaryFolder.SmallJpeg(1));
        var (exit, _, error) = Infer(folder, [picture, .. string.Format(null, options, folder.Path).Split(' ')]);
        Assert.That(exit, Is.EqualTo(2));
        Assert.That(error, Does.Contain(string.Format(null, message, folder.Path)));
        Assert.That(error.TrimEnd().Split('\n').Count(line => line.StartsWith("error", StringComparison.Ordinal)),
            Is.EqualTo(1), error);
        Assert.That(Directory.Exists(folder["x"]), Is.False);
    }

    [Test]
    public void AnOnnxModelIsNamedAsOne()
    {
        using var folder = new TemporaryFolder();
        var picture = folder.Write("a.jpg", TemporaryFolder.SmallJpeg(1));
        var model = folder.Write("model.onnx", [8, 8, 18, 2, 65, 66]);
        var (exit, _, error) = Run(
            ["infer", "--weights", model, "--device", "cpu", picture, "--explain", folder["x"]]);
        Assert.That(exit, Is.EqualTo(2));
        Assert.That(error, Does.Contain("an ONNX model: give the checkpoint"));
    }

    private static (int Exit, string Output, string Error) Infer(TemporaryFolder folder, params string[] arguments) =>
        Run(["infer", "--weights", Model(folder), "--device", "cpu", .. arguments]);

    private static (int Exit, string Output, string Error) Run(string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = CommandLine.Run(arguments, output, error);
        return (exit, output.ToString(), error.ToString());
    }

    private static string Model(TemporaryFolder folder)
    {
        var path = Path.Combine(folder.Path, "model.safetensors");
        if (File.Exists(path))
            return path;
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(
            backend, new TResNetOptions { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.0625, Classes = 21 });
        network.Initialize(1);
        new Checkpoint
        {
            State = network.ToStateDict(),
            Model = network.Options,
            Attributes = AttributeTable.Garments,
            Preparation = new(64),
        }.Save(path);
        return path;
    }
}
