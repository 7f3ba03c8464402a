using Flixstock.Engine;

namespace Flixstock.Tests.Evaluation;

public class LabelReviewTests
{
    [Test]
    public void DisagreementsComeBeforeUnknownsEachMostConfidentFirst()
    {
        var table = new AttributeTable([new AttributeGroup("A", "a", 2), new AttributeGroup("B", "b", 3)]);
        var data = new ImageDataset(table,
        [
            new Sample("right.jpg", "", table.Labels([0, 2])),
            new Sample("wrong, it is.jpg", "", table.Labels([1, 0])),
            new Sample("unknown.jpg", "", table.Labels([-1, -1])),
        ]);
        float[] probabilities =
        [
            .99f, .01f, .1f, .1f, .95f,
            .92f, .3f, .2f, .89f, .1f, // B 1 is not confident enough
            .1f, .97f, .2f, .3f, .4f,
        ];
        var items = LabelReview.Find(probabilities, data, 0.9f);
        Assert.That(items.Select(item => (item.Sample, item.Class, item.Label, item.Kind)), Is.EqualTo(new[]
        {
            (1, "A 0", "A 1", ReviewKind.Disagree),
            (2, "A 1", "", ReviewKind.Unknown),
        }));
        Assert.That(LabelReview.ToCsv(items), Is.EqualTo("file,class,label,probability,kind\n\"wrong, it "
            + "is.jpg\",A 0,A 1,0.9200,disagree\nunknown.jpg,A 1,,0.9700,unknown\n"));
        Assert.That(LabelReview.Find([.. probabilities.Select(_ => float.NaN)], data, 0.5f), Is.Empty);
    }

    [Test]
    public void IndependentClassesAreJudgedOneByOneAlsoWhereTheModelMissesThem()
    {
        var table = AttributeTable.OfClasses(["cat", "dog", "cow"]);
        var data = new ImageDataset(table, [new Sample("a.jpg", "", [1, 0, -1]), new Sample("b.jpg", "", [1, 1, 0])]);
        float[] probabilities = [.02f, .96f, .93f, .5f, .9f, .1f];
        var items = LabelReview.Find(probabilities, data, 0.9f);
        Assert.That(
            items.Select(item => (item.File, item.Class, item.Label, item.Probability, item.Kind)),
            Is.EqualTo(new[]
            {
                ("a.jpg", "cat", "1", .02f, ReviewKind.Disagree),
                ("a.jpg", "dog", "0", .96f, ReviewKind.Disagree),
                ("a.jpg", "cow", "", .93f, ReviewKind.Unknown),
            }));
    }
}
