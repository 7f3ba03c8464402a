namespace Flixstock.Tests;

/// <summary>Planted faults: each is found and named.</summary>
public sealed class PtxCheckTests
{
    private static string Fault(string body, uint grid = 1, uint block = 32, int bytes = 256)
    {
        using var lab = new PtxLab();
        nint a = lab.Upload(new byte[bytes]), b = lab.Allocate(bytes);
        return lab.Failure(() => lab.Launch(lab.Function(body), a, b, bytes, grid, block));
    }

    [Test]
    public void A_write_behind_the_end_names_thread_address_and_allocation() =>
        Assert.That(
            Fault(".loc 1 42 3\nst.global.u32 [%rd4+132], %r2;"),
            Does.Contain("out of bounds").And.Contain("kernel 'k'").And.Contain("line 42").And
                .Contain("thread (31, 0, 0)").And.Contain("allocation 1 (256 bytes)"));

    [Test]
    public void Memory_used_after_it_was_freed_is_found()
    {
        using var lab = new PtxLab();
        nint a = lab.Upload(new byte[256]), b = lab.Upload(new byte[256]);
        var function = lab.Function("ld.global.u32 %r10, [%rd4];");
        lab.Driver.cuMemFree(a);
        Assert.That(lab.Failure(() => lab.Launch(function, a, b, 0)), Does.Contain("use after free"));
    }

    [Test]
    public void A_misaligned_vector_is_found() =>
        Assert.That(
            Fault("ld.global.v4.u32 {%r10, %r11, %r12, %r13}, [%rd1+8];"), Does.Contain("misaligned read of 16 bytes"));

    [Test]
    public void What_was_never_written_is_not_read() =>
        Assert.That(Fault("ld.global.u32 %r10, [%rd5];"), Does.Contain("never written"));

    [Test]
    public void Shared_memory_that_was_never_written_is_not_read() =>
        Assert.That(
            Fault("ld.shared.u32 %r10, [room+16];"), Does.Contain("shared byte 16").And.Contain("never written"));

    private const string Exchange = """
        mov.u32 %r10, room;
        shl.b32 %r11, %r2, 2;
        add.s32 %r12, %r10, %r11;
        st.shared.u32 [%r12], %r2;
        {0}
        xor.b32 %r13, %r11, 128;
        add.s32 %r14, %r10, %r13;
        ld.shared.u32 %r15, [%r14];
        st.global.u32 [%rd5], %r15;
        """;

    [Test]
    public void A_missing_barrier_is_a_race_in_shared_memory()
    {
        // The first warp to come may read what nobody wrote yet; that is another report of the same fault.
        Assert.That(
            Fault(Exchange.Replace("{0}", "", StringComparison.Ordinal), block: 64),
            Does.Contain("race in shared memory").Or.Contain("never written"));
        using var lab = new PtxLab();
        nint b = lab.Allocate(256);
        lab.Launch(lab.Function(Exchange.Replace("{0}", "bar.sync 0;", StringComparison.Ordinal)), b, b, 0, block: 64);
        Assert.That(lab.Download<int>(b, 64)[..2], Is.EqualTo(new[] { 32, 33 }), "with the barrier all is well");
    }

    [Test]
    public void Two_threads_that_write_one_shared_place_race() =>
        Assert.That(Fault("st.shared.u32 [room], %r2;"), Does.Contain("race in shared memory"));

    [Test]
    public void Two_blocks_that_write_one_place_race() =>
        Assert.That(Fault("st.global.u32 [%rd4], %r3;", grid: 2), Does.Contain("race between blocks"));

    // Every block writes its word of a, counts itself in b, and the last one reads all words.
    private const string LastBlock = """
        mul.wide.u32 %rd6, %r3, 128;
        add.s64 %rd7, %rd4, %rd6;
        st.global.u32 [%rd7], %r3;
        {barrier}
        mov.u32 %r10, 0;
        mov.u32 %r11, room;
        setp.ne.u32 %p1, %r2, 0;
        @%p1 bra COUNTED;
        {fence}
        atom.global.add.u32 %r10, [%rd2], 1;
        {acquire}
        st.shared.u32 [%r11], %r10;
        COUNTED:
        bar.sync 0;
        ld.shared.u32 %r12, [%r11];
        setp.ne.u32 %p2, %r12, 3;
        @%p2 bra DONE;
        ld.global.u32 %r13, [%rd4];
        ld.global.u32 %r14, [%rd4+128];
        ld.global.u32 %r15, [%rd4+256];
        ld.global.u32 %r16, [%rd4+384];
        DONE:
        """;

    [TestCase("bar.sync 0;", "membar.gl;", "membar.gl;", "")]
    [TestCase("bar.sync 0;", "", "membar.gl;", "race between blocks")]
    [TestCase("bar.sync 0;", "membar.gl;", "", "race between blocks")]
    [TestCase("bar.sync 0;", "membar.cta;", "membar.gl;", "race between blocks")]
    [TestCase("", "membar.gl;", "membar.gl;", "race between blocks")]
    public void The_last_block_may_read_what_fences_and_a_counter_put_in_order(
        string barrier, string fence, string acquire, string fault)
    {
        using var lab = new PtxLab();
        nint words = lab.Upload(new byte[512]), counter = lab.Upload(new byte[4]);
        var function = lab.Function(LastBlock
            .Replace("{barrier}", barrier, StringComparison.Ordinal).Replace("{fence}", fence, StringComparison.Ordinal)
            .Replace("{acquire}", acquire, StringComparison.Ordinal));
        void Launch() => lab.Launch(function, words, counter, 0, grid: 4, block: 32);
        if (fault.Length > 0)
            Assert.That(lab.Failure(Launch), Does.Contain(fault));
        else
            Assert.That(Launch, Throws.Nothing);
    }

    [Test]
    public void Atomics_of_two_blocks_do_not_race()
    {
        using var lab = new PtxLab();
        nint a = lab.Upload(0);
        lab.Launch(lab.Function("red.global.add.u32 [%rd1], 1;"), a, a, 0, grid: 5, block: 64);
        Assert.That(lab.Download<int>(a, 1), Is.EqualTo(new[] { 320 }));
    }

    [Test]
    public void A_barrier_in_a_branch_is_found() =>
        Assert.That(
            Fault("setp.lt.u32 %p1, %r2, 16; @!%p1 bra $L2; bar.sync 0; $L2:"),
            Does.Contain("divergent barrier").And.Contain("16 of the warp's 32"));

    [Test]
    public void A_warp_that_leaves_before_a_barrier_is_found() =>
        Assert.That(
            Fault("setp.ge.u32 %p1, %r2, 32; @%p1 bra $L2; bar.sync 0; $L2:", block: 64),
            Does.Contain("divergent barrier"));

    [Test]
    public void Sectors_and_bank_conflicts_are_counted()
    {
        using var lab = new PtxLab();
        nint a = lab.Upload(new uint[1024]);
        lab.Launch(
            lab.Function("mul.wide.u32 %rd10, %r2, 128; add.s64 %rd11, %rd1, %rd10; ld.global.u32 %r10, [%rd11]; "
                + "shl.b32 %r11, %r2, 3; mov.u32 %r12, room; add.s32 %r12, %r12, %r11; st.shared.u32 [%r12], %r10;"),
            a, a, 0);
        lab.Driver.cuCtxSynchronize();
        var statistics = lab.Driver.Statistics["k"];
        Assert.That(
            (statistics.GlobalSectors, statistics.BankConflicts), Is.EqualTo((32L, 1L)),
            "a stride of 128 bytes touches 32 sectors; one of 8 bytes uses each bank twice");
    }
}
