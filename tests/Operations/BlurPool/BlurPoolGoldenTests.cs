namespace Flixstock.Tests.Operations;

/// <summary>The reference implementation's numbers, kernel by kernel.</summary>
public sealed class BlurPoolGoldenTests
{
    [TestCaseSource(typeof(GoldenLayer), nameof(GoldenLayer.Cases), new object[] { "blur" })]
    public void KernelsAgreeWithTheReferenceImplementation(string backend, string name) => GoldenLayer.Pool(
        backend, name, kernels => kernels.BlurPoolForward, kernels => kernels.BlurPoolBackward);
}
