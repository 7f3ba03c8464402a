using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests;

/// <summary>Streams, capture, memory and libraries of the emulated device.</summary>
public sealed unsafe class EmulatedDriverTests
{
    private const string AddOne = "ld.global.u32 %r10, [%rd4]; add.s32 %r10, %r10, 1; st.global.u32 [%rd4], %r10;";
    private const string CopyOver = "ld.global.u32 %r10, [%rd4]; st.global.u32 [%rd5], %r10;";

    [TestCase(true)]
    [TestCase(false)]
    public void A_missing_event_gives_a_wrong_number_under_some_seed(bool wait)
    {
        bool wrong = false;
        for (int seed = 0; seed < 16; seed++)
        {
            using var lab = new PtxLab(new EmulatedDriverOptions(Seed: seed));
            nint a = lab.Upload(new int[32]), b = lab.Upload(new int[32]), first = lab.Stream(), second = lab.Stream(),
                done = lab.Event();
            PtxLab.Expect(lab.Driver.cuCtxSynchronize());
            lab.Launch(lab.Function(AddOne), a, b, 0, stream: first);
            PtxLab.Expect(lab.Driver.cuEventRecord(done, first));
            if (wait)
                PtxLab.Expect(lab.Driver.cuStreamWaitEvent(second, done, 0));
            lab.Launch(lab.Function(CopyOver), a, b, 0, stream: second);
            PtxLab.Expect(lab.Driver.cuCtxSynchronize());
            wrong |= lab.Download<int>(b, 1)[0] != 1;
        }
        Assert.That(wrong, Is.EqualTo(!wait));
    }

    [Test]
    public void A_graph_replays_with_the_arguments_of_its_capture()
    {
        using var lab = new PtxLab();
        nint a = lab.Upload(new int[32]), stream = lab.Stream(), graph, executable, function = lab.Function(AddOne);
        PtxLab.Expect(lab.Driver.cuCtxSynchronize());
        PtxLab.Expect(lab.Driver.cuStreamBeginCapture(stream, 1));
        lab.Launch(function, a, a, 0, stream: stream);
        lab.Launch(function, a, a, 0, stream: stream);
        PtxLab.Expect(lab.Driver.cuStreamEndCapture(stream, &graph));
        PtxLab.Expect(lab.Driver.cuGraphInstantiateWithFlags(&executable, graph, 0));
        for (int i = 0; i < 3; i++)
            PtxLab.Expect(lab.Driver.cuGraphLaunch(executable, stream));
        PtxLab.Expect(lab.Driver.cuStreamSynchronize(stream));
        Assert.That(lab.Download<int>(a, 32), Is.All.EqualTo(6));
    }

    [Test]
    public void What_a_capture_does_not_survive_has_its_status()
    {
        using var lab = new PtxLab();
        nint stream = lab.Stream(), graph, memory, done = lab.Event(), side = lab.Stream(), a = lab.Upload(new int[32]);
        var function = lab.Function(AddOne);
        PtxLab.Expect(lab.Driver.cuCtxSynchronize());
        PtxLab.Expect(lab.Driver.cuStreamBeginCapture(stream, 0));
        Assert.That(lab.Driver.cuMemAlloc(&memory, 256), Is.EqualTo(CuResult.StreamCaptureUnsupported));
        Assert.That(lab.Driver.cuStreamEndCapture(stream, &graph), Is.EqualTo(CuResult.StreamCaptureInvalidated));
        PtxLab.Expect(lab.Driver.cuStreamBeginCapture(stream, 0));
        Assert.That(lab.Driver.cuStreamSynchronize(stream), Is.EqualTo(CuResult.StreamCaptureUnsupported));
        Assert.That(lab.Driver.cuStreamEndCapture(stream, &graph), Is.EqualTo(CuResult.StreamCaptureInvalidated));
        PtxLab.Expect(lab.Driver.cuStreamBeginCapture(stream, 0));
        PtxLab.Expect(lab.Driver.cuEventRecord(done, stream));
        PtxLab.Expect(lab.Driver.cuStreamWaitEvent(side, done, 0));
        lab.Launch(function, a, a, 0, stream: side);
        Assert.That(lab.Driver.cuStreamEndCapture(stream, &graph), Is.EqualTo(CuResult.StreamCaptureUnjoined));
    }

    [Test]
    public void A_small_device_runs_out_of_memory()
    {
        using var lab = new PtxLab(new EmulatedDriverOptions(MemoryBytes: 1 << 20));
        nint address;
        Assert.That(lab.Driver.cuMemAlloc(&address, 2 << 20), Is.EqualTo(CuResult.OutOfMemory));
    }

    [Test]
    public void A_row_major_product_comes_out_of_the_column_major_library()
    {
        using var lab = new PtxLab();
        var blas = new EmulatedBlas(lab.Driver);
        nint handle, x = lab.Upload(1f, 2f, 3f, 4f, 5f, 6f), w = lab.Upload(1f, 0f, 1f, 0f, 2f, 0f),
            y = lab.Allocate(16);
        blas.cublasCreate(&handle);
        float one = 1, none = 0;
        // y [2, 2] = x [2, 3] * w [2, 3] transposed
        Assert.That(blas.cublasGemmEx(handle, 1, 0, 2, 2, 3, &one, w, 0, 3, x, 0, 3, &none, y, 0, 2, 68, -1), Is.Zero);
        Assert.That(lab.Download<float>(y, 4), Is.EqualTo(new[] { 4f, 4f, 10f, 10f }));
        Assert.That(
            blas.cublasGemmEx(handle, 1, 0, 2, 2, 3, &one, w, 0, 2, x, 0, 3, &none, y, 0, 2, 68, -1), Is.Not.Zero,
            "a leading dimension that is too small");
    }

    [Test]
    public void A_convolution_checks_its_descriptors_and_workspace()
    {
        using var lab = new PtxLab();
        var dnn = new EmulatedDnn(lab.Driver);
        nint handle, tx, tw, ty, c, x = lab.Upload(Enumerable.Repeat(1f, 9).ToArray()),
            w = lab.Upload(Enumerable.Repeat(2f, 9).ToArray()), y = lab.Allocate(36), workspace = lab.Allocate(4096);
        dnn.cudnnCreate(&handle);
        dnn.cudnnCreateTensorDescriptor(&tx);
        dnn.cudnnCreateTensorDescriptor(&ty);
        dnn.cudnnCreateFilterDescriptor(&tw);
        dnn.cudnnCreateConvolutionDescriptor(&c);
        Assert.That(
            dnn.cudnnSetTensor4dDescriptor(tx, 1, 0, 1, 1, 3, 3) + dnn.cudnnSetFilter4dDescriptor(tw, 0, 1, 1, 1, 3, 3)
                + dnn.cudnnSetConvolution2dDescriptor(c, 1, 1, 1, 1, 1, 1, 1, 0),
            Is.Zero);
        float one = 1, none = 0;
        dnn.cudnnSetTensor4dDescriptor(ty, 1, 0, 1, 1, 2, 3);
        int status = dnn.cudnnConvolutionForward(handle, &one, tx, x, tw, w, c, 1, workspace, 4096, &none, ty, y);
        Assert.That(dnn.StatusText(status), Does.Contain("do not go together"));
        dnn.cudnnSetTensor4dDescriptor(ty, 1, 0, 1, 1, 3, 3);
        Assert.That(
            dnn.cudnnConvolutionForward(handle, &one, tx, x, tw, w, c, 1, 0, 0, &none, ty, y), Is.Not.Zero,
            "no workspace");
        Assert.That(
            dnn.cudnnConvolutionForward(handle, &one, tx, x, tw, w, c, 1, workspace, 4096, &none, ty, y), Is.Zero);
        Assert.That(lab.Download<float>(y, 9), Is.EqualTo(new[] { 8f, 12f, 8f, 12f, 18f, 12f, 8f, 12f, 8f }));
    }
}
