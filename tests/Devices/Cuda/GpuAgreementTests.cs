using Flixstock.Engine;
using Flixstock.KernelLab;

namespace Flixstock.Tests.Devices.Cuda;

/// <summary>
/// Every call of a kernel on the machine's GPU beside the reference kernels, in each precision: ours in every shape,
/// and what cuBLAS and cuDNN compute in one. Without FLIXSTOCK_TEST_CUDA there are no cases.
/// </summary>
[NonParallelizable]
public sealed class GpuAgreementTests
{
    // Channels that tensor cores take in 16 bits.
    private static readonly Shape Shape = new(2, 9, 8, 16);

    private readonly Dictionary<string, Backend> _open = [];

    // Our kernels know no tf32: they are those of fp32.
    private static IEnumerable<TestCaseData> Ours() =>
        from backend in TestTensors.Gpus
        where backend != "cuda-tf32"
        from call in KernelCalls.All()
        select new TestCaseData(backend, call.Name);

    private static IEnumerable<TestCaseData> OfLibraries() =>
        from backend in TestTensors.Gpus
        from call in KernelCalls.All()
        where !call.OnProcessor && (call.Name.StartsWith("Convolution", StringComparison.Ordinal)
            || call.Name.StartsWith("Linear", StringComparison.Ordinal))
        select new TestCaseData(backend, call.Name);

    [OneTimeTearDown]
    public void CloseDevices()
    {
        foreach (var backend in _open.Values)
            backend.Dispose();
    }

    [TestCaseSource(nameof(Ours))]
    public void OurKernelsAgree(string backend, string name)
    {
        var device = (CudaDevice)Open(backend).Device;
        foreach (var result in CaseComparison.Every(device, Find(name), TypeOf(backend)))
            Assert.That(result.Difference, Is.Null);
    }

    [TestCaseSource(nameof(OfLibraries))]
    public void LibrariesAgree(string backend, string name)
    {
        // Sums of products whose factors have 10 bits; the same bound as the command's own check.
        var rounding = TestTensors.PrecisionOf(backend) == Precision.Tf32 ? 5e-3 : 0;
        var result = CaseComparison.Compare(
            Open(backend), Find(name), TypeOf(backend), Shape, aligned: true, rounding);
        Assert.That(result.Difference, Is.Null);
    }

    private static KernelCall Find(string name) => KernelCalls.All().Single(call => call.Name == name);

    private static ElementType TypeOf(string backend) => TestTensors.PrecisionOf(backend) switch
    {
        Precision.Bf16 => ElementType.BFloat16,
        Precision.Fp16 => ElementType.Float16,
        _ => ElementType.Float32,
    };

    // Opening takes longer than a case.
    private Backend Open(string backend) =>
        _open.TryGetValue(backend, out var open) ? open : _open[backend] = TestTensors.Open(backend);
}
