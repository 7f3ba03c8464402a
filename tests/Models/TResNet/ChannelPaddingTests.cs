using Flixstock.Engine;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Models;

/// <summary>
/// A device that wants channels padded changes nothing that anyone can see: not scores, not gradients, not files; and
/// what is added stays zero.
/// </summary>
public class ChannelPaddingTests
{
    private const int Batch = 3, Side = 64, Classes = 5;

    // The same sums with zeros in between, in blocks of other sizes: single precision, about 1e-6 of the largest value
    // a layer.
    private const double Tolerance = 2e-5;

    private static IEnumerable<TResNetOptions> Networks()
    {
        yield return Options("width 0.11, 7 channels", 0.11);
        yield return Options("width 0.16, 10 channels", 0.16);
        yield return Options("version 2, 9 channels", 0.15) with { Version2 = true };
        yield return Options("bottleneck head", 0.11) with { BottleneckHead = 11 };
    }

    private static TResNetOptions Options(string name, double width) =>
        new() { Name = name, Layers = [1, 1, 2, 1], Width = width, Classes = Classes };

    [TestCaseSource(nameof(Networks))]
    public void ScoresAndGradientsAreThoseWithoutPadding(TResNetOptions options)
    {
        using var plain = new Run(Backend.Cpu(2), options);
        using var padded = new Run(DeviceDouble.Open(8), options);
        Assert.That(
            padded.Network.Buffer.Parameters.Any(parameter => parameter.Shape != parameter.PublishedShape),
            "nothing is padded");
        TestTensors.AssertClose(padded.Step(), plain.Step(), Tolerance, "logits");
        foreach (var (mine, other) in padded.Network.Buffer.Parameters.Zip(plain.Network.Buffer.Parameters)
            .Where(pair => pair.First.Gradient.Exists))
        {
            TestTensors.AssertClose(
                padded.Published(mine, mine.Gradient), plain.Published(other, other.Gradient), Tolerance, mine.Name);
        }
    }

    [TestCaseSource(nameof(Networks))]
    public void PaddingIsExactlyZeroAfterTrainingStepsAndFilesDoNotHaveIt(TResNetOptions options)
    {
        using var plain = new Run(Backend.Cpu(2), options);
        using var padded = new Run(DeviceDouble.Open(8), options);
        for (var step = 0; step < 5; step++)
        {
            padded.Step();
            padded.Adam.Step();
            plain.Step();
            plain.Adam.Step();
        }
        padded.AssertPaddingIsZero(padded.Network.Buffer.Values);
        padded.AssertPaddingIsZero(padded.Network.Buffer.Gradients);
        padded.AssertPaddingIsZero(padded.Adam.Average);
        AssertSameShapes(padded.Network.ToStateDict(), plain.Network.ToStateDict());
        AssertSameShapes(padded.Adam.SaveState(), plain.Adam.SaveState());
    }

    [TestCaseSource(nameof(Networks))]
    public void StatesMoveBetweenDevices(TResNetOptions options)
    {
        using var plain = new Run(Backend.Cpu(2), options, seed: 1);
        using var padded = new Run(DeviceDouble.Open(8), options, seed: 2);
        plain.Step();
        plain.Adam.Step();
        padded.Network.Load(plain.Network.ToStateDict());
        padded.Adam.LoadState(plain.Adam.SaveState());
        AssertSameBytes(padded.Network.ToStateDict(), plain.Network.ToStateDict());
        AssertSameBytes(padded.Adam.SaveState(), plain.Adam.SaveState());
        padded.AssertPaddingIsZero(padded.Network.Buffer.Values);
    }

    [Test]
    public void AFreshNetworkHasTheSameWeightsOnEveryDevice()
    {
        var options = Networks().First();
        using var plain = new Run(Backend.Cpu(2), options);
        using var padded = new Run(DeviceDouble.Open(8), options);
        AssertSameBytes(padded.Network.ToStateDict(), plain.Network.ToStateDict());
    }

    [TestCaseSource(nameof(Networks))]
    public void TheFoldedNetworkScoresAsWithoutPadding(TResNetOptions options)
    {
        using var plain = new Run(Backend.Cpu(2), options);
        using var padded = new Run(DeviceDouble.Open(8), options);
        using var mine = new FoldedNetwork(padded.Network);
        using var other = new FoldedNetwork(plain.Network);
        var (actual, expected) = (new float[Batch * Classes], new float[Batch * Classes]);
        mine.Run(Run.Bytes, Batch, Side, Side, actual);
        other.Run(Run.Bytes, Batch, Side, Side, expected);
        TestTensors.AssertClose(actual, expected, Tolerance, "logits");
    }

    private static void AssertSameShapes(StateDict actual, StateDict expected)
    {
        Assert.That(actual.Names, Is.EqualTo(expected.Names));
        foreach (var tensor in expected)
            Assert.That(actual[tensor.Name].ShapeText, Is.EqualTo(tensor.ShapeText), tensor.Name);
    }

    private static void AssertSameBytes(StateDict actual, StateDict expected)
    {
        AssertSameShapes(actual, expected);
        foreach (var tensor in expected)
            Assert.That(actual[tensor.Name].Data.ToArray(), Same.As(tensor.Data.ToArray()), tensor.Name);
    }

    private sealed class Run : IDisposable
    {
        public static readonly byte[] Bytes = Pixels();
        private readonly Backend _backend;
        private readonly DynamicArena _arena;
        private readonly Tensor _pixels;

        public Run(Backend backend, TResNetOptions options, ulong seed = 7)
        {
            _backend = backend;
            Network = new TResNet(backend, options);
            Network.Initialize(seed);
            Adam = new Adam(backend, Network.Buffer, new AdamSettings(), new OneCycleSchedule(1e-3, 20));
            _arena = new DynamicArena(backend.Device);
            _pixels = backend.Device.FromHost<byte>(Bytes, new Shape(Batch, Side, Side, 3), ElementType.UInt8);
        }

        public TResNet Network { get; }

        public Adam Adam { get; }

        public float[] Step()
        {
            float[] scores = [];
            Network.ComputeGradients(_backend.NewPass(_arena, training: true), _pixels, (logits, gradient) =>
            {
                scores = _backend.Device.ToHost<float>(logits);
                _backend.Device.CopyFromHost<float>(
                    Enumerable.Range(0, (int)gradient.Count).Select(i => (float)Math.Sin(i)).ToArray(), gradient);
            });
            return scores;
        }

        public float[] Published(Parameter parameter, Tensor tensor) =>
            PublishedLayout.Unpadded(parameter, _backend.Device.ToHost<float>(tensor));

        /// <summary>
        /// Everything but the published parts of parameters is zero, the gaps between entries included.
        /// </summary>
        public void AssertPaddingIsZero(Tensor flat)
        {
            var values = _backend.Device.ToHost<float>(flat);
            foreach (var (parameter, offset) in Network.Buffer.Parameters.Zip(Network.Buffer.Offsets)
                .Where(entry => entry.Second < values.Length))
            {
                var own = values.AsSpan((int)offset, (int)parameter.Shape.Count);
                var expected = new float[own.Length];
                PublishedLayout.Pad(parameter, PublishedLayout.Unpadded(parameter, own), expected);
                Assert.That(own.SequenceEqual(expected), $"{parameter.Name}: padding is not zero");
                own.Clear();
            }
            Assert.That(values, Is.All.Zero, "gaps between parameters");
        }

        public void Dispose()
        {
            Adam.Dispose();
            Network.Dispose();
            _arena.Dispose();
            _backend.Dispose();
        }

        private static byte[] Pixels()
        {
            var pixels = new byte[Batch * Side * Side * 3];
            new Random(5).NextBytes(pixels);
            return pixels;
        }
    }
}
