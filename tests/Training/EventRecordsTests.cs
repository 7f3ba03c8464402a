using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>TensorFlow's records, byte by byte, and what is read of files that were cut or changed.</summary>
public sealed class EventRecordsTests
{
    // A double of 1 in the first field; lengths and masked checksums computed bit by bit elsewhere.
    [Test]
    public void ARecordIsWhatTheFormatSays()
    {
        var record = EventRecords.Write(new Event { WallTime = 1 });
        Assert.That(
            Convert.ToHexStringLower(record),
            Is.EqualTo("0900000000000000" + "37f97139" + "09000000000000f03f" + "5ca6b2d1"));
    }

    [Test]
    public void WhatIsWrittenIsRead()
    {
        var file = Enumerable.Range(0, 3).SelectMany(step => EventRecords.Write(Scalar(step))).ToArray();
        Assert.That(EventRecords.Read(file).Select(record => record.Entry.Step), Is.EqualTo(new[] { 0, 1, 2 }));
        Assert.That(EventRecords.Read(file).SelectMany(record => record.Record.ToArray()), Is.EqualTo(file));
    }

    [Test]
    public void ReadingEndsBeforeTheFirstRecordThatIsNotWhole()
    {
        var one = EventRecords.Write(Scalar(1));
        byte[] file = [.. one, .. EventRecords.Write(Scalar(2))];
        for (var length = 0; length < file.Length; length++)
        {
            Assert.That(
                EventRecords.Read(file.AsMemory(0, length)).Count(), Is.EqualTo(length < one.Length ? 0 : 1),
                $"{length}");
        }
        for (var at = 0; at < one.Length; at++)
        {
            var damaged = file.ToArray();
            damaged[at] ^= 0x10;
            Assert.That(EventRecords.Read(damaged), Is.Empty, $"{at}");
        }
    }

    private static Event Scalar(int step) => new()
    {
        Step = step,
        Summary = new Summary { Value = { new Summary.Types.Value { Tag = "step/loss", SimpleValue = 0.5f } } },
    };
}
