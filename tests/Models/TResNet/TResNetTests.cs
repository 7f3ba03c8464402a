using Flixstock.Engine;

namespace Flixstock.Tests.Models;

public class TResNetTests
{
    private static TResNet Tiny(Backend backend, ulong seed = 1, TResNetOptions? options = null)
    {
        var network = new TResNet(backend, options ?? TinyNetworkGoldenTests.Options());
        network.Initialize(seed);
        return network;
    }

    private static Tensor Pictures(Backend backend, int batch, int size)
    {
        var pixels = new byte[batch * size * size * 3];
        new Random(batch + size).NextBytes(pixels);
        return backend.Device.FromHost<byte>(pixels, new Shape(batch, size, size, 3), ElementType.UInt8);
    }

    private static void UnitLoss(Backend backend, Tensor gradient) =>
        backend.Device.CopyFromHost<float>(
            Enumerable.Range(0, (int)gradient.Count).Select(i => (float)Math.Sin(i)).ToArray(), gradient);

    [Test]
    public void APlannedStepComputesWhatAnUnplannedOneDoes([Values(1, 3)] int batch)
    {
        using var backend = Backend.Reference();
        using var network = Tiny(backend);
        var input = Pictures(backend, batch, 36);
        float[] Gradients(TensorArena arena)
        {
            network.ComputeGradients(
                backend.NewPass(arena, training: true), input, (_, gradient) => UnitLoss(backend, gradient));
            return backend.Device.ToHost<float>(network.Buffer.Gradients);
        }
        using var dynamic = new DynamicArena(backend.Device);
        using var planned = new PlannedArena(backend.Device, network.PlanTraining(batch, 36, 36));
        var expected = Gradients(dynamic);
        Assert.That(Gradients(planned), Same.As(expected), "first planned step");
        Assert.That(Gradients(planned), Same.As(expected), "second planned step");
    }

    [Test]
    public void AStepReleasesEverythingItTook()
    {
        using var backend = Backend.Reference();
        foreach (var options in new[]
        {
            TinyNetworkGoldenTests.Options(),
            TinyNetworkGoldenTests.Options(32) with { Version2 = true, Layers = [2, 1, 2, 2] },
        })
        {
            using var network = Tiny(backend, 1, options);
            Assert.That(network.PlanTraining(2, 64, 64).Count(life => life.Released == int.MaxValue), Is.Zero);
        }
    }

    [Test]
    public void ADryStepCountsNoBatchAndChangesNoGradient()
    {
        using var backend = Backend.Reference();
        using var network = Tiny(backend);
        network.PlanTraining(2, 64, 64);
        Assert.That(network.BatchesTracked, Is.All.Zero);
        Assert.That(backend.Device.ToHost<float>(network.Buffer.Gradients), Is.All.Zero);
    }

    [Test, NonParallelizable]
    public void AWarmStepAllocatesNothing()
    {
        using var backend = Backend.Cpu();
        using var network = Tiny(backend);
        var input = Pictures(backend, 2, 32);
        using var arena = new PlannedArena(backend.Device, network.PlanTraining(2, 32, 32));
        var pass = backend.NewPass(arena, training: true);
        Action<Tensor, Tensor> loss = static (_, _) => { };
        for (var i = 0; i < 3; i++)
            network.ComputeGradients(pass, input, loss);
        // Of all threads; the test runner's own may allocate meanwhile, so the least of several counts.
        var least = long.MaxValue;
        for (var i = 0; i < 10 && least > 0; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            network.ComputeGradients(pass, input, loss);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.That(least, Is.Zero);
    }

    [Test]
    public void InitializationHasTheReferencesDistributions()
    {
        using var backend = Backend.Reference();
        using var network = new TResNet(backend, TResNetOptions.Variant("tresnet_m", 21));
        network.Initialize(7);
        double Deviation(Parameter parameter) =>
            Math.Sqrt(backend.Device.ToHost<float>(parameter.Value).Average(value => (double)value * value));
        Parameter Named(string name) => network.Buffer.Parameters.Single(parameter => parameter.Name == name);
        var gain = Math.Sqrt(2 / (1 + 1e-4));
        // Standard deviations of n draws are known to 1/sqrt(2n): 0.3 % at the smallest of these.
        Assert.That(
            Deviation(Named("body.layer3.1.conv2.0.weight")), Is.EqualTo(gain / Math.Sqrt(256 * 9)).Within(2).Percent);
        Assert.That(
            Deviation(Named("body.layer3.1.se.fc1.weight")), Is.EqualTo(gain / Math.Sqrt(128)).Within(2).Percent);
        Assert.That(Deviation(Named("head.fc.weight")), Is.EqualTo(0.01).Within(2).Percent);
        var bias = backend.Device.ToHost<float>(Named("body.layer3.1.se.fc1.bias").Value);
        Assert.That(bias.Max(Math.Abs), Is.InRange(0.9 / 16, 1.0 / 16), "uniform within 1/sqrt(256)");
        Assert.That(backend.Device.ToHost<float>(Named("body.layer1.0.conv2.1.weight").Value), Is.All.Zero);
        Assert.That(backend.Device.ToHost<float>(Named("body.layer4.2.conv3.1.weight").Value), Is.All.Zero);
        Assert.That(backend.Device.ToHost<float>(Named("body.layer4.2.conv2.1.weight").Value), Is.All.EqualTo(1));
        Assert.That(
            backend.Device.ToHost<float>(Named("body.layer3.0.downsample.1.1.weight").Value), Is.All.EqualTo(1));
        Assert.That(backend.Device.ToHost<float>(Named("body.conv1.1.running_var").Value), Is.All.EqualTo(1));
        Assert.That(backend.Device.ToHost<float>(Named("body.conv1.1.bias").Value), Is.All.Zero);
    }

    [Test]
    public void TheSeedAloneDecidesTheWeights()
    {
        using var backend = Backend.Reference();
        using var first = Tiny(backend, 5);
        using var second = Tiny(backend, 5);
        using var other = Tiny(backend, 6);
        float[] Values(TResNet network) => backend.Device.ToHost<float>(network.Buffer.Values);
        Assert.That(Values(second), Same.As(Values(first)));
        Assert.That(Values(other), Same.Not(Values(first)));
    }

    [Test]
    public void LoadingNamesEveryEntryThatDoesNotFitAndChangesNothing()
    {
        using var backend = Backend.Reference();
        using var network = Tiny(backend);
        var before = backend.Device.ToHost<float>(network.Buffer.Values);
        var state = new StateDict();
        foreach (var tensor in network.ToStateDict().Where(tensor => tensor.Name != "body.conv1.1.bias"))
            state.Add(tensor.Name == "head.fc.bias" ? StateTensors.From("head.fc.bias", [20], new float[20]) : tensor);
        state.Add(StateTensors.From("body.extra", [1], [1f]));
        Assert.That(() => network.Load(state), Throws.TypeOf<InputException>()
            .With.Message.Contains("1 missing: body.conv1.1.bias")
            .And.Message.Contains("1 unexpected: body.extra")
            .And.Message.Contains("head.fc.bias has [20], expected [21]"));
        Assert.That(backend.Device.ToHost<float>(network.Buffer.Values), Same.As(before));
    }

    [Test]
    public void StateDictsGoThereAndBack()
    {
        using var backend = Backend.Reference();
        using var network = TinyNetworkGoldenTests.Build(backend, "tiny_a");
        var state = network.ToStateDict();
        foreach (var golden in Golden.Tensors("model/tiny_a.safetensors")
            .Where(tensor => tensor.Name.StartsWith("state.", StringComparison.Ordinal)))
        {
            Assert.That(state[golden.Name[6..]].Data.ToArray(), Same.As(golden.Data.ToArray()), golden.Name);
        }
    }

    [TestCase(30, 30, "32x32")]
    [TestCase(16, 224, "smallest possible is 20x20")]
    [TestCase(224, 226, "multiples of 4")]
    [TestCase(0, 0, "smallest possible is 20x20")]
    public void ImageSizesTheNetworkCannotTakeAreRefusedWithAdvice(int height, int width, string advice)
    {
        using var backend = Backend.Reference();
        using var network = Tiny(backend);
        Assert.That(
            () => network.RequireImageSize(height, width),
            Throws.TypeOf<InputException>().With.Message.Contains(advice).And.Message.Contains($"{height}x{width}"));
    }

    [Test]
    public void TheSmallestImageSizeWorks()
    {
        using var backend = Backend.Reference();
        using var network = Tiny(backend);
        using var arena = new DynamicArena(backend.Device);
        Assert.That(
            () => network.Forward(backend.NewPass(arena, training: true), Pictures(backend, 2, 20)), Throws.Nothing);
    }

    [Test]
    public void BatchStatisticsOfOnePixelAreRefusedNamingTheLayer()
    {
        using var backend = Backend.Reference();
        using var network = Tiny(backend);
        using var arena = new DynamicArena(backend.Device);
        Assert.That(
            () => network.Forward(backend.NewPass(arena, training: true), Pictures(backend, 1, 20)),
            Throws.TypeOf<InputException>().With.Message.Contains("body.layer4.0.").And.Message.Contains("[1, 1, 1,"));
    }

    [Test]
    public void WrongChannelsAreAnErrorThatNamesLayerTensorAndShapes()
    {
        using var backend = Backend.Reference();
        using var arena = new DynamicArena(backend.Device);
        var layer = new Convolution("body.conv1.0", 48, 16, 3);
        var input = backend.Device.Allocate(new Shape(1, 4, 4, 47));
        Assert.That(
            () => layer.Forward(backend.NewPass(arena, training: true), input),
            Throws.TypeOf<ShapeException>().With.Message.EqualTo(
                "layer 'body.conv1.0': input has shape [1, 4, 4, 47], expected [N, H, W, 48] with H and W at least 1"));
    }

    [Test]
    public void TheFirstLayerThatIsNotFiniteIsNamedAndStatisticsStay()
    {
        using var backend = Backend.Reference();
        using var network = Tiny(backend);
        using var arena = new DynamicArena(backend.Device);
        var (pass, input) = (backend.NewPass(arena, training: true), Pictures(backend, 2, 36));
        Assert.That(network.FirstNonFiniteLayer(pass, input), Is.Null);
        network.Buffer.Parameters.Single(parameter => parameter.Name == "body.layer2.0.conv2.0.weight")
            .Value.Floats()[3] = float.PositiveInfinity;
        var before = backend.Device.ToHost<float>(network.Buffer.Values);
        Assert.That(network.FirstNonFiniteLayer(pass, input), Is.EqualTo("body.layer2.0.conv2.0"));
        Assert.That(backend.Device.ToHost<float>(network.Buffer.Values), Same.As(before));
        Assert.That(network.BatchesTracked, Is.All.Zero);
    }

    [Test]
    public void UnknownModelsAndImpossibleOptionsAreRefused()
    {
        Assert.That(
            () => TResNetOptions.Variant("tresnet_s", 21),
            Throws.TypeOf<InputException>().With.Message.Contains("tresnet_m, tresnet_l"));
        Assert.That(
            () => (TinyNetworkGoldenTests.Options() with { Layers = [1, 1, 1] }).Validate(),
            Throws.TypeOf<InputException>());
        Assert.That(
            () => (TinyNetworkGoldenTests.Options() with { Width = 0.001 }).Validate(),
            Throws.TypeOf<InputException>());
        Assert.That(
            () => (TinyNetworkGoldenTests.Options() with { Classes = 0 }).Validate(), Throws.TypeOf<InputException>());
    }
}
