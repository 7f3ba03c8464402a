using Flixstock.Engine;
using Flixstock.Tests.Models;

namespace Flixstock.Tests.Weights;

/// <summary>States that are read from the device while they are written, so that nothing is in memory twice.</summary>
public sealed class PresentStateTests
{
    [Test]
    public void APresentStateFollowsTheNetworkAndACopyDoesNot()
    {
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(backend, TinyNetworkGoldenTests.Options());
        network.Initialize(1);
        var present = network.PresentState(network.Buffer.Values, network.BatchesTracked);
        var copy = network.ToStateDict();
        Assert.That(Bytes(present), Same.As(Bytes(copy)));
        network.Initialize(2);
        Assert.That(Bytes(present), Same.Not(Bytes(copy)));
        Assert.That(Bytes(present), Same.As(Bytes(network.ToStateDict())));
    }

    [Test]
    public void ElementsAreMadeOnceWhileAFileIsWritten()
    {
        var made = 0;
        var state = new StateDict();
        state.Metadata["format"] = "flixstock test";
        state.Add(StateTensors.From("a", [3], () =>
        {
            made++;
            return new byte[12];
        }));
        Bytes(state);
        Assert.That(made, Is.EqualTo(1));
    }

    [Test]
    public void AStreamThatCannotBeRewoundGetsTheSameBytes([Values("flixstock test", "pt")] string format)
    {
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(backend, TinyNetworkGoldenTests.Options());
        network.Initialize(3);
        var state = network.PresentState(network.Buffer.Values, network.BatchesTracked);
        state.Metadata["format"] = format;
        using var inner = new MemoryStream();
        using (var pipe = new ForwardOnly(inner))
            SafetensorsFile.Write(pipe, state);
        Assert.That(inner.ToArray(), Same.As(Bytes(state)));
    }

    [Test]
    public void AFileThatBeginsInTheMiddleOfAStreamIsWhole()
    {
        var state = new StateDict();
        state.Metadata["format"] = "flixstock test";
        state.Add(StateTensors.From("a", [2], [1f, 2f]));
        using var stream = new MemoryStream();
        stream.Write([1, 2, 3]);
        SafetensorsFile.Write(stream, state);
        Assert.That(stream.Position, Is.EqualTo(stream.Length));
        Assert.That(stream.ToArray()[3..], Same.As(Bytes(state)));
    }

    [Test]
    public void ElementsOfAnotherNumberAreRefused()
    {
        var state = new StateDict();
        state.Add(StateTensors.From("a", [3], () => new byte[8]));
        Assert.That(() => Bytes(state), Throws.ArgumentException.With.Message.Contain("'a'").And.Message.Contain("8"));
    }

    private static byte[] Bytes(StateDict state)
    {
        using var stream = new MemoryStream();
        SafetensorsFile.Write(stream, state);
        return stream.ToArray();
    }

    private sealed class ForwardOnly(Stream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
