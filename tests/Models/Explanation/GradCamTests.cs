using Flixstock.Engine;
using Flixstock.Samples.CustomNetwork;

namespace Flixstock.Tests.Models;

/// <summary>Maps follow from the gradient of the score by the last feature map.</summary>
public sealed class GradCamTests
{
    private const int Size = 32, Cells = Size / PixelBody.Block;

    // Head and step; the sigmoid's third derivative and single precision allow a smaller step than a linear head does.
    private static readonly TestCaseData[] Heads =
    [
        new TestCaseData("tiny_a", 1f, 1e-5).SetArgDisplayNames("linear"),
        new TestCaseData("tiny_c", 1f, 1e-5).SetArgDisplayNames("bottleneck"),
        new TestCaseData("bent", 0.5f, 1e-3).SetArgDisplayNames("with a sigmoid"),
    ];

    [TestCaseSource(nameof(Heads))]
    public void TheFeaturesGradientIsTheScoresDifference(string kind, float step, double tolerance)
    {
        using var backend = Backend.Reference();
        using var network = Fold(backend, kind);
        using var arena = new DynamicArena(backend.Device);
        const int Class = 2;
        var scores = new float[network.Description.Classes];
        var plan = network.RunPlan(Noise(1), 1, Size, Size, scores, CancellationToken.None);
        var seed = new float[scores.Length];
        seed[Class] = 1;
        var gradient = backend.Device.ToHost<float>(new HeadGradient(network, arena).Of(plan, seed));

        var features = backend.Device.ToHost<float>(plan.Kept(network.Features));
        var largest = gradient.Max(Math.Abs);
        Assert.That(largest, Is.GreaterThan(0));
        for (var i = 0; i < features.Length; i += 3)
        {
            var difference = (Score(network, plan, features, i, step, Class)
                - Score(network, plan, features, i, -step, Class)) / (2.0 * step);
            Assert.That(gradient[i], Is.EqualTo(difference).Within(tolerance * largest), $"entry {i}");
        }
    }

    [Test]
    public void AMapAddsUpToTheScore()
    {
        // Of a linear head alpha is w / (h * w): without the ReLU all cells and the bias are the score.
        using var backend = Backend.Reference();
        using var network = new HandMadeNetwork(
            backend, 2, new PixelBody(), new LinearHead("head", PixelBody.Channels, 2));
        SetHead(network, (_, channel) => channel * 0.01f, bias: [0.25f, -3]);
        using var folded = new FoldedNetwork(network, explains: true);
        using var cam = new GradCam(folded);
        var scores = new float[2];
        var map = cam.Run(Noise(1), 1, Size, Size, scores, () => [[1]], CancellationToken.None)[0][0];
        Assert.That(map.Values.Sum() - 3, Is.EqualTo(scores[1]).Within(1e-4));
        Assert.That((map.Height, map.Width), Is.EqualTo((Cells, Cells)));
    }

    [TestCase(0, 0.25f, 0.25f)]
    [TestCase(1, 0.75f, 0.75f)]
    public void OnlyTheQuadrantThatDecidesIsOnTheMap(int label, float x, float y)
    {
        // Class 0 is red, class 1 blue; the first quadrant is red, the last one blue, the others are black.
        using var backend = Backend.Cpu(2);
        using var network = new HandMadeNetwork(
            backend, 2, new PixelBody(), new LinearHead("head", PixelBody.Channels, 2));
        SetHead(network, (row, channel) => channel % 3 == row * 2 ? 1 : 0, bias: [0, 0]);
        using var folded = new FoldedNetwork(network, explains: true);
        using var cam = new GradCam(folded);
        var picture = new RgbPicture(Size, Size);
        for (var i = 0; i < Size * Size; i++)
        {
            var quadrant = (i / Size / (Size / 2) * 2) + (i % Size / (Size / 2));
            picture.Pixels[(i * 3) + (quadrant == 0 ? 0 : 2)] = (byte)(quadrant is 0 or 3 ? 255 : 0);
        }
        var map = cam.Map(picture, new PicturePreparation(Size), label);
        for (var i = 0; i < Cells * Cells; i++)
        {
            var middle = map.Middle(i / Cells, i % Cells);
            var decides = middle.X < 0.5f == x < 0.5f && middle.Y < 0.5f == y < 0.5f;
            Assert.That(map.Values[i], decides ? Is.GreaterThan(0.1f) : Is.Zero, $"cell {i}");
        }
    }

    [Test]
    public void ACellLiesInTheMiddleOfWhatItSees()
    {
        // Of the sample's network without shortcuts of other strides: which blocks of 4 x 4 pixels change a cell?
        const int Wide = 96, Row = 5;
        using var backend = Backend.Reference();
        using var network = new SkipDescription(2).Create(backend);
        network.Initialize(1);
        using var folded = new FoldedNetwork(network, explains: true);
        float[] Features(int brightBlock)
        {
            var pixels = new byte[Wide * Wide * 3];
            for (var i = 0; i < Wide * Wide; i++)
            {
                if (i % Wide / PixelBody.Block == brightBlock)
                    pixels.AsSpan(i * 3, 3).Fill(255);
            }
            var plan = folded.RunPlan(pixels, 1, Wide, Wide, new float[2], CancellationToken.None);
            var shape = plan.ShapeOf(folded.Features);
            var all = backend.Device.ToHost<float>(plan.Kept(folded.Features));
            return all[(((Row * shape.Width) + Row) * shape.Channels)..][..shape.Channels];
        }
        var dark = Features(-1);
        var seen = Enumerable.Range(0, Wide / PixelBody.Block).Where(
            block => !Features(block).AsSpan().SequenceEqual(dark)).ToList();
        var middle = (((seen[0] + seen[^1]) / 2.0) + 0.5) * PixelBody.Block / Wide;
        using var cam = new GradCam(folded);
        var map = cam.Maps(new byte[Wide * Wide * 3], 1, Wide, Wide, [0])[0];
        Assert.That(map.Middle(0, Row).X, Is.EqualTo(middle).Within(1e-6));
    }

    [Test]
    public void CellsOfATResNetLieBetweenThoseOfItsBranchesAndItsShortcuts()
    {
        // The first of 4 pixels lies on 1.5. Halving by a blur keeps its place, by a pool moves it by half a pixel of
        // 4, 8 and 16: 1.5 to 15.5, and half of the way at each of the three.
        using var backend = Backend.Reference();
        using var network = Fold(backend, "tiny_a");
        var plan = network.RunPlan(Noise(1), 1, Size, Size, new float[21], CancellationToken.None);
        Assert.That(FeatureGrid.Of(network, plan), Is.EqualTo(new PixelGrid(8.5, 32)));
    }

    [Test]
    public void EveryPictureOfABatchHasItsOwnClassAndMap(
        [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind)
    {
        using var backend = Kinds.Open(kind);
        using var network = Fold(backend, "tiny_a");
        using var reference = Backend.Reference();
        using var measure = Fold(reference, "tiny_a");
        using var cam = new GradCam(network);
        using var exact = new GradCam(measure);
        int[] classes = [3, 0, 20];
        var maps = cam.Maps(Noise(3), 3, Size, Size, classes);
        for (var n = 0; n < classes.Length; n++)
        {
            var own = Noise(3).AsSpan(n * Size * Size * 3, Size * Size * 3);
            var alone = exact.Maps(own, 1, Size, Size, [classes[n]])[0];
            Assert.That(
                Numbers.Compare("map", maps[n].Values, alone.Values, 1e-4 * Math.Max(alone.Largest, 0.1)), Is.Null);
        }
    }

    [Test]
    public void SixteenBitsBlurAMapALittle([ValueSource(typeof(TestTensors), nameof(TestTensors.Gpus))] string kind)
    {
        using var backend = TestTensors.Open(kind);
        using var network = Fold(backend, "tiny_a");
        using var reference = Backend.Reference();
        using var measure = Fold(reference, "tiny_a");
        using var cam = new GradCam(network);
        using var exact = new GradCam(measure);
        var expected = exact.Maps(Noise(2), 2, Size, Size, [3, 5]);
        var maps = cam.Maps(Noise(2), 2, Size, Size, [3, 5]);
        for (var n = 0; n < 2; n++)
        {
            // A sum over all channels of values with 8 bits.
            var tolerance = 0.05 * Math.Max(expected[n].Largest, 0.1);
            Assert.That(Numbers.Compare("map", maps[n].Values, expected[n].Values, tolerance), Is.Null);
        }
    }

    [Test]
    public void ExplainingDoesNotChangeTheScores()
    {
        using var backend = Backend.Cpu(2);
        using var network = TinyNetworkGoldenTests.Build(backend, "tiny_a");
        var state = network.ToStateDict();
        using var plain = FoldedNetwork.From(state, network.Options, backend);
        using var explaining = FoldedNetwork.From(state, network.Options, backend, explains: true);
        using var cam = new GradCam(explaining);
        var (expected, actual) = (new float[42], new float[42]);
        plain.Run(Noise(2), 2, Size, Size, expected);
        for (var run = 0; run < 3; run++) // the second and later runs replay
        {
            cam.Run(Noise(2), 2, Size, Size, actual, () => [[1, 2], []], CancellationToken.None);
            Assert.That(actual, Same.As(expected));
        }
        Assert.That(() => new GradCam(plain), Throws.ArgumentException);
    }

    [Test]
    public void AStepWithoutABackwardPassIsNamed()
    {
        using var backend = Backend.Reference();
        var odd = new AveragePoolStep("head.odd", 2);
        using var network = new HandMadeNetwork(
            backend, 3, new PixelBody(), new BentHead(PixelBody.Channels, 3, odd));
        Assert.That(
            () => new FoldedNetwork(network, explains: true),
            Throws.TypeOf<InputException>().With.Message.Contains("cannot be explained: step 'head.odd'"));
        Assert.That(() => new FoldedNetwork(network).Dispose(), Throws.Nothing, "it can still be run");
    }

    private static FoldedNetwork Fold(Backend backend, string kind)
    {
        if (kind != "bent")
        {
            using var tiny = TinyNetworkGoldenTests.Build(backend, kind);
            return new FoldedNetwork(tiny, explains: true);
        }
        using var network = new HandMadeNetwork(
            backend, 3, new SkipBody(16, 1), new BentHead(16, 3));
        network.Initialize(1);
        return new FoldedNetwork(network, explains: true);
    }

    private static float Score(
        FoldedNetwork network, FoldedPlan plan, float[] features, int entry, float step, int label)
    {
        var moved = features.ToArray();
        moved[entry] += step;
        network.Backend.Device.CopyFromHost<float>(moved, plan.Kept(network.Features));
        for (var i = network.Features; i < network.Steps.Count; i++)
        {
            ReadOnlyTensor[] inputs = [.. network.Steps[i].Inputs.Select(value => (ReadOnlyTensor)plan.Kept(value))];
            network.Steps[i].Execute(network.Backend.Kernels, inputs, plan.Kept(i + 1));
        }
        return network.Backend.Device.ToHost<float>(plan.Kept(network.Steps.Count))[label];
    }

    private static void SetHead(Network network, Func<int, int, float> weight, float[] bias)
    {
        var linear = network.Head.Layers.OfType<Linear>().Single();
        var values = Enumerable.Range(0, (int)linear.Weight.Shape.Count).Select(
            i => weight(i / PixelBody.Channels, i % PixelBody.Channels)).ToArray();
        network.Backend.Device.CopyFromHost<float>(values, linear.Weight.Value);
        network.Backend.Device.CopyFromHost<float>(bias, linear.Bias.Value);
    }

    private static byte[] Noise(int pictures)
    {
        var pixels = new byte[pictures * Size * Size * 3];
        new Random(1).NextBytes(pixels);
        return pixels;
    }
}
