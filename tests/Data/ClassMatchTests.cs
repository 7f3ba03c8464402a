using Flixstock.Engine;

namespace Flixstock.Tests.Data;

public class ClassMatchTests
{
    private static readonly AttributeTable Model = Of(
        ("Colour", ["red", "green", "blue"]), ("Size", ["small", "large"]));

    [Test]
    public void ClassesAndAttributesInAnotherOrderAreMatchedAndLabelsMove()
    {
        var data = Of(("Size", ["large", "small"]), ("Colour", ["blue", "red", "green"]));
        var match = ClassMatch.ByName(Model, data, out var difference)!;
        Assert.That(difference, Is.Null);
        Assert.That(match.SameOrder, Is.False);
        Assert.That(match.Attributes, Is.SameAs(Model));
        var arranged = match.Arrange(new ImageDataset(
            data, [new Sample("a", "a", data.Labels([0, 2])), new Sample("b", "b", data.Labels([-1, 0]))]));
        Assert.That(arranged.Attributes, Is.SameAs(Model));
        Assert.That(arranged.Samples[0].Labels.ToArray(), Is.EqualTo(Model.Labels([1, 1])), "green and large");
        Assert.That(arranged.Samples[1].Labels.ToArray(), Is.EqualTo(Model.Labels([2, -1])), "blue");
        Assert.That(
            match.ToData(["red", "green", "blue", "small", "large"]),
            Is.EqualTo(new[] { "large", "small", "blue", "red", "green" }));
        Assert.That(
            match.Note("run", "shop"),
            Does.StartWith("shop has the classes in another order than run").And.Contain("by name"));
    }

    [Test]
    public void SparseLabelsOfManyClassesMoveToo()
    {
        string[] names = [.. Enumerable.Range(0, 600).Select(k => $"c{k}")];
        string[] reversed = [.. names.Reverse()];
        var match = ClassMatch.ByName(AttributeTable.OfClasses(names), AttributeTable.OfClasses(reversed), out _)!;
        var arranged = match.Arrange(new ImageDataset(
            AttributeTable.OfClasses(reversed),
            [new Sample("a", "a", SampleLabels.Sparse(600, [(0, 1), (599, 0), (7, 0)]))]));
        Assert.That(
            arranged.Samples[0].Labels.Known(), Is.EqualTo(new[] { (0, (sbyte)0), (592, (sbyte)0), (599, (sbyte)1) }));
    }

    [Test]
    public void OtherNamesAreNamedMissingAndNew()
    {
        Assert.That(
            Difference(Of(("Colour", ["red", "green", "azure"]), ("Size", ["small", "large"]))),
            Is.EqualTo("Colour blue is missing and Colour azure is new"));
        Assert.That(
            Difference(Of(("Colour", ["red", "green", "blue", "teal", "mint"]), ("Size", ["small", "large"]))),
            Is.EqualTo("Colour teal, Colour mint are new"));
        Assert.That(
            Difference(Of(("Shade", ["red", "green", "blue"]), ("Size", ["small", "large"]))),
            Is.EqualTo("the attribute Colour (3) is missing and the attribute Shade (3) is new"));
        Assert.That(Difference(AttributeTable.OfClasses(["red"])), Does.Contain("missing").And.Contain("red is new"));
        Assert.That(
            Difference(new AttributeTable([Model.Groups[0], new AttributeGroup("Size", "size", 5)])),
            Does.Contain("Size (2)").And.Contain("Size (5)"));
    }

    [Test]
    public void ClassesThatOneSideOnlyNumbersAreMatchedByNumberAndGetTheNames()
    {
        var numbers = new AttributeTable([new AttributeGroup("Size", "s", 2), new AttributeGroup("Colour", "c", 3)]);
        var match = ClassMatch.ByName(numbers, Model, out _)!;
        Assert.That(
            match.Attributes.ClassNames,
            Is.EqualTo(new[] { "Size small", "Size large", "Colour red", "Colour green", "Colour blue" }));
        Assert.That(ClassMatch.ByName(Model, numbers, out _)!.Attributes, Is.SameAs(Model));
    }

    [Test]
    public void IndependentClassesMatchWhateverTheirListIsCalled() => Assert.That(
        ClassMatch.ByName(
            AttributeTable.OfClasses(["a", "b"]),
            new AttributeTable([new AttributeGroup("Things", "t", 2, ["b", "a"], Independent: true)]), out _)!
            .ToData([1, 2]),
        Is.EqualTo(new[] { 2, 1 }));

    [Test]
    public void ByPositionOnlyNumbersCount()
    {
        var data = Of(("Colour", ["a", "b", "c"]), ("Size", ["d", "e"]));
        Assert.That(ClassMatch.ByPosition(Model, data)!.Attributes, Is.SameAs(data));
        Assert.That(ClassMatch.ByPosition(Model, AttributeTable.OfClasses(["a", "b", "c", "d", "e"])), Is.Not.Null);
        Assert.That(
            ClassMatch.ByPosition(Model, AttributeTable.OfClasses(["a", "b", "c", "d", "e"]), sameGroups: true),
            Is.Null);
        Assert.That(ClassMatch.ByPosition(Model, AttributeTable.OfClasses(["a"])), Is.Null);
    }

    [Test]
    public void PartsOfADataSetAreBroughtIntoTheFirstOnesOrder()
    {
        var (first, second) = (AttributeTable.OfClasses(["a", "b"]), AttributeTable.OfClasses(["b", "a"]));
        var train = new ImageDataset(first, [new Sample("t", "t", first.Labels([0]))]);
        Assert.That(
            train.Align(new ImageDataset(second, [new Sample("v", "v", new sbyte[] { 1, 0 })])).Samples[0]
                .Labels.ToArray(),
            Is.EqualTo(new sbyte[] { 0, 1 }));
        Assert.That(
            () => train.Align(
                new ImageDataset(AttributeTable.OfClasses(["a", "c"]), [new Sample("v", "v", new sbyte[] { 1, 0 })])),
            Throws.TypeOf<InputException>().With.Message.Contains("b is missing and c is new"));
    }

    private static string? Difference(AttributeTable data)
    {
        Assert.That(ClassMatch.ByName(Model, data, out var difference), Is.Null);
        return difference;
    }

    private static AttributeTable Of(params (string Name, string[] Classes)[] attributes) =>
        Cli.NamedDatasets.Table(attributes);
}
