using System.Reflection;
using System.Runtime.InteropServices;
using Flixstock.Engine;

namespace Flixstock.Tests.Devices;

/// <summary>
/// The processor pretending to be a GPU: asks for padded channels, captures work without doing it, takes batches
/// through a channel, and gives results only when they are asked for. It computes with the CPU's kernels, so that
/// everything can be compared to the bit.
/// </summary>
internal sealed class DeviceDouble : Device
{
    private readonly CpuDevice _inner;
    private readonly bool _asynchronous;
    private List<Action>? _capturing;

    public DeviceDouble(int channelMultiple, bool asynchronous = false)
    {
        (_inner, ChannelMultiple, _asynchronous) = (new CpuDevice(2), channelMultiple, asynchronous);
        Kernels = CapturingKernels.Create(this, new CpuKernels(_inner));
    }

    public static Backend Open(int channelMultiple, bool asynchronous = false)
    {
        var device = new DeviceDouble(channelMultiple, asynchronous);
        return new Backend(device, device.Kernels);
    }

    public IKernels Kernels { get; }

    /// <summary>Graphs captured, and times one was replayed.</summary>
    public int Captured { get; private set; }

    public int Replayed { get; private set; }

    public override string Name => "a double";

    public override bool IsHost => true;

    public override int ChannelMultiple { get; }

    public override bool Captures => _asynchronous;

    public override Tensor Allocate(Shape shape, ElementType type = ElementType.Float32) =>
        _inner.Allocate(shape, type);

    public override void Free(Tensor tensor) => _inner.Free(tensor);

    public override void CopyFromHost<T>(ReadOnlySpan<T> source, Tensor destination)
    {
        RequireNoCapture();
        _inner.CopyFromHost(source, destination);
    }

    public override void CopyToHost<T>(ReadOnlyTensor source, Span<T> destination)
    {
        RequireNoCapture();
        _inner.CopyToHost(source, destination);
    }

    public override void Copy(ReadOnlyTensor source, Tensor destination) => Do(() => _inner.Copy(source, destination));

    public override void Clear(Tensor destination) => Do(() => _inner.Clear(destination));

    public override void Synchronize() => RequireNoCapture();

    public override CapturedWork Capture(Action work)
    {
        var list = _capturing = [];
        work();
        _capturing = null;
        Captured++;
        return new Recording(this, list);
    }

    public override InputChannel? OpenInputChannel(long bytes, long answer = 0) =>
        _asynchronous ? new Channel(this) : null;

    public void Do(Action work)
    {
        if (_capturing is { } list)
            list.Add(work);
        else
            work();
    }

    protected override void Dispose(bool disposing) => _inner.Dispose();

    private void RequireNoCapture()
    {
        if (_capturing is not null)
            throw new InvalidOperationException("the host waits for the device while work is captured");
    }

    private sealed class Recording(DeviceDouble device, List<Action> work) : CapturedWork
    {
        public override void Replay()
        {
            device.Replayed++;
            work.ForEach(action => action());
        }

        protected override void Dispose(bool disposing) => work.Clear();
    }

    private sealed class Channel(DeviceDouble device) : InputChannel
    {
        private readonly List<Action> _underway = [];
        private readonly int[] _asked = new int[2], _answers = new int[2];
        private byte[] _askedAll = [], _answerAll = [];
        private bool _inUse;

        public override void Begin()
        {
            Assert.That(_inUse, Is.False, "a batch was sent over one that may still be read");
            _inUse = true;
        }

        public override void Send<T>(ReadOnlySpan<T> source, Tensor destination)
        {
            var own = source.ToArray();
            _underway.Add(() => device._inner.CopyFromHost<T>(own, destination));
        }

        public override void Arrive()
        {
            _underway.ForEach(copy => copy());
            _underway.Clear();
        }

        public override void Ask(ReadOnlyTensor source, int slot) =>
            _asked[slot] = MemoryMarshal.Cast<float, int>(
                device._inner.ToHost<float>(source with { Type = ElementType.Float32 }))[0];

        public override void Release()
        {
            _asked.CopyTo(_answers, 0);
            _answerAll = _askedAll;
            _inUse = false;
        }

        public override int Answer(int slot) => _answers[slot];

        public override void AskAll(ReadOnlyTensor source) =>
            _askedAll = MemoryMarshal.AsBytes<float>(device._inner.ToHost<float>(source)).ToArray();

        public override ReadOnlySpan<byte> AnswerAll() => _answerAll;

        protected override void Dispose(bool disposing) => _underway.Clear();
    }
}

/// <summary>The CPU's kernels, written down instead of done while the double captures.</summary>
public class CapturingKernels : DispatchProxy
{
    private DeviceDouble? _device;
    private IKernels? _kernels;

    internal static IKernels Create(DeviceDouble device, IKernels kernels)
    {
        var proxy = Create<IKernels, CapturingKernels>();
        var own = (CapturingKernels)(object)proxy;
        (own._device, own._kernels) = (device, kernels);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _device!.Do(() =>
        {
            try
            {
                targetMethod!.Invoke(_kernels, args);
            }
            catch (TargetInvocationException e)
            {
                throw e.InnerException!;
            }
        });
        return null;
    }
}
