namespace Flixstock.Tests.Operations;

/// <summary>The reference implementation's numbers, kernel by kernel.</summary>
public sealed class GlobalAveragePoolGoldenTests
{
    [TestCaseSource(typeof(GoldenLayer), nameof(GoldenLayer.Cases), new object[] { "global" })]
    public void KernelsAgreeWithTheReferenceImplementation(string backend, string name) => GoldenLayer.Pool(
        backend, name, kernels => kernels.GlobalAveragePoolForward, kernels => kernels.GlobalAveragePoolBackward);
}
