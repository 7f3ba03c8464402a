namespace Flixstock.Engine;

/// <summary>A batch's place on the device, its way there, and what the host knows of the step that reads it.</summary>
internal sealed class StepInput : IDisposable
{
    private const int SkipSlot = 0, LossSlot = 1;
    private readonly Device _device;
    private readonly Tensor _pixels, _labels;
    private readonly InputChannel? _channel;
    private readonly int[] _samples;

    public StepInput(Device device, Shape pixels, Shape labels)
    {
        _device = device;
        _pixels = device.Allocate(pixels, ElementType.UInt8);
        _labels = device.Allocate(labels, ElementType.Int8);
        _channel = device.OpenInputChannel(_pixels.Bytes + _labels.Bytes);
        _samples = new int[pixels.Batch];
    }

    /// <summary>True if copies run beside the computation and results are read a step late.</summary>
    public bool IsAsynchronous => _channel is not null;

    /// <summary>[N, H, W, 3] of the present batch.</summary>
    public Tensor Pixels { get; private set; }

    /// <summary>[N, classes] of the present batch.</summary>
    public Tensor Labels { get; private set; }

    /// <summary>Number of the step, for messages.</summary>
    public int Step { get; set; }

    /// <summary>Counts of training passes when the step was queued.</summary>
    public long[] Tracked { get; init; } = [];

    /// <summary>What the step changes before it is known to be good, as it was before.</summary>
    public required StepSnapshot Before { get; init; }

    /// <summary>[pictures] the present batch, as numbers of samples.</summary>
    public int[] Samples => _samples.AsSpan(0, Pixels.Shape.Batch).ToArray();

    /// <summary>The next batch has so many pictures.</summary>
    public void Resize(int count)
    {
        Pixels = _pixels.Slice(0, new Shape(count, _pixels.Shape.Height, _pixels.Shape.Width, 3));
        Labels = _labels.Slice(0, new Shape(count, _labels.Shape.Channels));
    }

    /// <summary>Sends a batch on its way.</summary>
    public void Fill(Batch batch)
    {
        Resize(batch.Count);
        batch.SampleIndices.AsSpan(0, batch.Count).CopyTo(_samples);
        var pixels = batch.Pixels.AsSpan(0, (int)Pixels.Count);
        var labels = batch.Labels.AsSpan(0, (int)Labels.Count);
        if (_channel is null)
        {
            _device.CopyFromHost<byte>(pixels, Pixels);
            _device.CopyFromHost<sbyte>(labels, Labels);
            return;
        }
        _channel.Begin();
        _channel.Send<byte>(pixels, Pixels);
        _channel.Send<sbyte>(labels, Labels);
        _channel.Arrive();
    }

    /// <summary>After the step was queued: its results will be wanted.</summary>
    public void Ask(Tensor skip, Tensor loss)
    {
        _channel?.Ask(skip, SkipSlot);
        _channel?.Ask(loss, LossSlot);
        _channel?.Release();
    }

    /// <summary>The step's results; waits for that step, not for what was queued after it.</summary>
    public (bool Skipped, float Loss) Answer(Tensor skip, Tensor loss) => _channel is { } channel
        ? (channel.Answer(SkipSlot) != 0, BitConverter.Int32BitsToSingle(channel.Answer(LossSlot)))
        : (Read(skip) != 0, BitConverter.Int32BitsToSingle(Read(loss)));

    public void Dispose()
    {
        _channel?.Dispose();
        Before.Dispose();
        _device.Free(_pixels);
        _device.Free(_labels);
    }

    private int Read(Tensor tensor)
    {
        Span<int> value = stackalloc int[1];
        _device.CopyToHost(tensor, value);
        return value[0];
    }
}
