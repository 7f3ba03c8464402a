using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>CUDA C++ compiled for real, where NVRTC is installed. No GPU is needed.</summary>
public sealed class KernelCompilerTests
{
    private const string Scale = """
        #include "common.cuh"
        extern "C" __global__ void scale(float* x, int n)
        {
            int i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i < n) x[i] = twice(x[i]);
        }
        """;

    private static readonly Dictionary<string, string> Common = new(StringComparer.Ordinal)
    {
        ["common.cuh"] = "#pragma once\n__device__ inline float twice(float x) { return 2.0f * x; }\n",
    };

    [Test]
    public void A_real_architecture_gives_machine_code_and_ptx_with_headers_from_memory()
    {
        var compiled = NvrtcRequired.Open().Compile(Scale, "scale.cu", "sm_80", Common);
        Assert.That(compiled.Cubin.Span[..4].ToArray(), Is.EqualTo("\u007fELF"u8.ToArray()));
        Assert.That(compiled.Ptx, Does.Contain(".entry scale(").And.Contain(".target sm_80").And.Not.Contain("\0"));
    }

    [Test]
    public void A_virtual_architecture_gives_ptx_only()
    {
        var compiled = NvrtcRequired.Open().Compile(Scale, "scale.cu", "compute_75", Common);
        Assert.That(compiled.Cubin.Length, Is.Zero);
        Assert.That(compiled.Ptx, Does.Contain(".entry scale("));
    }

    [Test]
    public void Every_architecture_that_the_engine_needs_is_known_and_compiles()
    {
        var compiler = NvrtcRequired.Open();
        Assert.That(compiler.Architectures, Is.SupersetOf(new[] { 75, 80, 90 }).And.Ordered);
        foreach (var architecture in new[] { 75, 90 })
            Assert.That(compiler.Compile(Scale, "scale.cu", $"sm_{architecture}", Common).Cubin.Length, Is.Positive);
    }

    [Test]
    public void A_fault_is_reported_with_the_compilers_words_file_and_line()
    {
        var compiler = NvrtcRequired.Open();
        var fault = Assert.Throws<EngineException>(
            () => compiler.Compile("__global__ void k() {\n  nothing = 1;\n}", "fault.cu", "sm_80"));
        Assert.That(fault.Message, Does.StartWith(
            $"fault.cu does not compile for sm_80 with NVRTC {compiler.Version}, NVRTC_ERROR_COMPILATION (6): "));
        Assert.That(fault.Message, Does.Contain("fault.cu(2): error: ").And.Contain("\"nothing\" is undefined"));
    }

    [Test]
    public void Inline_ptx_is_checked_where_machine_code_is_asked_for()
    {
        const string Source = "extern \"C\" __global__ void k(int* x) { asm(\"no_such_instruction.u32 %0, 1;\" : "
            + "\"=r\"(x[0])); }";
        var compiler = NvrtcRequired.Open();
        Assert.That(
            () => compiler.Compile(Source, "asm.cu", "sm_80"),
            Throws.TypeOf<EngineException>().With.Message.Contain("no_such_instruction"));
    }

    [Test]
    public void An_unknown_option_is_named()
    {
        var compiler = NvrtcRequired.Open();
        Assert.That(
            () => compiler.Compile(Scale, "scale.cu", "sm_80", Common, "--no-such-option"),
            Throws.TypeOf<EngineException>().With.Message.Contain("NVRTC_ERROR_INVALID_OPTION (5)").And.Message
                .Contain("--no-such-option"));
    }

    [Test]
    public void The_assembler_reports_registers_and_spills_in_the_log() =>
        Assert.That(
            NvrtcRequired.Open().Compile(Scale, "scale.cu", "sm_80", Common, "--ptxas-options=-v").Log,
            Does.Contain("registers").And.Contain("0 bytes spill stores"));
}
