using Flixstock.Bench;
using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>How often maps are highest where the part is: <c>Flixstock.Bench explain</c>.</summary>
public sealed class PeakCountTests
{
    [TestCase(0.55f, 0.55f, true)]
    [TestCase(0.55f, 0.385f, true)]
    [TestCase(0.55f, 0.375f, false)]
    [TestCase(0.42f, 0.42f, true)]
    [TestCase(0.41f, 0.41f, false)]
    public void APlaceHalfACellFromTheMaskIsNear(float x, float y, bool near)
    {
        // The mask is the square from 0.5 to 0.6; half of one of four cells is 0.125, and a corner's reach is round.
        var picture = new RgbPicture(200, 100);
        for (var i = 0; i < 200 * 100; i++)
        {
            var seen = i % 200 is >= 100 and < 120 && i / 200 is >= 50 and < 60;
            picture.Pixels.AsSpan(i * 3, 3).Fill((byte)(seen ? 255 : 0));
        }
        var mask = new PartMask(picture);
        Assert.That(mask.IsNear((x, y), 4), Is.EqualTo(near));
        Assert.That(mask.Chance(new ActivationMap(4, 4, new float[16])), Is.EqualTo(1 / 16.0), "one middle");
        Assert.That(new PartMask(new RgbPicture(2, 2)).IsEmpty, Is.True);
    }

    [Test]
    public void AFewDrawnGarmentsAndAnUntrainedNetworkMakeATable()
    {
        using var folder = new TemporaryFolder();
        GarmentSynthesizer.Draw(folder["data"], new SynthesisOptions { Count = 6, Size = 64, Seed = 3, Masks = true });
        using var backend = Backend.Cpu(2);
        using (var network = TinyNetworkGoldenTests.Build(backend, "tiny_a"))
        {
            new Checkpoint
            {
                State = network.ToStateDict(),
                Model = network.Options,
                Attributes = GarmentNames.Attributes,
                Preparation = new(64),
            }.Save(folder["model.safetensors"]);
        }
        using var output = new StringWriter();
        Assert.That(
            ExplainBench.Run([folder["model.safetensors"], folder["data"]], output, TextWriter.Null), Is.Zero);
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(1 + (2 * (2 + 5))));
        Assert.That(lines[1], Does.Match("^neck +trained +6 +[0-6] "));
        Assert.That(ExplainBench.Run([], output, TextWriter.Null), Is.EqualTo(2));
        Assert.That(ExplainBench.Run(["none", folder["data"]], output, TextWriter.Null), Is.EqualTo(1));
    }
}
