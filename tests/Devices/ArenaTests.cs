using CsCheck;
using Flixstock.Engine;

namespace Flixstock.Tests.Tensors;

public class ArenaTests
{
    // A step as a list of (what to take, when to release), played on any arena.
    private static List<Tensor> Play(TensorArena arena, (int Floats, int ReleasedAfter)[] step)
    {
        var taken = new List<Tensor>();
        for (var i = 0; i < step.Length; i++)
        {
            taken.Add(arena.Take(new Shape(step[i].Floats)));
            for (var j = 0; j <= i; j++)
            {
                if (step[j].ReleasedAfter == i - j)
                    arena.Release(taken[j]);
            }
        }
        arena.Reset();
        return taken;
    }

    private static readonly Gen<(int, int)[]> Steps = Gen.Select(Gen.Int[1, 5000], Gen.Int[0, 8]).Array[1, 40];

    [Test]
    public void TensorsThatLiveAtTheSameTimeNeverShareMemory() => Steps.Sample(step =>
    {
        using var device = new CpuDevice(1);
        var recording = new RecordingArena();
        Play(recording, step);
        using var planned = new PlannedArena(device, recording.Lifetimes);
        var tensors = Play(planned, step);
        var lives = recording.Lifetimes;
        for (var a = 0; a < step.Length; a++)
        {
            for (var b = 0; b < a; b++)
            {
                var together = lives[a].Taken < lives[b].Released && lives[b].Taken < lives[a].Released;
                var apart = tensors[a].Address + tensors[a].Bytes <= tensors[b].Address
                    || tensors[b].Address + tensors[b].Bytes <= tensors[a].Address;
                Assert.That(!together || apart, $"tensors {b} and {a} overlap");
            }
        }
    }, iter: 100);

    [Test]
    public void AddressesRepeatFromStepToStep()
    {
        (int, int)[] step = [(100, 2), (300, 0), (50, 1), (700, 9), (100, 0)];
        using var device = new CpuDevice(1);
        var recording = new RecordingArena();
        Play(recording, step);
        using var planned = new PlannedArena(device, recording.Lifetimes);
        var first = Play(planned, step);
        Assert.That(Play(planned, step), Is.EqualTo(first));
    }

    [Test]
    public void ReleasedMemoryIsUsedAgain()
    {
        using var device = new CpuDevice(1);
        var recording = new RecordingArena();
        for (var i = 0; i < 10; i++)
            recording.Release(recording.Take(new Shape(1 << 20)));
        using var planned = new PlannedArena(device, recording.Lifetimes);
        Assert.That(
            planned.Bytes, Is.LessThan(5 << 20), "ten tensors of 4 MiB that never live together need the room of one");
    }

    [Test]
    public void AStepThatDiffersFromItsPlanIsRefused()
    {
        using var device = new CpuDevice(1);
        var recording = new RecordingArena();
        recording.Take(new Shape(10));
        using var planned = new PlannedArena(device, recording.Lifetimes);
        Assert.That(
            () => planned.Take(new Shape(11)), Throws.InvalidOperationException.With.Message.Contains("request 0"));
    }

    [Test]
    public void ReleasingTwiceIsAnError()
    {
        using var device = new CpuDevice(1);
        using var arena = new DynamicArena(device);
        var tensor = arena.Take(new Shape(4));
        arena.Release(tensor);
        Assert.That(() => arena.Release(tensor), Throws.ArgumentException);
    }

    [Test]
    public void FreeingTwiceIsAnError()
    {
        using var device = new CpuDevice(1);
        var tensor = device.Allocate(new Shape(4));
        device.Free(tensor);
        Assert.That(() => device.Free(tensor), Throws.ArgumentException.With.Message.Contains("freed twice"));
    }

    [Test]
    public void SlicesAndViewsStayInside()
    {
        using var device = new CpuDevice(1);
        var tensor = device.Allocate(new Shape(2, 3, 4, 5));
        Assert.That(tensor.Slice(60, new Shape(60)).Address, Is.EqualTo(tensor.Address + 240));
        Assert.That(() => tensor.Slice(61, new Shape(60)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => tensor.Reshape(new Shape(119)), Throws.ArgumentException.With.Message.Contains("120 against 119"));
    }
}
