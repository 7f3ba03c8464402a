using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>Scores of another model as targets of unknown labels.</summary>
[NonParallelizable]
public sealed class PseudoLabelTests
{
    private static readonly TrainerOptions Tiny = TinyTraining.Options with { Epochs = 2, Width = 0.0625 };

    private string _folder = "";
    private ImageDataset _data = null!;

    [OneTimeSetUp]
    public void MakePictures()
    {
        _folder = Directory.CreateTempSubdirectory("flixstock-pseudo").FullName;
        _data = TinyTraining.Pictures(_folder);
    }

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    // Of picture 0 the pattern is unknown, the neck and the sleeves are known.
    [Test]
    public void UnknownLabelsGetScoresAndKnownOnesStay()
    {
        var file = Write("filename,class,score\n0.png,Pattern 2,0.7\n0.png,Pattern 3,0.1\n0.png,Neck 1,0.9\n"
            + "elsewhere.png,Pattern 2,1\n");
        var (dataset, note) = file.Apply(_data);
        var soft = dataset.Samples[0].SoftLabels!;
        var pattern = _data.Attributes.Offset(2);
        Assert.That((soft[pattern + 2], soft[pattern + 3], soft[pattern]), Is.EqualTo((0.7f, 0.1f, -1f)));
        Assert.That(
            soft.Take(pattern),
            Is.EqualTo(_data.Samples[0].Labels.ToArray().Take(pattern).Select(label => (float)label)));
        Assert.That(dataset.Samples.Skip(1).All(sample => sample.SoftLabels is null));
        Assert.That(
            $"{note}", Is.EqualTo(
                $"{file.Path}: 2 pseudo-labels for 1 pictures; not used: 1 of known labels, 1 of other pictures"));
    }

    private static IEnumerable<TestCaseData> Refusals()
    {
        static TestCaseData Case(string text, string message) =>
            new TestCaseData(text, message).SetArgDisplayNames(message);
        yield return Case("filename,class,probability\n0.png,Pattern 2,0.7\n", "there is no column 'score'");
        yield return Case(
            "filename,class,score\n0.png,Collar,0.7\n", "row 2, column 'class': 'Collar' is none of the classes");
        yield return Case(
            "filename,class,score\n0.png,Pattern 2,1.5\n", "row 2, column 'score': '1.5' is no score from 0 to 1");
        yield return Case(
            "filename,class,score\n0.png,Pattern 2,NaN\n", "row 2, column 'score': 'NaN' is not a number");
        yield return Case(
            "filename,class,score\n0.png,Pattern 2,x\n", "row 2, column 'score': 'x' is not a number");
        yield return Case(
            "filename,class,score\nother/0.png,Pattern 2,0.5\n", "0 are about known labels, 1 name other pictures");
        yield return Case("filename,class,score\n", "none of its rows is about an unknown label");
    }

    [TestCaseSource(nameof(Refusals))]
    public void AWrongFileIsRefused(string text, string message)
    {
        var file = Write(text);
        Assert.That(
            () => file.Apply(_data),
            Throws.TypeOf<InputException>().With.Message.StartsWith(file.Path).And.Message.Contains(message));
    }

    [Test]
    public void AStoppedRunGoesOnToTheSameBytesAndOnlyWithTheSameFile()
    {
        var file = Write("filename,class,score\n0.png,Pattern 2,0.7\n3.png,Pattern 4,0.2\n");
        var options = Tiny with { PseudoLabels = file, CustomLoss = new SoftTargetLoss.Description() };
        Train("whole", options);
        Train("hard", Tiny with { CustomLoss = new SoftTargetLoss.Description() });
        Assert.That(Bytes("hard"), Same.Not(Bytes("whole")), "scores count");
        Train("stopped", options, stopAfter: 4);
        var saved = TrainingRun.OptionsIn(Path.Combine(_folder, "stopped"))!;
        Train("stopped", saved, resume: true);
        Assert.That(Bytes("stopped"), Same.As(Bytes("whole")));
        File.AppendAllText(file.Path, "6.png,Pattern 1,0.5\n");
        Assert.That(
            () => Train("stopped", saved, resume: true),
            Throws.TypeOf<InputException>().With.Message.Contains("the pseudo-labels have changed"));
    }

    [Test]
    public void ALossThatReadsNoScoresIsRefused()
    {
        var file = Write("filename,class,score\n0.png,Pattern 2,0.7\n");
        Assert.That(
            () => Train("selective", Tiny with { PseudoLabels = file }),
            Throws.TypeOf<InputException>().With.Message.Contains("give a loss that reads them"));
    }

    private PseudoLabelFile Write(string text)
    {
        var path = Path.Combine(_folder, "scores.csv");
        File.WriteAllText(path, text);
        return PseudoLabelFile.Of(path);
    }

    private void Train(string name, TrainerOptions options, bool resume = false, int stopAfter = int.MaxValue) =>
        TinyTraining.Train(Path.Combine(_folder, name), _data, options, resume, stopAfter);

    private byte[] Bytes(string run) => File.ReadAllBytes(Path.Combine(_folder, run, "last.safetensors"));
}
