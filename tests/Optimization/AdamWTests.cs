using Flixstock.Engine;

namespace Flixstock.Tests.Optimization;

/// <summary>
/// Decoupled weight decay, a limited gradient and a body of its own rate, next to PyTorch 1.13.1: w with weight decay,
/// b without, the gradient of element i of both together at step t is ((3 t + 2 i) % 7 - 3) / 4.
/// <code>
/// groups = [{"params": [w], "weight_decay": 0.3}, {"params": [b], "weight_decay": 0.0}]
/// torch.optim.AdamW(groups, lr=0.1)
/// torch.optim.Adam(groups, lr=0.1) after torch.nn.utils.clip_grad_norm_([w, b], 0.5)
/// </code>
/// </summary>
public class AdamWTests
{
    private const double Tolerance = 2e-6; // singles after five steps
    private static readonly float[] First = [0.5f, -1.25f, 2], Second = [0.75f, -0.5f];
    private static readonly AdamSettings Adam = new(WeightDecay: 0.3);
    private static readonly AdamSettings AdamW = Adam with { Decoupled = true };

    private static readonly float[][] PyTorchAdamW =
    [
        [0.585000038f, -1.11250007f, 1.84000003f, 0.649999976f, -0.400000006f],
        [0.63445586f, -1.11573541f, 1.83421898f, 0.609978139f, -0.373366296f],
        [0.606835425f, -1.06074941f, 1.81739342f, 0.549669504f, -0.309834272f],
        [0.595129192f, -1.03060055f, 1.74554384f, 0.533532977f, -0.257792711f],
        [0.559490919f, -0.963140309f, 1.69111288f, 0.507727504f, -0.257642448f],
    ];

    // The norms were 1.22, 0.97, 1.27, 0.97 and 1.22.
    private static readonly float[][] PyTorchClipped =
    [
        [0.599999964f, -1.14999998f, 1.89999998f, 0.649999976f, -0.400000006f],
        [0.587684512f, -1.07075024f, 1.81640625f, 0.617185652f, -0.383167833f],
        [0.52638942f, -0.982248604f, 1.72636807f, 0.562854648f, -0.325525999f],
        [0.473082423f, -0.898429453f, 1.63311768f, 0.558226407f, -0.278309315f],
        [0.405489147f, -0.809024155f, 1.5418694f, 0.542679191f, -0.28144896f],
    ];

    [TestCaseSource(typeof(TestTensors), nameof(TestTensors.Backends))]
    public void DecoupledWeightDecayIsPyTorchs(string kind) => Follow(kind, AdamW, PyTorchAdamW);

    [TestCaseSource(typeof(TestTensors), nameof(TestTensors.Backends))]
    public void ALimitedGradientIsPyTorchs(string kind) =>
        Follow(kind, Adam with { GradientLimit = 0.5 }, PyTorchClipped);

    [TestCaseSource(typeof(TestTensors), nameof(TestTensors.Backends))]
    public void ALimitThatIsNotReachedChangesNoBit(string kind)
    {
        using var backend = TestTensors.Open(kind);
        Assert.That(Values(backend, Adam with { GradientLimit = 1.5 }), Is.EqualTo(Values(backend, Adam)));
    }

    // A body with a quarter of the rate goes where all would go with a quarter of the rate.
    [TestCaseSource(typeof(TestTensors), nameof(TestTensors.Backends))]
    public void ABodyHasItsOwnRate(string kind)
    {
        using var backend = TestTensors.Open(kind);
        var (fast, slow) = (Values(backend, AdamW), Values(backend, AdamW, rate: 0.025));
        var mixed = Values(backend, AdamW with { BodyFactor = 0.25 }, body: true);
        TestTensors.AssertClose([.. mixed.Take(3)], [.. slow.Take(3)], Tolerance, "body");
        Assert.That(mixed.Skip(3), Is.EqualTo(fast.Skip(3)));
        Assert.That(fast.Take(3), Is.Not.EqualTo(slow.Take(3)));
    }

    [TestCaseSource(typeof(TestTensors), nameof(TestTensors.Backends))]
    public void AFrozenBodyAndItsAverageKeepEveryBit(string kind)
    {
        using var backend = TestTensors.Open(kind);
        foreach (var settings in new[] { Adam, AdamW })
        {
            using var buffer = NewBuffer(backend);
            var body = buffer.Parameters.Where(parameter => parameter.Name != "b").ToHashSet();
            using var adam = new Adam(
                backend, buffer, settings with { BodyFactor = 0, AverageDecay = 0.7 }, Constant(0.1), body: body);
            var before = buffer.Parameters.Select(
                parameter => backend.Device.ToHost<float>(parameter.Value)).ToArray();
            Take(backend, buffer, adam);
            for (var i = 0; i < before.Length; i++)
            {
                var parameter = buffer.Parameters[i];
                var average = adam.Average.Slice(buffer.Offsets[i], parameter.Shape);
                var changes = parameter.Name == "b";
                foreach (var present in new[] { parameter.Value, average })
                {
                    Assert.That(
                        backend.Device.ToHost<float>(present), changes ? Is.Not.EqualTo(before[i]) : Is.EqualTo(
                            before[i]), parameter.Name);
                }
            }
        }
    }

    [TestCaseSource(typeof(TestTensors), nameof(TestTensors.Backends))]
    public void AGradientThatIsNotFiniteIsLeftOutWithALimitToo(string kind)
    {
        using var backend = TestTensors.Open(kind);
        using var buffer = NewBuffer(backend);
        using var adam = new Adam(backend, buffer, Adam with { GradientLimit = 0.5 }, Constant(0.1));
        var before = backend.Device.ToHost<float>(buffer.Values);
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity })
        {
            SetGradients(backend, buffer, 0);
            backend.Device.CopyFromHost<float>([bad], buffer.Parameters[0].Gradient.Slice(1, new Shape(1)));
            adam.Step();
            Assert.That(adam.LastStepSkipped);
            Assert.That(backend.Device.ToHost<float>(buffer.Values), Is.EqualTo(before));
        }
        Take(backend, buffer, adam);
        TestTensors.AssertClose(Read(backend, buffer), PyTorchClipped[^1], Tolerance, "afterwards");
    }

    // The norm is a sum over chunks: the same for any number of threads.
    [Test]
    public void TheNormDoesNotDependOnThreads()
    {
        var values = TestTensors.Random(100_003, 5);
        float Factor(Backend backend)
        {
            using (backend)
            {
                var factor = backend.Device.Allocate(new Shape(1));
                backend.Kernels.GradientClip(
                    backend.Device.FromHost<float>(values, new Shape(values.Length)), default, 1, factor);
                return backend.Device.ToHost<float>(factor)[0];
            }
        }
        var expected = 1 / (Math.Sqrt(values.Sum(value => (double)value * value)) + 1e-6);
        Assert.That(Factor(Backend.Cpu(1)), Is.EqualTo((float)expected));
        Assert.That(Factor(Backend.Cpu(3)), Is.EqualTo((float)expected));
    }

    private static void Follow(string kind, AdamSettings settings, float[][] expected)
    {
        using var backend = TestTensors.Open(kind);
        using var buffer = NewBuffer(backend);
        using var adam = new Adam(backend, buffer, settings, Constant(0.1));
        for (var step = 0; step < expected.Length; step++)
        {
            SetGradients(backend, buffer, step);
            adam.Step();
            TestTensors.AssertClose(Read(backend, buffer), expected[step], Tolerance, $"step {step}");
        }
    }

    private static float[] Values(Backend backend, AdamSettings settings, double rate = 0.1, bool body = false)
    {
        using var buffer = NewBuffer(backend);
        var slower = body ? new HashSet<Parameter> { buffer.Parameters[0] } : null;
        using var adam = new Adam(backend, buffer, settings, Constant(rate), body: slower);
        Take(backend, buffer, adam);
        return Read(backend, buffer);
    }

    private static WarmedSchedule Constant(double rate) => new(WarmedShape.Constant, rate, 0, 5);

    private static void Take(Backend backend, ParameterBuffer buffer, Adam adam)
    {
        for (var step = 0; step < 5; step++)
        {
            SetGradients(backend, buffer, step);
            adam.Step();
        }
    }

    private static ParameterBuffer NewBuffer(Backend backend)
    {
        var buffer = new ParameterBuffer(
            backend.Device,
            [
                new Parameter("w", new Shape(First.Length), ParameterKind.Weight),
                new Parameter("b", new Shape(Second.Length), ParameterKind.Vector),
                new Parameter("mean", new Shape(Second.Length), ParameterKind.RunningStatistic),
            ]);
        foreach (var (parameter, values) in buffer.Parameters.Zip([First, Second, [0.1f, 0.7f]]))
            backend.Device.CopyFromHost<float>(values, parameter.Value);
        return buffer;
    }

    private static void SetGradients(Backend backend, ParameterBuffer buffer, int step)
    {
        float Gradient(int i) => ((((3 * step) + (2 * i)) % 7) - 3) / 4f;
        backend.Device.CopyFromHost<float>([Gradient(0), Gradient(1), Gradient(2)], buffer.Parameters[0].Gradient);
        backend.Device.CopyFromHost<float>([Gradient(3), Gradient(4)], buffer.Parameters[1].Gradient);
    }

    private static float[] Read(Backend backend, ParameterBuffer buffer) =>
        [.. buffer.Parameters.Take(2).SelectMany(parameter => backend.Device.ToHost<float>(parameter.Value))];
}
