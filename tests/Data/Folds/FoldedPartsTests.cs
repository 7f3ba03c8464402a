using Flixstock.Engine;

namespace Flixstock.Tests.Data.Folds;

/// <summary>Folds of the pictures of two parts.</summary>
public sealed class FoldedPartsTests
{
    private static readonly AttributeTable Table =
        new([new AttributeGroup("Thing", "things", 3, ["a", "b", "c"], Independent: true)]);

    [TestCase(2)]
    [TestCase(5)]
    [TestCase(7)]
    public void EveryPictureIsValidatedOnOnceAndTrainedOnOtherwise(int count)
    {
        var (training, validation) = (Pictures("t", 17), Pictures("v", 6));
        string[] all = [.. training.Samples.Concat(validation.Samples).Select(sample => sample.File).Order()];
        var validated = new List<string>();
        for (var index = 1; index <= count; index++)
        {
            var (own, others) = Of(training, validation, new DataFold(index, count));
            Assert.That(own, Has.Length.InRange(23 / count, (23 / count) + 1));
            Assert.That(own.Concat(others).Order(), Is.EqualTo(all));
            validated.AddRange(own);
        }
        Assert.That(validated.Order(), Is.EqualTo(all));
    }

    // Of the rare class there are four: one for each fold.
    [Test]
    public void ARareClassIsInEveryFold()
    {
        var samples = Pictures("t", 40).Samples.Select((sample, i) => sample with
        {
            Labels = new sbyte[] { (sbyte)(i % 10 == 3 ? 1 : 0), 1, -1 },
        });
        var data = new ImageDataset(Table, [.. samples]);
        for (var index = 1; index <= 4; index++)
        {
            var part = FoldedParts.Of(data, null, new DataFold(index, 4), "val");
            Assert.That(part.Samples.Count(sample => sample.Labels[0] == 1), Is.EqualTo(1));
        }
    }

    [Test]
    public void TheOrderInWhichPicturesAreListedDoesNotMatter()
    {
        var data = Pictures("t", 20);
        var turned = new ImageDataset(Table, [.. data.Samples.Reverse()]);
        var fold = new DataFold(2, 3);
        Assert.That(Of(turned, null, fold).Own.Order(), Is.EqualTo(Of(data, null, fold).Own.Order()));
    }

    [Test]
    public void CopiesStayWithTheirOriginalAndAreNotValidatedOn()
    {
        var shirt = new string('s', 250);
        string[] files = [.. Enumerable.Range(0, 8).Select(i => $"p{i}.png"), $"{shirt}.png"];
        var copies = files.SelectMany(file => new[] { ChangedCopy.NameOf(file, 1), ChangedCopy.NameOf(file, 12) });
        var data = new ImageDataset(Table, [.. files.Concat(copies).Select(File), File("lonely_aug_1.jpg")]);
        for (var index = 1; index <= 3; index++)
        {
            var (own, others) = Of(data, null, new DataFold(index, 3));
            Assert.That(own.Where(file => file != "lonely_aug_1.jpg"), Is.SubsetOf(files));
            foreach (var file in files)
            {
                Assert.That(others.Contains(ChangedCopy.NameOf(file, 1)), Is.EqualTo(others.Contains(file)), file);
                Assert.That(others.Contains(ChangedCopy.NameOf(file, 12)), Is.EqualTo(others.Contains(file)), file);
            }
        }
    }

    [Test]
    public void ANameThatBothPartsHaveStaysTwoPictures()
    {
        var (own, others) = Of(Pictures("t", 5), Pictures("t", 5), new DataFold(1, 2));
        Assert.That(own.Concat(others).ToArray(), Is.Unique.And.Length.EqualTo(10).And.Contains("val/t0.png"));
    }

    [TestCase("")]
    [TestCase("1")]
    [TestCase("0/5")]
    [TestCase("6/5")]
    [TestCase("1/1")]
    [TestCase("1/101")]
    [TestCase("-1/5")]
    [TestCase("1/5/2")]
    [TestCase("a/b")]
    public void WhatIsNoFoldIsRefused(string text) =>
        Assert.That(() => DataFold.Parse(text), Throws.TypeOf<InputException>().With.Message.Contains("as 1/5"));

    [Test]
    public void MoreFoldsThanPicturesAreRefused() => Assert.That(
        () => FoldedParts.Of(Pictures("t", 3), null, new DataFold(1, 4), "val"),
        Throws.TypeOf<InputException>().With.Message.Contains("3 pictures"));

    private static (string[] Own, string[] Others) Of(ImageDataset training, ImageDataset? validation, DataFold fold)
    {
        string[] Names(string part) =>
            [.. FoldedParts.Of(training, validation, fold, part).Samples.Select(sample => sample.File)];
        return (Names("val"), Names("train"));
    }

    private static ImageDataset Pictures(string name, int count) => new(
        Table, [.. Enumerable.Range(0, count).Select(i => File($"{name}{i}.png"))]);

    private static Sample File(string file) =>
        new(file, file, new sbyte[] { (sbyte)(file.Length % 2), (sbyte)(file[^5] % 3 - 1), 0 });
}
