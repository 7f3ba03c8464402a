using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Flixstock.Engine;

namespace Flixstock.Tests.Weights;

public class SafetensorsFileTests
{
    private static byte[] FileOf(string header, int dataBytes, long? claimedLength = null)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, claimedLength ?? text.Length);
        text.CopyTo(bytes, 8);
        return bytes;
    }

    private static byte[] Written(StateDict state)
    {
        using var stream = new MemoryStream();
        SafetensorsFile.Write(stream, state);
        return stream.ToArray();
    }

    private static StateDict Example()
    {
        var state = new StateDict();
        state.Metadata["b"] = "two \"quoted\" é 🙂";
        state.Metadata["a"] = "1";
        state.Add(StateTensors.From("odd", [3], [1f, 2f, float.NaN]));
        state.Add(StateTensors.From("count", 5_000_000_000));
        state.Add(StateTensors.From("empty", [0, 4], []));
        state.Add(new StateTensor("flag", StateType.Bool, [1], new byte[] { 1 }));
        return state;
    }

    [Test]
    public void WhatIsWrittenIsReadAgainInOrder()
    {
        var read = SafetensorsFile.Parse(Written(Example()), "x");
        Assert.That(read.Names, Is.EqualTo(new[] { "odd", "count", "empty", "flag" }));
        Assert.That(read.Metadata, Is.EqualTo(Example().Metadata));
        Assert.That(read["odd"].ToFloats(), Is.EqualTo(new[] { 1f, 2f, float.NaN }));
        Assert.That(read["count"].ToIntegers(), Is.EqualTo(new[] { 5_000_000_000 }));
        Assert.That(read["empty"].Shape, Is.EqualTo(new[] { 0, 4 }));
        Assert.That(read["flag"].Type, Is.EqualTo(StateType.Bool));
    }

    [Test]
    public void TheSameContentsGiveTheSameBytesAndAlignedData()
    {
        var bytes = Written(Example());
        Assert.That(Written(Example()), Is.EqualTo(bytes));
        Assert.That(
            Written(SafetensorsFile.Parse(bytes, "x")), Is.EqualTo(bytes), "reading and writing changes nothing");
        var header = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.That(header % 8, Is.Zero);
        Assert.That(
            Encoding.UTF8.GetString(bytes, 8, (int)header),
            Does.Contain("\"count\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}"),
            "8-byte elements come first, so that each is aligned");
    }

    private static StateDict OfOurFormat()
    {
        var state = Example();
        state.Metadata["format"] = "flixstock example";
        return state;
    }

    [Test]
    public void FilesOfOurFormatsCarryAChecksumThatIsNoPartOfTheModel()
    {
        var bytes = Written(OfOurFormat());
        Assert.That(Encoding.UTF8.GetString(bytes), Does.Contain("\"checksum\":\"xxh128:"));
        var read = SafetensorsFile.Parse(bytes, "x");
        Assert.That(read.Metadata, Is.EqualTo(OfOurFormat().Metadata));
        Assert.That(Written(read), Is.EqualTo(bytes));
        Assert.That(
            Encoding.UTF8.GetString(Written(Example())), Does.Not.Contain("checksum"),
            "another program's metadata is left alone");
    }

    [Test]
    public void EveryChangedBitIsNoticedOrChangesNothing()
    {
        var bytes = Written(OfOurFormat());
        var headerEnd = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var name = bytes.AsSpan().IndexOf("\"checksum\""u8);
        for (var place = 0; place < bytes.Length; place++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                bytes[place] ^= (byte)(1 << bit);
                // An entry of another name, or of a kind that a later version may write, is no checksum: the rest of
                // the file is as it was.
                var inName = place >= name && place < name + "\"checksum\":\"xxh128:".Length;
                if (!inName)
                {
                    Assert.Throws<InputException>(
                        () => SafetensorsFile.Parse(bytes, "x"), $"bit {bit} of byte {place}");
                }
                else if (TryParse(bytes) is { } state)
                {
                    Assert.That(state["odd"].ToFloats(), Is.EqualTo(new[] { 1f, 2f, float.NaN }));
                }
                bytes[place] ^= (byte)(1 << bit);
            }
        }

        bytes[headerEnd] ^= 1;
        Assert.That(Assert.Throws<InputException>(() => SafetensorsFile.Parse(bytes, "model.safetensors"))!.Message,
            Does.StartWith("model.safetensors: its checksum is wrong").And.Contain("damaged").And
                .Contain("'checksum'"));
    }

    private static StateDict? TryParse(byte[] bytes)
    {
        try
        {
            return SafetensorsFile.Parse(bytes, "x");
        }
        catch (InputException)
        {
            return null;
        }
    }

    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 4, "cut off")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}", 8, "claims bytes -8 to 0")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8, "claims bytes 8 to 0")]
    [TestCase(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,99999999999999999999]}}", 8,
        "99999999999999999999")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,9]}}", 8, "3 data offsets")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8, "8 bytes")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8, "the extent -2")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,8]}}", 8, "the extent 1.5")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967298],\"data_offsets\":[0,8]}}", 8, "the extent 4294967298")]
    [TestCase(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,2147483647],\"data_offsets\":[0,8]}}", 8,
        "more elements")]
    [TestCase(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1073741824,1073741824,4],\"data_offsets\":[0,0]}}", 0, "'a' has shape")]
    [TestCase("{\"a\":{\"dtype\":\"F8\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "unknown type 'F8'")]
    [TestCase("{\"a\":{\"dtype\":\"0\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "unknown type '0'")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, "does not parse")]
    [TestCase(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,"
            + "8]},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
        16, "two tensors are named 'a'")]
    [TestCase(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,"
            + "8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
        12, "'b' overlaps")]
    [TestCase(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,"
            + "8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        8, "overlaps")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12, "belong to no tensor")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 12, "4 bytes at its end")]
    [TestCase("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "'k' twice")]
    [TestCase("{\"__metadata__\":{\"k\":1}}", 0, "does not parse")]
    [TestCase("[]", 0, "does not parse")]
    [TestCase("{\"a\":", 0, "does not parse")]
    public void ABrokenFileIsOneLineThatNamesItAndSaysWhy(string header, int dataBytes, string why)
    {
        Assert.That(() => SafetensorsFile.Parse(FileOf(header, dataBytes), "w.safetensors"),
            Throws.TypeOf<InputException>().With.Message.StartsWith("w.safetensors: ").And.Message.Contains(why).And
                .Message.Not.Contains("\n"));
    }

    [TestCase(-1)]
    [TestCase(0)]
    [TestCase(1000)]
    [TestCase(200_000_000)]
    [TestCase(long.MaxValue)]
    public void AHeaderLengthThatCannotBeIsRefusedBeforeAnythingIsAllocated(long length)
    {
        Assert.That(
            () => SafetensorsFile.Parse(FileOf("{}", 4, length), "w"),
            Throws.TypeOf<InputException>().With.Message.Contains($"claims {length} bytes"));
    }

    [Test]
    public void AMissingFileAnEmptyFileAndAFolderAreNamed()
    {
        var folder = Directory.CreateTempSubdirectory("flixstock-safetensors-").FullName;
        var empty = Path.Combine(folder, "empty.safetensors");
        File.WriteAllBytes(empty, []);
        Assert.That(
            () => SafetensorsFile.Read(Path.Combine(folder, "none.safetensors")),
            Throws.TypeOf<InputException>().With.Message.Contains("none.safetensors: there is no such file"));
        Assert.That(
            () => SafetensorsFile.Read(empty), Throws.TypeOf<InputException>().With.Message.Contains("it has 0 bytes"));
        Assert.That(
            () => SafetensorsFile.Read(folder),
            Throws.TypeOf<InputException>().With.Message.Contains("cannot be read"));
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public void NoDamagedByteLeadsToAnythingButAnInputException()
    {
        var good = Written(Example());
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((position, value, length) =>
        {
            var bad = good[..Math.Max(length, position + 1)];
            bad[position] = value;
            try
            {
                SafetensorsFile.Parse(bad, "damaged");
            }
            catch (InputException)
            {
                // the only way to fail
            }
        }, iter: 2000);
    }
}
