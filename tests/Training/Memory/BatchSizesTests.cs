using System.Globalization;
using System.Text.RegularExpressions;
using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>Which batches have batch statistics: the rule against the network itself, and advice that works.</summary>
public class BatchSizesTests
{
    [Test]
    public void TheLastStageIsAsLargeAsTheNetworks()
    {
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(
            backend, new TResNetOptions { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.0625, Classes = 2 });
        for (var size = 20; size <= 72; size += 4)
        {
            var hasStatistics = true;
            try
            {
                network.PlanTraining(1, size, size);
            }
            catch (InputException e) when (e.Message.Contains("batch statistics", StringComparison.Ordinal))
            {
                hasStatistics = false;
            }
            Assert.That(
                BatchSizes.Works(new TrainerOptions { ImageSize = size }, 1, 7), Is.EqualTo(hasStatistics),
                $"{size} pixels");
        }
    }

    [TestCase(3, 4, "the last batch of an epoch has 1 of 4 pictures", "BatchSize 2 or 4, or ImageSize 36")]
    [TestCase(5, 11, "the last batch of an epoch has 1 of 11 pictures", "BatchSize 4 or 6, or ImageSize 36")]
    [TestCase(9, 19, "the last batch of an epoch has 1 of 19 pictures", "BatchSize 8 or 10, or ImageSize 36")]
    [TestCase(2, 3, "the last batch of an epoch has 1 of 3 pictures", "BatchSize 3, or ImageSize 36")]
    [TestCase(12, 13, "the last batch of an epoch has 1 of 13 pictures", "BatchSize 11 or 13, or ImageSize 36")]
    [TestCase(1, 8, "every batch has one picture", "BatchSize 2, or ImageSize 36")]
    [TestCase(1, 7, "every batch has one picture", "BatchSize 4, or ImageSize 36")]
    [TestCase(8, 1, "there is one training picture", "give ImageSize 36")]
    public void TheMessageSaysWhatIsWrongAndWhatWorks(int batch, int pictures, string wrong, string advice)
    {
        var options = new TrainerOptions { BatchSize = batch, ImageSize = 32 };
        var message = Assert.Throws<InputException>(() => BatchSizes.Require(options, pictures))!.Message;
        Assert.That(message, Does.StartWith($"BatchSize {batch}: {wrong}, ").And
            .Contain("one picture of 32 x 32 pixels").And.Contain(advice));
        foreach (Match size in Regex.Matches(
            message, @"(?<=BatchSize (\d+ or )?)\d+(?!:|\d)", RegexOptions.None, TimeSpan.FromSeconds(1)))
        {
            Assert.That(
                () => BatchSizes.Require(
                    options with { BatchSize = int.Parse(size.Value, CultureInfo.InvariantCulture) }, pictures),
                Throws.Nothing, size.Value);
        }
        Assert.That(() => BatchSizes.Require(options with { ImageSize = 36 }, pictures), Throws.Nothing);
    }

    [TestCase(8, 64)]
    [TestCase(8, 63)]
    [TestCase(100, 9)]
    [TestCase(3, 5)]
    public void WhatLeavesTwoOrMoreIsLeftAlone(int batch, int pictures)
    {
        Assert.That(
            () => BatchSizes.Require(new TrainerOptions { BatchSize = batch, ImageSize = 32 }, pictures),
            Throws.Nothing);
        Assert.That(
            BatchSizes.Nearest(new TrainerOptions { ImageSize = 32 }, batch, pictures),
            Is.EqualTo(Math.Min(batch, pictures)));
    }
}
