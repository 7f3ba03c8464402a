namespace Flixstock.Tests.Operations;

/// <summary>The reference implementation's numbers, kernel by kernel.</summary>
public sealed class AveragePoolGoldenTests
{
    [TestCaseSource(typeof(GoldenLayer), nameof(GoldenLayer.Cases), new object[] { "avgpool" })]
    public void KernelsAgreeWithTheReferenceImplementation(string backend, string name) => GoldenLayer.Pool(
        backend, name, kernels => kernels.AveragePoolForward, kernels => kernels.AveragePoolBackward);
}
