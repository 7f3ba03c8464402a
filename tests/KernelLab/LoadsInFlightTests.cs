using Flixstock.Engine;
using Flixstock.PtxEmulator;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Laboratory;

/// <summary>What a thread has on its way from memory: counted in the PTX.</summary>
public sealed class LoadsInFlightTests
{
    // 512 threads on a multiprocessor: 32 KiB, which Hopper's memory needs.
    private const int LeastBytes = 64;

    private readonly Dictionary<string, PtxModule> _modules = [];

    [TestCase("ld.global.u32 %r10, [%rd1];\nld.global.u32 %r11, [%rd2];", 8)]
    [TestCase("ld.global.u32 %r10, [%rd1];\nadd.s32 %r12, %r10, 1;\nld.global.u32 %r11, [%rd2];", 4)]
    [TestCase("ld.global.v4.u32 {%r10, %r11, %r12, %r13}, [%rd1];\nld.global.u32 %r14, [%rd2];", 20)]
    [TestCase("ld.global.u64 %rd10, [%rd1];\nld.global.u32 %r14, [%rd10];", 8)]
    [TestCase("ld.global.u32 %r10, [%rd1];\n@%p1 bra NEXT;\nNEXT:\nld.global.u32 %r11, [%rd2];", 4)]
    public void AUseWaitsForALoad(string body, int bytes)
    {
        var module = PtxModule.Parse(PtxLab.Kernel(body));
        Assert.That(LoadsInFlight.MostBytes(module.Kernels["k"].Code), Is.EqualTo(bytes));
    }

    [TestCase("statistics_abn", "abn_statistics")]
    [TestCase("statistics_abn", "abn_moments")]
    [TestCase("inplace_abn", "abn_backward_sums")]
    [TestCase("inplace_abn", "identity_abn_backward_sums")]
    [TestCase("residual_abn", "relu_signs_abn_backward_sums")]
    [TestCase("residual_abn", "excite_signs_backward_sums")]
    [TestCase("squeeze_excite", "excite_gradient_sums")]
    [TestCase("global_average_pool", "global_pool_forward")]
    [TestCase("gate_squeeze_excite", "pooled_gate")]
    [TestCase("gate_squeeze_excite", "applied_gate")]
    public void SumsKeepTheMemoryBusy(string file, string kernel)
    {
        if (!_modules.TryGetValue(file, out var module))
        {
            var sources = KernelSources.Embedded;
            var compiled = EmulatedGpu.KeepingCompiler()
                .Compile(sources.Source(file), file + ".cu", "sm_80", sources.Headers);
            module = _modules[file] = PtxModule.Parse(compiled.Ptx);
        }
        var kernels = module.Kernels;
        foreach (var type in new[] { "_f16", "_bf16" })
            Assert.That(LoadsInFlight.MostBytes(kernels[kernel + type].Code), Is.AtLeast(LeastBytes), kernel + type);
    }
}
