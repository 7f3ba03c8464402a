using Flixstock.Engine;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Operations;

/// <summary>
/// A number that is no activation is refused by every kernel, instead of being taken for another one.
/// </summary>
public sealed class UnknownActivationTests
{
    private static readonly ActivationKind Unknown = Enum.GetValues<ActivationKind>().Max() + 1;

    [TestCase("reference")]
    [TestCase("cpu")]
    public void TheProcessorRefusesIt(string kind)
    {
        using var backend = TestTensors.Open(kind);
        Refuses(backend);
    }

    [Test]
    public void TheGpusLaunchersRefuseIt()
    {
        using var gpu = new EmulatedGpu();
        Refuses(gpu.Backend);
        Refuses(new Backend(gpu.Device, CudaKernels.WithoutLibraries(gpu.Device)));
    }

    private static void Refuses(Backend backend)
    {
        var device = backend.Device;
        var (x, y) = (Ones(device, new Shape(2, 3)), Ones(device, new Shape(2, 4)));
        var (weight, bias) = (Ones(device, new Shape(4, 3)), Ones(device, new Shape(4)));
        Action[] calls =
        [
            () => backend.Kernels.ActivationForward(x, Unknown, x),
            () => backend.Kernels.ActivationBackward(x, Unknown, x),
            () => backend.Kernels.LinearForward(x, weight, bias, Unknown, y),
            () => backend.Kernels.LinearForward(x, weight, ReadOnlyTensor.None, Unknown, y),
        ];
        foreach (var call in calls)
        {
            Assert.That(
                () => call(), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("unknown activation"));
        }
        Assert.That(device.ToHost<float>(x), Has.All.EqualTo(1), "nothing was computed");
    }

    private static Tensor Ones(Device device, Shape shape)
    {
        var values = new float[shape.Count];
        Array.Fill(values, 1);
        return device.FromHost<float>(values, shape);
    }
}
