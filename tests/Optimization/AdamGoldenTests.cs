using Flixstock.Engine;

namespace Flixstock.Tests.Optimization;

public class AdamGoldenTests
{
    // The golden page: float32 noise of the reference itself is 1e-6.
    private const double Tolerance = 5e-6;
    private static readonly string[] Names = ["conv.weight", "bn.weight", "bn.bias", "fc.weight", "fc.bias"];
    private static readonly string[] Buffers = ["bn.running_mean", "bn.running_var"];

    private static StateDict File => Golden.KeptTensors("train/optimizer_20steps.safetensors");

    // No layer reads these tensors, so they stay in the files' layout.
    private static ParameterBuffer NewBuffer(Backend backend)
    {
        var trained = Names.Select(name => new Parameter(
            name, Flat(name), File["init." + name].Shape.Count > 1 ? ParameterKind.Weight : ParameterKind.Vector));
        var buffer = new ParameterBuffer(
            backend.Device,
            [.. trained, .. Buffers.Select(name => new Parameter(name, Flat(name), ParameterKind.RunningStatistic))]);
        foreach (var parameter in buffer.Parameters)
            backend.Device.CopyFromHost<float>(File["init." + parameter.Name].ToFloats(), parameter.Value);
        return buffer;
    }

    private static Shape Flat(string name) => new((int)File["init." + name].Count);

    private static Adam NewAdam(Backend backend, ParameterBuffer buffer) =>
        new(backend, buffer, new AdamSettings(), new OneCycleSchedule(2e-4, 20));

    private static void SetGradients(Device device, ParameterBuffer buffer, int step)
    {
        foreach (var parameter in buffer.Parameters.Where(parameter => parameter.Gradient.Exists))
        {
            device.CopyFromHost<float>(
                Part("grads." + parameter.Name, step, (int)parameter.Shape.Count), parameter.Gradient);
        }
    }

    private static float[] Part(string name, int step, int count) =>
        File[name].ToFloats().AsSpan(step * count, count).ToArray();

    [TestCaseSource(typeof(TestTensors), nameof(TestTensors.Backends))]
    public void TwentyStepsAreTheReferences(string kind)
    {
        using var backend = TestTensors.Open(kind);
        var device = backend.Device;
        using var buffer = NewBuffer(backend);
        using var adam = NewAdam(backend, buffer);
        var tracked = new WeightAverage(new AdamSettings().Average, [0]);
        for (var step = 0; step < 20; step++)
        {
            SetGradients(device, buffer, step);
            // The file's recipe moves the running mean only; the variance stays and so does its average.
            var mean = buffer.Parameters[Names.Length].Value;
            device.CopyFromHost<float>(
                Array.ConvertAll(device.ToHost<float>(mean), old => 0.9f * old + 0.1f * step), mean);
            adam.Step();
            tracked.Update([1000 * (step + 1)]);
            for (var i = 0; i < Names.Length; i++)
            {
                var parameter = buffer.Parameters[i];
                var average = adam.Average.Slice(buffer.Offsets[i], parameter.Shape);
                TestTensors.AssertClose(
                    device.ToHost<float>(parameter.Value), Part("params." + Names[i], step, (int)parameter.Shape.Count),
                    Tolerance, $"{Names[i]}, step {step}");
                TestTensors.AssertClose(
                    device.ToHost<float>(average), Part("ema." + Names[i], step, (int)parameter.Shape.Count), Tolerance,
                    $"average of {Names[i]}, step {step}");
            }
        }
        var state = adam.SaveState();
        foreach (var name in Names)
        {
            TestTensors.AssertClose(
                state["exp_avg." + name].ToFloats(), File["exp_avg." + name].ToFloats(), Tolerance,
                "first moment of " + name);
            TestTensors.AssertClose(
                state["exp_avg_sq." + name].ToFloats(), File["exp_avg_sq." + name].ToFloats(), Tolerance,
                "second moment of " + name);
        }
        foreach (var name in Buffers)
        {
            TestTensors.AssertClose(
                state["average." + name].ToFloats(), File["ema_buffer." + name].ToFloats(), Tolerance,
                "average of " + name);
        }
        Assert.That(tracked.BatchesTracked[0], Is.EqualTo(File["ema_buffer.bn.num_batches_tracked"].ToIntegers()[0]));
    }

    [TestCaseSource(typeof(TestTensors), nameof(TestTensors.Backends))]
    public void AStepThatIsNotFiniteTouchesNothing(string kind)
    {
        using var backend = TestTensors.Open(kind);
        using var buffer = NewBuffer(backend);
        using var adam = NewAdam(backend, buffer);
        SetGradients(backend.Device, buffer, 0);
        adam.Step();
        var before = (backend.Device.ToHost<float>(buffer.Values), backend.Device.ToHost<float>(adam.Average));
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            SetGradients(backend.Device, buffer, 1);
            backend.Device.CopyFromHost<float>([bad], buffer.Parameters[^3].Gradient.Slice(2, new Shape(1)));
            adam.Step();
            Assert.That(adam.LastStepSkipped);
        }
        Assert.That(backend.Device.ToHost<float>(buffer.Values), Same.As(before.Item1));
        Assert.That(backend.Device.ToHost<float>(adam.Average), Same.As(before.Item2));
        Assert.That(adam.StepsTaken, Is.EqualTo(1));
    }

    [Test]
    public void ASavedOptimizerContinuesToTheSameBitsWithAnyNumberOfThreads()
    {
        using var one = Backend.Cpu(1);
        using var three = Backend.Cpu(3);
        using var whole = NewBuffer(one);
        using var resumed = NewBuffer(three);
        using var adam = NewAdam(one, whole);
        using var other = NewAdam(three, resumed);
        for (var step = 0; step < 20; step++)
        {
            if (step == 9)
            {
                other.LoadState(adam.SaveState());
                three.Device.CopyFromHost<float>(one.Device.ToHost<float>(whole.Values), resumed.Values);
            }
            SetGradients(one.Device, whole, step);
            adam.Step();
            if (step < 9)
                continue;
            SetGradients(three.Device, resumed, step);
            other.Step();
        }
        Assert.That(three.Device.ToHost<float>(resumed.Values), Same.As(one.Device.ToHost<float>(whole.Values)));
        Assert.That(three.Device.ToHost<float>(other.Average), Same.As(one.Device.ToHost<float>(adam.Average)));
    }

    [Test]
    public void SchedulesAreTheReferences()
    {
        foreach (var entry in Golden.Json("train/optimizer_20steps.json").GetProperty("schedules").EnumerateObject())
        {
            if (entry.Name == "note" || entry.Name == "5")
                continue;
            var schedule = new OneCycleSchedule(2e-4, int.Parse(entry.Name.Split('_')[0]));
            var rates = entry.Value.GetProperty("lr").EnumerateArray().Select(value => value.GetDouble()).ToList();
            var betas = entry.Value.GetProperty("beta1").EnumerateArray().Select(value => value.GetDouble()).ToList();
            for (var i = 0; i < rates.Count; i++)
            {
                var step = entry.Value.TryGetProperty("step", out var steps) ? steps[i].GetInt32() : i;
                // a few bits of 2e-4 in double
                Assert.That(
                    schedule.At(step).LearningRate, Is.EqualTo(rates[i]).Within(1e-15), $"{entry.Name}, step {step}");
                Assert.That(schedule.At(step).Beta1, Is.EqualTo(betas[i]).Within(1e-14), $"{entry.Name}, step {step}");
            }
        }
        // Where the reference fails, the cycle starts at its top: between 4 steps, which start past it, and 6, which
        // rise to it.
        var five = new OneCycleSchedule(2e-4, 5);
        Assert.That(five.At(0), Is.EqualTo((2e-4, 0.85)));
        Assert.That(
            Enumerable.Range(0, 5).Select(step => five.At(step).LearningRate),
            Is.Ordered.Descending.And.All.GreaterThan(0));
        Assert.That(five.At(4).LearningRate, Is.EqualTo(2e-4 / 25 / 1e4).Within(1e-15));
    }
}
