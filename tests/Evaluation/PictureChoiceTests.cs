using Flixstock.Engine;

namespace Flixstock.Tests.Evaluation;

/// <summary>Which pictures show what a model says, and in which order.</summary>
public sealed class PictureChoiceTests
{
    private static readonly float[] TwoClasses = [0.4f, 0.6f, 0.9f, 0.1f, 0.55f, 0.45f];

    [Test]
    public void WrongAnswersAreOfKnownLabelsTheSurestFirst()
    {
        var wrong = Of(TwoClasses, Exclusive([0, 1, -1]), [0.5f, 0.5f], most: 1).Wrong;
        Assert.That(wrong.Count, Is.EqualTo(2));
        Assert.That(wrong.Shown, Has.Count.EqualTo(1));
        Assert.That((wrong.Shown[0].Sample, wrong.Shown[0].Label, wrong.Shown[0].Class), Is.EqualTo((1, "a y", "a x")));
        Assert.That(wrong.Shown[0].Margin, Is.EqualTo(0.8f).Within(1e-6f));
        Assert.That(wrong.Of(1), Is.EqualTo("1 of 2"));
    }

    [Test]
    public void TheLeastCertainHasTheSmallestLeadWhateverItsLabel()
    {
        var least = Of(TwoClasses, Exclusive([0, 1, -1]), [0.5f, 0.5f], most: 2).LeastCertain;
        Assert.That(least.Shown.Select(answer => answer.Sample), Is.EqualTo(new[] { 2, 0 }));
        Assert.That(least.Shown[0].Label, Is.Empty);
        Assert.That(least.Shown.Select(answer => answer.IsRight), Is.EqualTo(new bool?[] { null, false }));
    }

    [Test]
    public void RightAnswersAreTheSurestOfEachClassInTurn()
    {
        float[] probabilities = [0.9f, 0.1f, 0.8f, 0.2f, 0.99f, 0.01f, 0.4f, 0.6f, 0.2f, 0.8f];
        var right = Of(probabilities, Exclusive([0, 0, 0, 1, 0]), [0.5f, 0.5f], most: 3).Right;
        Assert.That(right.Shown.Select(answer => answer.Sample), Is.EqualTo(new[] { 2, 3, 0 }));
        Assert.That(right.Count, Is.EqualTo(4));
    }

    [Test]
    public void IndependentClassesAreMeasuredByTheirOwnThresholds()
    {
        var data = Independent([1, 0]);
        var chosen = Of([0.6f, 0.3f], data, [0.7f, 0.1f], most: 5);
        Assert.That(chosen.Wrong.Count, Is.EqualTo(2), "below its own threshold, and above it");
        Assert.That(
            chosen.Wrong.Shown.Select(answer => (answer.Class, answer.Label, answer.IsThere)),
            Is.EqualTo(new[] { ("dog", "no", true), ("cat", "yes", false) }));
    }

    [Test]
    public void OfIndependentClassesEveryPictureComesOnceBeforeAnyComesTwice()
    {
        var data = Independent([1, 1], [0, 1], [0, 0]);
        var chosen = Of([0.1f, 0.2f, 0.6f, 0.9f, 0.1f, 0.3f], data, [0.5f, 0.5f], most: 3);
        Assert.That(
            chosen.Wrong.Shown.Select(answer => (answer.Sample, answer.Class)),
            Is.EqualTo(new[] { (0, "cat"), (1, "cat"), (0, "dog") }));
        Assert.That(chosen.LeastCertain.Shown.Select(answer => answer.Sample), Is.EqualTo(new[] { 1, 2, 0 }));
        Assert.That(
            chosen.Right.Shown.Select(answer => (answer.Sample, answer.Class)), Is.EqualTo(new[] { (1, "dog") }),
            "what is not on a picture is no news");
    }

    [Test]
    public void DisagreementsComeBeforeUnknownLabelsHoweverSureThoseAre()
    {
        float[] probabilities = [0.95f, 0.05f, 0.99f, 0.01f, 0.97f, 0.03f, 0.91f, 0.09f];
        var chosen = Of(probabilities, Exclusive([1, -1, -1, 1]), [0.5f, 0.5f], most: 10);
        var sheet = AnswerSheet.All(chosen, most: 3)[3];
        Assert.That(sheet.Title, Is.EqualTo("Labels to check: 2 disagree, 2 unknown"));
        Assert.That(sheet.Answers.Select(answer => answer.Sample), Is.EqualTo(new[] { 0, 3, 1 }));
        Assert.That(
            AnswerSheet.All(chosen, most: 1)[3].Answers.Select(answer => answer.Sample), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void OnlyTheFirstOfManyAreKeptInOrder()
    {
        var first = new FirstAnswers(3);
        foreach (var (i, order) in new[] { 5f, 1, 4, 1, 0, 9 }.Index())
            first.Add(new PictureAnswer(i, 0, "", "", 0, 0), order, turn: i == 4 ? 1 : 0);
        Assert.That(first.InOrder().Select(answer => answer.Sample), Is.EqualTo(new[] { 1, 3, 2 }));
        Assert.That(first.Count, Is.EqualTo(6));
    }

    [TestCase(0.934f, 1, 0, "Neck", "V-neck", "round (93\u00A0%)", AnswerMark.Wrong)]
    [TestCase(0.934f, 0, 0, "Neck", "round", "round (93\u00A0%)", AnswerMark.Right)]
    [TestCase(0.5f, -1, 0, "Neck", "unknown", "round (50\u00A0%)", AnswerMark.Unknown)]
    public void ACaptionSaysWhatTheLabelAndWhatTheModelSays(
        float probability, int truth, int answer, string subject, string label, string model, object mark)
    {
        var table = new AttributeTable([new AttributeGroup("Neck", "n", 2, ["round", "V-neck"])]);
        var data = new ImageDataset(table, [new Sample("a/b.jpg", "b", table.Labels([truth]))]);
        var probabilities = new float[2];
        (probabilities[answer], probabilities[1 - answer]) = (probability, 1 - probability);
        Assert.That(
            AnswerCaption.Of(data, Of(probabilities, data, [0.5f, 0.5f], 1).LeastCertain.Shown[0]),
            Is.EqualTo(new SheetCaption(subject, label, model, "a/b.jpg", (AnswerMark)mark)));
    }

    [TestCase(0.07f, 1, "yes", "no (7\u00A0% yes)")]
    [TestCase(0.07f, 0, "no", "no (7\u00A0% yes)")]
    [TestCase(0.93f, -1, "unknown", "yes (93\u00A0%)")]
    public void OfAnIndependentClassTheCaptionNamesTheClass(float probability, int truth, string label, string model)
    {
        var table = AttributeTable.OfClasses(["Personal flotation device"]);
        var data = new ImageDataset(table, [new Sample("b.jpg", "b", new[] { (sbyte)truth })]);
        var caption = AnswerCaption.Of(data, Of([probability], data, [0.5f], 1).LeastCertain.Shown[0]);
        Assert.That(
            (caption.Subject, caption.Label, caption.Model), Is.EqualTo(("Personal flotation device", label, model)));
    }

    [Test]
    public void ALabelThatOnlyRulesAClassOutIsSaidAsSuch()
    {
        var table = new AttributeTable([new AttributeGroup("Neck", "n", 2, ["round", "V-neck"])]);
        var data = new ImageDataset(table, [new Sample("b.jpg", "b", new sbyte[] { 0, -1 })]);
        var answer = Of([0.95f, 0.05f], data, [0.5f, 0.5f], 1).Disagreements.Shown[0];
        Assert.That(AnswerCaption.Of(data, answer).Label, Is.EqualTo("not round"));
    }

    private static PictureChoice Of(float[] probabilities, ImageDataset data, float[] thresholds, int most) =>
        PictureChoice.Of(probabilities, data, thresholds, confidence: 0.9, most);

    private static ImageDataset Independent(params sbyte[][] labels) => new(
        AttributeTable.OfClasses(["cat", "dog"]), [.. labels.Select((own, i) => new Sample($"p{i}", $"p{i}", own))]);

    private static ImageDataset Exclusive(int[] truths)
    {
        var table = new AttributeTable([new AttributeGroup("a", "a", 2, ["x", "y"])]);
        return new ImageDataset(
            table, [.. truths.Select((truth, i) => new Sample($"p{i}", $"p{i}", table.Labels([truth])))]);
    }
}
