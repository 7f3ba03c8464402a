using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>The parts of loading that are timed are all of it, and nothing else.</summary>
public sealed class LoadingTimesTests
{
    [Test]
    public void EveryPartOfEveryPictureIsTimedOnce()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Csv(folder);
        var options = new BatchLoaderOptions
        {
            Preparation = new(24),
            Augmentation = AugmentationKind.Garments,
            Time = new Counter(),
        };
        var samples = new DatasetSource(folder.Path).Load("train").Samples;
        var eight = TimeSpan.FromSeconds(8);
        var times = LoadingTimes.Of(samples, options, default);
        Assert.That(times, Is.EqualTo(new LoadingTimes(eight, eight, eight, eight)));
        Assert.That(times.Whole, Is.EqualTo(4 * eight));

        ShardPacker.Pack(
            new DatasetSource(folder.Path), folder["raw"], new ShardPackerOptions { Raw = options.Preparation });
        samples = new DatasetSource(folder["raw"]).Load("train").Samples;
        Assert.That(
            LoadingTimes.Of(samples, options, default),
            Is.EqualTo(new LoadingTimes(eight, TimeSpan.Zero, TimeSpan.Zero, eight)), "nothing is decoded");
    }

    [Test]
    public void APictureThatCannotBeReadIsNamed()
    {
        using var folder = new TemporaryFolder();
        var bad = new Sample("bad.jpg", folder.Write("bad.jpg", "no picture"), [1]);
        Assert.That(
            () => LoadingTimes.Of([bad], new BatchLoaderOptions(), default),
            Throws.InstanceOf<InputException>().With.Message.Contains(bad.Path));
    }

    /// <summary>A second goes by whenever it is looked at.</summary>
    private sealed class Counter : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _seconds++;
    }
}
