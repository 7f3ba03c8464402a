using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary>What is taken where a command line leaves data, weights or results out.</summary>
public sealed class DefaultPlacesTests
{
    private TemporaryFolder _folder = null!;
    private DefaultPlaces _places = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = new TemporaryFolder();
        Directory.CreateDirectory(_folder["here"]);
        _places = new DefaultPlaces(_folder["here"]);
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("here", "here")]
    [TestCase("here/data", "here/data")]
    [TestCase("here/garments", "here/garments")]
    [TestCase("here/Datasets/FlixstockTask", "here/Datasets/FlixstockTask")]
    [TestCase("Datasets/FlixstockTask", "here/../Datasets/FlixstockTask")]
    [TestCase("data", "here/../data")]
    [TestCase("here/demo/data", "here/demo/data")]
    public void A_data_set_is_found_here_or_next_door(string where, string found)
    {
        _folder.Write($"{where}/attributes_train.csv", "filename,neck\n");
        Assert.That(_places.Data(), Is.EqualTo(_folder[found]));
    }

    [Test]
    public void What_one_stands_in_comes_before_what_is_next_to_it()
    {
        _folder.Write("data/attributes_train.csv", "filename,neck\n");
        _folder.Write("here/data/annotations/instances_train2014.json", "{}");
        Assert.That(_places.Data(), Is.EqualTo(_folder["here/data"]));
        _folder.Write("here/train.csv", "filename,a\n");
        Assert.That(_places.Data(), Is.EqualTo(_folder["here"]));
    }

    [Test]
    public void Folders_of_pictures_that_one_stands_in_are_a_data_set_only_where_no_other_is_near()
    {
        foreach (var name in new[] { "holidays", "screenshots" })
            _folder.Write($"here/{name}/a.jpg", TemporaryFolder.SmallJpeg(1));
        Assert.That(_places.Data(), Is.EqualTo(_folder["here"]));
        _folder.Write("here/data/attributes_train.csv", "filename,neck\n");
        Assert.That(_places.Data(), Is.EqualTo(_folder["here/data"]));
    }

    [Test]
    public void What_is_not_divided_is_found_by_split_and_by_the_others_only_to_say_so()
    {
        _folder.Write("here/data/attributes_cleaned.csv", "filename,neck\n");
        Assert.That(_places.UndividedData(), Is.EqualTo(_folder["here/data"]));
        Assert.That(Run("train").Error, Does.Contain("flixstock split --data " + _folder["here/data"]));
    }

    [TestCase("runs/train-001", "runs/train-002")]
    [TestCase("run", "runs/train-001")]
    [TestCase("runs/train-001", "other")]
    [TestCase(".", "demo/run")]
    public void The_newest_run_gives_the_weights(string older, string newer)
    {
        Weights(older, 1);
        Weights(newer, 2);
        Assert.That(
            Path.GetFullPath(_places.Weights()),
            Is.EqualTo(Path.GetFullPath(_folder[$"here/{newer}/best.safetensors"])));
        Weights(older, 3);
        Assert.That(
            Path.GetFullPath(_places.Weights()),
            Is.EqualTo(Path.GetFullPath(_folder[$"here/{older}/best.safetensors"])));
    }

    [Test]
    public void The_first_of_two_stages_and_a_run_without_a_model_are_passed_over()
    {
        Weights("runs/train-001", 1);
        Weights("runs/train-002/ignore", 2);
        _folder.Write("here/runs/train-003/run.json", "{}");
        Assert.That(_places.Weights(), Is.EqualTo(_folder["here/runs/train-001/best.safetensors"]));
    }

    [Test]
    public void Without_a_run_the_reference_projects_model_is_taken_but_no_weights_of_another_task()
    {
        _folder.Write("here/pretrained_weights/mtresnet_opim_86.72.pth", "x");
        Assert.That(() => _places.Weights(), Throws.TypeOf<InputException>());
        Assert.That(_places.PublishedWeights(), Is.EqualTo(_folder["here/pretrained_weights/mtresnet_opim_86.72.pth"]));
        _folder.Write("here/pretrained_weights/flixstock_ignore_best_model-5-1250.ckpt", "x");
        Assert.That(
            _places.Weights(), Is.EqualTo(_folder["here/pretrained_weights/flixstock_ignore_best_model-5-1250.ckpt"]));
        Weights("run", 1);
        Assert.That(_places.Weights(), Is.EqualTo(_folder["here/run/best.safetensors"]));
    }

    [Test]
    public void Runs_are_numbered_and_none_is_written_over()
    {
        Assert.That(_places.NextRun(), Is.EqualTo(_folder["here/runs/train-001"]));
        Directory.CreateDirectory(_folder["here/runs/train-001"]);
        Directory.CreateDirectory(_folder["here/runs/train-007"]);
        Directory.CreateDirectory(_folder["here/runs/train-new"]);
        Assert.That(_places.NextRun(), Is.EqualTo(_folder["here/runs/train-008"]));
        Directory.CreateDirectory(_folder["here/runs/train-1000"]);
        Assert.That(_places.NextRun(), Is.EqualTo(_folder["here/runs/train-1001"]));
        Assert.That(_places.NextRun(_folder["outputs"]), Is.EqualTo(_folder["outputs/train-001"]));
    }

    [TestCase("state.safetensors")]
    [TestCase("ignore/state.safetensors")]
    public void The_newest_run_is_continued(string state)
    {
        foreach (var (run, minute) in new[] { ("train-001", 1), ("train-003", 2), ("train-002", 3) })
            Written(_folder.Write($"here/runs/{run}/{state}", "x"), minute);
        _folder.Write("here/runs/train-004/run.json", "{}");
        Assert.That(_places.RunToResume(), Is.EqualTo(_folder["here/runs/train-002"]));
        Assert.That(_places.RunToResume(_folder["here/runs"]), Is.EqualTo(_folder["here/runs/train-002"]));
    }

    [Test]
    public void Names_that_are_taken_get_a_number()
    {
        Assert.That(_places.Free(_folder["m"], ".onnx"), Is.EqualTo(_folder["m.onnx"]));
        _folder.Write("m.onnx", "x");
        Assert.That(_places.Free(_folder["m"], ".onnx"), Is.EqualTo(_folder["m-2.onnx"]));
        Directory.CreateDirectory(_folder["coco-shards"]);
        Assert.That(_places.NextTo(_folder["coco"] + "/", "-shards"), Is.EqualTo(_folder["coco-shards-2"]));
        Directory.CreateDirectory(_folder["coco-rps-0.5"]);
        Assert.That(
            _places.NextTo(_folder["coco"], "-rps-0.5"), Is.EqualTo(_folder["coco-rps-0.5-2"]), "0.5 is no ending");
        Assert.That(_places.NextTo(_folder["here/."], "-rps-0.5"), Is.EqualTo(_folder["here-rps-0.5"]));
    }

    [TestCase("train", "no data set is here", "../Datasets/FlixstockTask")]
    [TestCase("split", "no attributes_cleaned.csv is here", "demo/data")]
    [TestCase("data show", "no data set is here", "--data DIR")]
    [TestCase("data check", "no data set is here", "--data DIR")]
    [TestCase("data pack", "no data set is here", "--data DIR")]
    [TestCase("data simulate --type rps --param 0.5", "no data set is here", "--data DIR")]
    [TestCase("validate --data x", "no trained model is here", "--weights FILE")]
    [TestCase("infer --all-val", "no trained model is here", "pretrained_weights")]
    [TestCase("prior", "no trained model is here", "--weights FILE")]
    [TestCase("thresholds", "no trained model is here", "--weights FILE")]
    [TestCase("review", "no trained model is here", "--weights FILE")]
    [TestCase("export", "no trained model is here", "--weights FILE")]
    [TestCase("train --resume", "no training that was stopped is here", "--out DIR")]
    public void Where_nothing_is_found_one_line_says_where_it_was_looked_for(string line, string missing, string named)
    {
        var (exit, error) = Run(line);
        Assert.That(exit, Is.EqualTo(2));
        var lines = error.Split('\n').Where(text => !text.StartsWith("note: ", StringComparison.Ordinal));
        Assert.That(lines, Has.Exactly(1).Contains(missing).And.Exactly(1).Contains(named));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder["here"]), Is.Empty);
    }

    private (int Exit, string Error) Run(string line)
    {
        using var error = new StringWriter();
        var exit = CommandLine.Run([.. line.Split(' ')], TextWriter.Null, error, Backend.OpenCuda, _folder["here"]);
        return (exit, error.ToString());
    }

    private void Weights(string run, int minute) => Written(_folder.Write($"here/{run}/best.safetensors", "x"), minute);

    private static void Written(string file, int minute) =>
        File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 1, 0, minute, 0, DateTimeKind.Utc));
}
