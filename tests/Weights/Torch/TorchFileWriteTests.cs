using System.Buffers.Binary;
using Flixstock.Engine;

namespace Flixstock.Tests.Weights;

/// <summary>Files we write: read back, laid out as PyTorch lays them out, and converted both ways.</summary>
[TestFixture]
public sealed class TorchFileWriteTests
{
    private static StateDict AllTypes()
    {
        var state = new StateDict();
        foreach (var (type, number) in Enum.GetValues<StateType>().Select((type, number) => (type, number)))
        {
            state.Add(new StateTensor(
                $"t.{type}", type, [2, number + 1],
                Enumerable.Range(0, 2 * (number + 1) * type.Size()).Select(i => (byte)(i % 2)).ToArray()));
        }
        state.Add(StateTensors.From("scalar", 7L));
        state.Add(StateTensors.From("empty", [0, 3], []));
        return state;
    }

    private static byte[] Written(StateDict state, int? classes = null, IReadOnlyDictionary<int, string>? names = null)
    {
        using var stream = new MemoryStream();
        TorchFile.Write(stream, state, classes, names);
        return stream.ToArray();
    }

    [Test]
    public void EveryElementTypeComesBackBitForBit()
    {
        var state = AllTypes();
        var back = WeightsFile.Parse(Written(state), "x.pth").State;
        Assert.That(
            back.Select(tensor => (tensor.Name, tensor.Type, tensor.ShapeText)),
            Is.EqualTo(state.Select(tensor => (tensor.Name, tensor.Type, tensor.ShapeText))));
        foreach (var tensor in state)
            Assert.That(back[tensor.Name].Data.ToArray(), Same.As(tensor.Data.ToArray()), tensor.Name);
    }

    // LONG1 is how Python pickles what does not fit 32 bits.
    [Test]
    public void NumbersOf64BitsAreWholeNumbersAndLongerOnesAreBig()
    {
        static object? Number(params byte[] bytes)
        {
            byte[] pickle = [0x80, 2, 0x8a, (byte)bytes.Length, .. bytes, (byte)'.'];
            return new PickleReader(
                new ByteCursor(pickle), new ReadBudget(0), _ => throw new InvalidOperationException()).Read();
        }
        Assert.That(Number(0, 0, 0, 0, 1), Is.TypeOf<long>().And.EqualTo(1L << 32));
        Assert.That(Number(0, 0, 0, 0, 0, 0, 0, 0x80), Is.TypeOf<long>().And.EqualTo(long.MinValue));
        Assert.That(Number(0, 0, 0, 0, 0, 0, 0, 0x80, 0), Is.TypeOf<System.Numerics.BigInteger>());
    }

    [Test]
    public void TheSameContentsGiveTheSameBytesAndRecordsBeginAtMultiplesOf64()
    {
        var bytes = Written(AllTypes());
        Assert.That(Written(AllTypes()), Is.EqualTo(bytes));
        var at = 0;
        while (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)) == 0x04034b50)
        {
            var (name, extra, size) = (
                BitConverter.ToUInt16(bytes, at + 26), BitConverter.ToUInt16(bytes, at + 28),
                BitConverter.ToInt32(bytes, at + 18));
            Assert.That((at + 30 + name + extra) % 64, Is.Zero);
            at += 30 + name + extra + size;
        }
        Assert.That(at, Is.GreaterThan(64 * AllTypes().Count));
    }

    [Test]
    public void ClassesNamesAndMetadataComeAlongBothWays()
    {
        using var folder = new TemporaryFolder();
        var state = AllTypes();
        state.Metadata["note"] = "two\nlines, é";
        var names = new Dictionary<int, string> { [0] = "/m/01", [70000] = "/m/é" };
        File.WriteAllBytes(folder["a.pth"], Written(state, 70001, names));
        WeightsFile.Read(folder["a.pth"]).Write(folder["b.safetensors"]);
        WeightsFile.Read(folder["b.safetensors"]).Write(folder["c.pth"]);
        Assert.That(File.ReadAllBytes(folder["c.pth"]), Same.As(File.ReadAllBytes(folder["a.pth"])));
        var file = WeightsFile.Read(folder["b.safetensors"]);
        Assert.That((file.Classes, file.State.Metadata["note"]), Is.EqualTo((70001, "two\nlines, é")));
        Assert.That(file.ClassNames, Is.EquivalentTo(names));
    }

    [Test]
    public void AnUnknownEndingIsRefused()
    {
        Assert.That(
            () => WeightsFile.RequireKnownEnding("weights.bin"),
            Throws.TypeOf<InputException>().With.Message.Contains("weights.bin"));
    }
}
