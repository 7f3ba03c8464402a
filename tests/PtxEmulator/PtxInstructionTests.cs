using Flixstock.PtxEmulator;

namespace Flixstock.Tests;

/// <summary>
/// Instructions against what the PTX manual says of them. Each takes %r10 and %r11 (also as %f10 and %f11) and gives
/// %r20.
/// </summary>
public sealed class PtxInstructionTests
{
    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    private static object[] Case(string code, object a, object b, object expected)
    {
        static uint Word(object value) =>
            value switch { float single => Bits(single), int whole => (uint)whole, _ => (uint)value };
        return [code, Word(a), Word(b), Word(expected)];
    }

    private static IEnumerable<object[]> Cases =>
    [
        Case("add.s32 %r20, %r10, %r11;", -5, 7, 2),
        Case("sub.s32 %r20, %r10, 9;", 4, 0, -5),
        Case("mul.lo.s32 %r20, %r10, %r11;", -3, 7, -21),
        Case("mul.hi.u32 %r20, %r10, %r11;", 0x80000000u, 6u, 3u),
        Case("mul.hi.s32 %r20, %r10, %r11;", -1, 2, -1),
        Case("mul.wide.s32 %rd20, %r10, %r11; shr.s64 %rd20, %rd20, 4; cvt.u32.u64 %r20, %rd20;", -64, 3, -12),
        Case("mad.lo.s32 %r20, %r10, %r11, 5;", 6, 7, 47),
        Case("div.s32 %r20, %r10, %r11;", -7, 2, -3),
        Case("rem.s32 %r20, %r10, %r11;", -7, 2, -1),
        Case("div.u32 %r20, %r10, %r11;", 0x80000000u, 2u, 0x40000000u),
        Case("min.s32 %r20, %r10, %r11;", -7, 2, -7),
        Case("max.u32 %r20, %r10, %r11;", 0xFFFFFFFFu, 2u, 0xFFFFFFFFu),
        Case("shl.b32 %r20, %r10, %r11;", 1u, 40u, 0u),
        Case("shr.s32 %r20, %r10, %r11;", -8, 40, -1),
        Case("shr.u32 %r20, %r10, 31;", -8, 0, 1),
        Case("bfe.u32 %r20, %r10, 8, 8;", 0x12345678u, 0u, 0x56u),
        Case("bfe.s32 %r20, %r10, 8, 8;", 0x1234F678u, 0u, 0xFFFFFFF6u),
        Case("bfi.b32 %r20, %r10, %r11, 4, 8;", 0xABu, 0xFFFF000Fu, 0xFFFF0ABFu),
        Case("lop3.b32 %r20, %r10, %r11, 255, 0x96;", 0xF0u, 0x3Cu, 0x33u),
        Case("prmt.b32 %r20, %r10, %r11, 0x5410;", 0x11112222u, 0x33334444u, 0x44442222u),
        Case("shf.l.wrap.b32 %r20, %r10, %r11, 8;", 0xAB000000u, 0x00000012u, 0x000012ABu),
        Case("popc.b32 %r20, %r10;", 0xF0F0u, 0u, 8u),
        Case("clz.b32 %r20, %r10;", 0x00010000u, 0u, 15u),
        Case("brev.b32 %r20, %r10;", 1u, 0u, 0x80000000u),
        Case("bfind.u32 %r20, %r10;", 0x00010000u, 0u, 16u),
        Case("bfind.shiftamt.u32 %r20, %r10;", 0x00010000u, 0u, 15u),
        Case("setp.lt.s32 %p1, %r10, %r11; selp.b32 %r20, 1, 2, %p1;", -1, 1, 1),
        Case("setp.lt.u32 %p1, %r10, %r11; selp.b32 %r20, 1, 2, %p1;", -1, 1, 2),
        Case("setp.ne.s32 %p2, %r10, 0; setp.gt.and.s32 %p1, %r11, 0, !%p2; selp.b32 %r20, 1, 2, %p1;", 0, 1, 1),
        Case("setp.ltu.f32 %p1, %f10, %f11; selp.b32 %r20, 1, 2, %p1;", float.NaN, 1f, 1),
        Case("setp.lt.f32 %p1, %f10, %f11; selp.b32 %r20, 1, 2, %p1;", float.NaN, 1f, 2),
        Case("fma.rn.f32 %f20, %f10, %f11, 0f3F800000; mov.b32 %r20, %f20;", 3f, 2f, 7f),
        Case("fma.rm.f32 %f20, %f10, %f11, 0f3F800000; mov.b32 %r20, %f20;", 1e-10f, -1f, MathF.BitDecrement(1f)),
        Case("fma.rp.f32 %f20, %f10, %f11, 0f3F800000; mov.b32 %r20, %f20;", 1e-10f, 1f, MathF.BitIncrement(1f)),
        Case("add.rz.f32 %f20, %f10, %f11; mov.b32 %r20, %f20;", 1f, -1e-10f, MathF.BitDecrement(1f)),
        Case("max.f32 %f20, %f10, %f11; mov.b32 %r20, %f20;", float.NaN, 2f, 2f),
        Case("div.rn.f32 %f20, %f10, %f11; mov.b32 %r20, %f20;", 1f, 3f, 1f / 3f),
        Case("sqrt.rn.f32 %f20, %f10; mov.b32 %r20, %f20;", 2f, 0f, MathF.Sqrt(2f)),
        Case("ex2.approx.ftz.f32 %f20, %f10; mov.b32 %r20, %f20;", 3f, 0f, 8f),
        Case("lg2.approx.f32 %f20, %f10; mov.b32 %r20, %f20;", 8f, 0f, 3f),
        Case("rsqrt.approx.f32 %f20, %f10; mov.b32 %r20, %f20;", 4f, 0f, 0.5f),
        Case("cvt.rn.f32.s32 %f20, %r10; mov.b32 %r20, %f20;", -3, 0, -3f),
        Case("cvt.rzi.s32.f32 %r20, %f10;", -3.7f, 0f, -3),
        Case("cvt.rni.s32.f32 %r20, %f10;", 2.5f, 0f, 2),
        Case("cvt.rzi.u32.f32 %r20, %f10;", -3.7f, 0f, 0),
        Case("cvt.sat.f32.f32 %f20, %f10; mov.b32 %r20, %f20;", 1.5f, 0f, 1f),
        Case("cvt.s32.s8 %r20, %r10;", 0x1FFu, 0u, -1),
        Case("cvt.rn.f16.f32 %rs1, %f10; cvt.u32.u16 %r20, %rs1;", 1.5f, 0f, 0x3E00u),
        Case(
            "cvt.rn.f16.f32 %rs1, %f10; cvt.f32.f16 %f20, %rs1; mov.b32 %r20, %f20;", 65536f, 0f,
            float.PositiveInfinity),
        Case(
            "cvt.rn.bf16.f32 %rs1, %f10; cvt.u32.u16 %r20, %rs1;", BitConverter.UInt32BitsToSingle(0x3F808000),
            0f, 0x3F80u),
        Case(
            "cvt.rn.bf16.f32 %rs1, %f10; cvt.u32.u16 %r20, %rs1;", BitConverter.UInt32BitsToSingle(0x3F818000),
            0f, 0x3F82u),
        Case("cvt.rn.bf16x2.f32 %r20, %f10, %f11;", 1f, 2f, 0x3F804000u),
        Case("cvt.rn.f16x2.f32 %r20, %f10, %f11;", 1f, 2f, 0x3C004000u),
        Case("fma.rn.bf16x2 %r20, %r10, %r10, %r11;", 0x40003F80u, 0x3F803F80u, 0x40A04000u),
        Case("mov.b32 {%rs1, %rs2}, %r10; mov.b32 %r20, {%rs2, %rs1};", 0x11112222u, 0u, 0x22221111u),
        Case("shfl.sync.bfly.b32 %r12, %r2, 1, 31, -1; mov.u32 %r20, 1; @%p9 bra $L1; mov.u32 %r20, 7; $L1:", 0, 0, 7),
        Case("setp.eq.s32 %p1, %r2, 3; vote.sync.ballot.b32 %r20, %p1, -1;", 0, 0, 8),
    ];

    [TestCaseSource(nameof(Cases))]
    public void An_instruction_gives_what_the_manual_says(string code, uint a, uint b, uint expected)
    {
        using var lab = new PtxLab();
        var result = lab.Run(
            $"setp.ne.s32 %p9, 0, 0; ld.global.u32 %r10, [%rd1]; ld.global.u32 %r11, [%rd1+4]; mov.b32 %f10, %r10; "
                + $"mov.b32 %f11, %r11;\n{code}\nst.global.u32 [%rd5], %r20;",
            a, b);
        Assert.That(result, Is.All.EqualTo(expected));
    }

    [Test]
    public void Divided_lanes_meet_again_and_atomics_and_local_arrays_work()
    {
        using var lab = new PtxLab();
        // Lane i goes round a loop i times; then all count themselves in one place.
        var result = lab.Run("""
            mov.u32 %r10, 0;
            mov.u32 %r11, 0;
            $LOOP:
            setp.ge.u32 %p1, %r10, %r2;
            @%p1 bra $DONE;
            add.s32 %r11, %r11, 2;
            add.s32 %r10, %r10, 1;
            bra $LOOP;
            $DONE:
            shfl.sync.down.b32 %r12, %r11, 1, 31, -1;
            st.global.u32 [%rd5], %r12;
            """, 0);
        Assert.That(result[..31], Is.EqualTo(Enumerable.Range(0, 31).Select(lane => (uint)(2 * lane + 2))));
        Assert.That(lab.Driver.Statistics["k"].CoveredBlocks, Is.EqualTo(lab.Driver.Statistics["k"].Covered.Length));
    }

    [Test]
    public void An_unknown_instruction_is_named_with_kernel_and_line()
    {
        using var lab = new PtxLab();
        var message = Assert.Throws<PtxException>(
            () => lab.Function("tex.1d.v4.f32.s32 {%f1, %f2, %f3, %f4}, [%rd1, {%r1}];"))!.Message;
        Assert.That(message, Does.Contain("kernel 'k'").And.Contain("PTX line 2").And.Contain("tex.1d"));
    }
}
