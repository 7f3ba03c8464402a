using System.Runtime.Intrinsics;
using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>
/// Every width of register that a processor may have gives the reference kernels' results: the runtime is told to do
/// without the wider ones.
/// </summary>
[Parallelizable] // separate processes
public sealed class VectorWidthTests
{
    private static readonly int Bits = Vector512.IsHardwareAccelerated
        ? 512
        : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    /// <summary>The variable that holds the width that a run of its own is to have.</summary>
    internal const string Wanted = "FLIXSTOCK_TEST_VECTOR_BITS";

    [TestCase(256, "DOTNET_EnableAVX512")]
    [TestCase(128, "DOTNET_EnableAVX2")]
    [TestCase(0, "DOTNET_EnableHWIntrinsic")]
    public void NarrowerRegistersAgreeToo(int bits, string switchedOff)
    {
        if (bits >= Bits)
            Assert.Ignore($"this processor's widest register has {Bits} bits: {bits} is not narrower");
        const string Kernels = $"{nameof(KernelAgreementTests)}."
            + $"{nameof(KernelAgreementTests.CpuAgreesWithReferenceAndItsBitsDoNotDependOnThreads)}";
        var (code, output) = OwnTests.Run(
            $"FullyQualifiedName~{nameof(TheDeviceNamesTheWidthItUses)}|FullyQualifiedName~{Kernels}"
                + $"|FullyQualifiedName~{nameof(WinogradTests.EveryCallAgreesWithTheReference)}"
                + $"|FullyQualifiedName~{nameof(Data.ResizeKernelTests)}|FullyQualifiedName~{nameof(PictureResizerTests)}"
                + $"|FullyQualifiedName~{nameof(Data.PixelArithmeticTests)}",
            [(switchedOff, "0"), (Wanted, $"{bits}")]);
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Match("succeeded: [0-9]{3}"), "the tests were run");
    }

    [Test]
    public void TheDeviceNamesTheWidthItUses()
    {
        var wanted = Environment.GetEnvironmentVariable(Wanted) ?? $"{Bits}";
        using var backend = Backend.Cpu(1);
        Assert.That(backend.Device.Name, Does.EndWith(wanted == "0" ? "no vectors" : $"{wanted}-bit vectors"));
    }
}
