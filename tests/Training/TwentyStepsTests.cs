using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>
/// The whole recipe, twenty steps of a tiny network, against the reference's numbers and with the golden page's
/// tolerances.
/// </summary>
public class TwentyStepsTests
{
    private const int Batch = 4, Side = 64, Classes = 21, Steps = 20;
    private const double LossTolerance = 1e-3, ParameterTolerance = 1e-4, StatisticTolerance = 1e-3,
        AverageTolerance = 1e-5;

    [Category("slow")]
    [TestCaseSource(typeof(TestTensors), nameof(TestTensors.Backends))]
    public void TwentyStepsOfTheTinyNetworkAreTheReferences(string kind)
    {
        using var backend = TestTensors.Open(kind);
        Follow(backend, Steps);
    }

    /// <summary>
    /// Fails unless the losses of the first steps are the reference's, and after all twenty the network and the
    /// averages too.
    /// </summary>
    internal static void Follow(Backend backend, int steps)
    {
        var golden = Golden.Tensors("train/tiny_20steps.safetensors");
        var device = backend.Device;
        using var network = new TResNet(
            backend, new TResNetOptions { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.25, Classes = Classes });
        network.Load(TinyState());
        using var adam = new Adam(backend, network.Buffer, new AdamSettings(), new OneCycleSchedule(2e-4, Steps));
        using var arena = new DynamicArena(device);
        var tracked = new WeightAverage(new AdamSettings().Average, network.BatchesTracked);
        var pass = backend.NewPass(arena, training: true);
        var prior = device.FromHost<float>(golden["prior"].ToFloats(), new Shape(Classes));
        var losses = Golden.Json("train/tiny_20steps.json").GetProperty("steps").EnumerateArray()
            .Select(step => step.GetProperty("loss_f64").GetDouble()).ToList();
        var (loss, gradient) = (device.Allocate(new Shape(1)), device.Allocate(new Shape(Batch, Classes)));
        var priorSums = device.FromHost<float>(new float[Classes], new Shape(Classes));
        for (var step = 0; step < steps; step++)
        {
            var (pixels, labels) = BatchOf(device, golden, step);
            var logits = network.Forward(pass, pixels);
            backend.Kernels.SelectiveLoss(
                logits, labels, prior, SelectiveLossOptions.Default, loss, gradient, Tensor.None);
            network.Backward(pass, gradient, Tensor.None);
            adam.Step(loss);
            tracked.Update(network.BatchesTracked);
            backend.Kernels.PriorAccumulate(logits, priorSums);
            arena.Reset();
            var actual = device.ToHost<float>(loss)[0];
            TestContext.Out.WriteLine($"step {step}: loss off by {Math.Abs(actual - losses[step]):g3}");
            Assert.That(actual, Is.EqualTo(losses[step]).Within(LossTolerance), $"loss of step {step}");
        }
        if (steps < Steps)
            return;
        AssertState(network.ToStateDict(), golden, "final.", ParameterTolerance);
        AssertState(network.ToStateDict(adam.Average, tracked.BatchesTracked), golden, "ema.", AverageTolerance);
        var estimate = Array.ConvertAll(device.ToHost<float>(priorSums), sum => sum / (Steps * Batch));
        TestTensors.AssertClose(estimate, golden["prior_avg"].ToFloats(), ParameterTolerance, "prior");
    }

    // Large tensors of the average are stored as their first 256 values.
    private static void AssertState(StateDict actual, StateDict golden, string prefix, double tolerance)
    {
        var worst = 0.0;
        foreach (var expected in golden.Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var name = expected.Name[prefix.Length..];
            var values = expected.ToFloats();
            var isStatistic = prefix == "final." && name.Contains("running_", StringComparison.Ordinal);
            var mine = actual[name].ToFloats().AsSpan(0, values.Length);
            TestTensors.AssertClose(mine, values, isStatistic ? StatisticTolerance : tolerance, expected.Name);
            for (var i = 0; i < values.Length; i++)
                worst = Math.Max(worst, Math.Abs((double)mine[i] - values[i]));
        }
        TestContext.Out.WriteLine($"{prefix}: off by {worst:g3} at most");
    }

    private static StateDict TinyState()
    {
        const string prefix = "state.";
        var state = new StateDict();
        foreach (var tensor in Golden.Tensors("model/tiny_a.safetensors")
            .Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            state.Add(tensor with { Name = tensor.Name[prefix.Length..] });
        }
        return state;
    }

    private static (Tensor Pixels, Tensor Labels) BatchOf(Device device, StateDict golden, int step)
    {
        const int pixels = Side * Side;
        var planes = golden["images_u8"].Data.Span.Slice(step * Batch * 3 * pixels, Batch * 3 * pixels);
        var picture = new byte[planes.Length];
        for (var i = 0; i < planes.Length; i++)
            picture[(i / (3 * pixels) * pixels + i % pixels) * 3 + i / pixels % 3] = planes[i];
        var labels = Array.ConvertAll(
            golden["targets"].ToIntegers()[(step * Batch * Classes)..((step + 1) * Batch * Classes)],
            label => (sbyte)label);
        return (device.FromHost<byte>(picture, new Shape(Batch, Side, Side, 3), ElementType.UInt8),
            device.FromHost<sbyte>(labels, new Shape(Batch, Classes), ElementType.Int8));
    }
}
