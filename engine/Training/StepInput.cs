using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>A batch's place on the device, its way there, and what the host knows of the step that reads it.</summary>
internal sealed class StepInput : IDisposable
{
    private const int SkipSlot = 0, LossSlot = 1;
    private readonly Device _device;
    private readonly Tensor _pixels, _labels;
    private readonly float[] _targets; // labels as soft targets
    private readonly int[] _position = new int[2];
    private readonly InputChannel? _channel;
    private int[] _samples = [];
    private int _pictures;

    /// <summary>Allocates for the largest batch.</summary>
    /// <param name="device">The device that holds the tensors.</param>
    /// <param name="pixels">[N, H, W, 3]</param>
    /// <param name="labels">[N, classes]</param>
    /// <param name="loss">The loss, which reads the labels and perhaps the position.</param>
    /// <param name="needsPosition">True if the network reads the position.</param>
    /// <param name="answer">Bytes of the scores that are read after each step; 0: none are.</param>
    public StepInput(Device device, Shape pixels, Shape labels, Loss loss, bool needsPosition, long answer = 0)
    {
        _device = device;
        _pixels = device.Allocate(pixels, ElementType.UInt8);
        _labels = device.Allocate(labels, loss.LabelType);
        _targets = loss.LabelType == ElementType.Float32 ? new float[labels.Count] : [];
        Position = needsPosition || loss.NeedsPosition ? device.Allocate(new Shape(2), ElementType.Int32) : Tensor.None;
        _channel = device.OpenInputChannel(
            _pixels.Bytes + _labels.Bytes + (Position.Exists ? Position.Bytes : 0), answer);
    }

    /// <summary>True if copies run in parallel with the computation and results are read a step late.</summary>
    public bool IsAsynchronous => _channel is not null;

    /// <summary>[N, H, W, 3] of the present batch.</summary>
    public Tensor Pixels { get; private set; }

    /// <summary>[N, classes] of the present batch.</summary>
    public Tensor Labels { get; private set; }

    /// <summary>[2] Int32, epoch and step; <see cref="Tensor.None"/> if nothing reads it.</summary>
    public Tensor Position { get; }

    /// <summary>Number of the step, for messages.</summary>
    public int Step { get; set; }

    /// <summary>Counts of training passes when the step was queued.</summary>
    public long[] Tracked { get; init; } = [];

    /// <summary>Copies of everything that a step changes before it is known to be good.</summary>
    public required StepSnapshot Before { get; init; }

    /// <summary>
    /// [pictures] the present update, as numbers of samples; mixed pictures are made of the same ones.
    /// </summary>
    public ReadOnlySpan<int> Samples => _samples.AsSpan(0, _pictures);

    /// <summary>As <see cref="Samples"/>, without a new array.</summary>
    public void CopySamples(Span<int> destination) => Samples.CopyTo(destination);

    /// <summary>Sets the number of pictures of the next batch.</summary>
    public void Resize(int count)
    {
        Pixels = _pixels.Slice(0, new Shape(count, _pixels.Shape.Height, _pixels.Shape.Width, 3));
        Labels = _labels.Slice(0, new Shape(count, _labels.Shape.Channels));
    }

    /// <summary>Keeps which pictures the update has.</summary>
    public void Note(Batch batch)
    {
        _pictures = batch.Samples;
        if (_samples.Length < _pictures)
            _samples = new int[_pictures];
        batch.SampleIndices.AsSpan(0, _pictures).CopyTo(_samples);
    }

    /// <summary>Sends a batch, or a part of it, on its way.</summary>
    /// <param name="batch">Pictures and labels.</param>
    /// <param name="part">The pictures to send.</param>
    /// <param name="epoch">Number of the epoch, from 1.</param>
    /// <param name="number">Number of the part among those of all steps, from 1.</param>
    public void Fill(Batch batch, Range part, int epoch, int number)
    {
        var (first, count) = part.GetOffsetAndLength(batch.Count);
        Resize(count);
        (_position[0], _position[1]) = (epoch, number);
        _channel?.Begin();
        var pixels = (int)(Pixels.Count / count);
        Send<byte>(batch.Pixels.AsSpan(first * pixels, count * pixels), Pixels);
        var classes = Labels.Shape.Channels;
        if (_targets.Length > 0)
            Send<float>(Targets(batch, first * classes), Labels);
        else
            Send<sbyte>(batch.Labels.AsSpan(first * classes, count * classes), Labels);
        if (Position.Exists)
            Send<int>(_position, Position);
        _channel?.Arrive();
    }

    /// <summary>After a part was queued whose results nobody wants.</summary>
    public void Leave() => _channel?.Release();

    /// <summary>After the step was queued: its results will be wanted.</summary>
    /// <param name="skip">Whether it changed nothing.</param>
    /// <param name="loss">Its loss.</param>
    /// <param name="scores">[N, classes] its scores; may not exist.</param>
    public void Ask(Tensor skip, Tensor loss, Tensor scores)
    {
        _channel?.Ask(skip, SkipSlot);
        _channel?.Ask(loss, LossSlot);
        if (scores.Exists)
            _channel?.AskAll(scores);
        _channel?.Release();
    }

    /// <summary>The step's results; waits for that step, not for what was queued after it.</summary>
    public (bool Skipped, float Loss) Answer(Tensor skip, Tensor loss) => _channel is { } channel
        ? (channel.Answer(SkipSlot) != 0, BitConverter.Int32BitsToSingle(channel.Answer(LossSlot)))
        : (Read(skip) != 0, BitConverter.Int32BitsToSingle(Read(loss)));

    /// <summary>Reads the step's scores; waits for that step, not for what was queued after it.</summary>
    /// <param name="scores">As given to <see cref="Ask"/>.</param>
    /// <param name="destination">As many numbers or more.</param>
    public void ReadScores(Tensor scores, Span<float> destination)
    {
        if (_channel is { } channel)
            MemoryMarshal.Cast<byte, float>(channel.AnswerAll()).CopyTo(destination);
        else
            _device.CopyToHost(scores, destination[..(int)scores.Count]);
    }

    public void Dispose()
    {
        _channel?.Dispose();
        Before.Dispose();
        _device.Free(_pixels);
        _device.Free(_labels);
        if (Position.Exists)
            _device.Free(Position);
    }

    private void Send<T>(ReadOnlySpan<T> values, Tensor destination) where T : unmanaged
    {
        if (_channel is null)
            _device.CopyFromHost(values, destination);
        else
            _channel.Send(values, destination);
    }

    private ReadOnlySpan<float> Targets(Batch batch, int first)
    {
        var count = (int)Labels.Count;
        return batch.SoftLabels is { } soft
            ? soft.AsSpan(first, count)
            : SoftTargets.From(batch.Labels.AsSpan(first, count), _targets);
    }

    private int Read(Tensor tensor)
    {
        Span<int> value = stackalloc int[1];
        _device.CopyToHost(tensor, value);
        return value[0];
    }
}
