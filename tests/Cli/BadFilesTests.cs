using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary>
/// Wrong files of every kind: exit code 2, one line that names the file, and nothing new on the disk.
/// </summary>
public sealed class BadFilesTests
{
    [TestCase("filename,neck,sleeve_length\nimage,1,1\n", "pattern", TestName = "a CSV without a column")]
    [TestCase("filename,neck,sleeve_length,pattern\nimage,7,1,1\n", "neck", TestName = "a label outside its attribute")]
    [TestCase(
        "filename,neck,sleeve_length,pattern\nimage,round,1,1\n", "round", TestName = "a label that is no number")]
    [TestCase(
        "filename,neck,sleeve_length,pattern\nimage,1,1,1\ngone.jpg,1,1,1\n", "gone.jpg",
        TestName = "a picture that is not there")]
    [TestCase(
        "filename,neck,sleeve_length,pattern\nimage,1,1,1\nimage,1,1,1\n", "p000.jpg",
        TestName = "a picture named twice")]
    public void A_wrong_label_file_stops_the_split(string csv, string named)
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(12);
        folder.Write("attributes_cleaned.csv", csv.Replace("image", "p000.jpg", StringComparison.Ordinal));
        Refused(folder, named, "split", "--data", folder.Path);
    }

    [Test]
    public void A_truncated_picture_stops_the_split()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(12);
        folder.Write("images_cleaned/images/p003.jpg", TemporaryFolder.SmallJpeg(3)[..200]);
        Refused(folder, "p003.jpg", "split", "--data", folder.Path);
    }

    [Test]
    public void A_checkpoint_of_another_model_is_refused()
    {
        using var folder = new TemporaryFolder();
        Prepare(folder);
        SaveCheckpoint(folder["other.safetensors"], AttributeTable.Garments);
        Refused(folder, "tresnet", [.. Train(folder, "run"), "--weights", folder["other.safetensors"]]);
    }

    [Test]
    public void A_checkpoint_of_other_attributes_cannot_validate_or_infer_the_data_set()
    {
        using var folder = new TemporaryFolder();
        Prepare(folder);
        SaveCheckpoint(folder["other.safetensors"], Other);
        Refused(
            folder, "other.safetensors", "validate", "--data", folder.Path, "--weights", folder["other.safetensors"],
            "--out", folder["new"]);
        Refused(
            folder, "other.safetensors", "infer", "--all-val", "--data", folder.Path,
            "--weights", folder["other.safetensors"], "--out", folder["new"]);
    }

    [Test]
    public void A_corrupt_checkpoint_a_text_and_a_folder_are_no_weights()
    {
        using var folder = new TemporaryFolder();
        Prepare(folder);
        SaveCheckpoint(folder["good.safetensors"], AttributeTable.Garments);
        folder.Write("cut.safetensors", File.ReadAllBytes(folder["good.safetensors"])[..5000]);
        folder.Write("text.safetensors", "hello, hello, hello, hello");
        foreach (var name in new[] { "cut.safetensors", "text.safetensors", "images_split" })
            Refused(folder, name, "validate", "--data", folder.Path, "--weights", folder[name], "--out", folder["new"]);
    }

    [Test]
    public void Pictures_that_show_nothing_are_named_by_infer()
    {
        using var folder = new TemporaryFolder();
        SaveCheckpoint(folder["good.safetensors"], AttributeTable.Garments);
        PictureWriter.WritePng(folder["dot.png"], new RgbPicture(1, 1, [1, 2, 3]));
        folder.Write("empty.jpg", "");
        folder.Write("text.jpg", "not a picture");
        folder.Write("cut.jpg", TemporaryFolder.SmallJpeg(1)[..150]);
        foreach (var name in new[] { "dot.png", "empty.jpg", "text.jpg", "cut.jpg" })
        {
            Refused(
                folder, name, "infer", "--weights", folder["good.safetensors"], folder[name],
                "--save-pictures", folder["good.safetensors"] + ".d");
        }
    }

    [Test]
    public void A_folder_that_cannot_be_written_is_named_before_the_work()
    {
        using var folder = new TemporaryFolder();
        Prepare(folder);
        SaveCheckpoint(folder["good.safetensors"], AttributeTable.Garments);
        folder.Write("file", "a file is no folder");
        Refused(folder, "file", Train(folder, "file/run"));
        Refused(folder, "file", "synth", "--count", "30", "--size", "32", "--out", folder["file/data"]);
        Refused(
            folder, "file", "validate", "--data", folder.Path, "--weights", folder["good.safetensors"],
            "--out", folder["file/results"]);
        Refused(folder, "file", "demo", "--out", folder["file/demo"]);
    }

    [Test]
    public void A_run_is_not_written_over_and_not_resumed_with_other_options()
    {
        using var folder = new TemporaryFolder();
        Prepare(folder);
        var train = Train(folder, "run");
        Assert.That(Run(train).Exit, Is.Zero);
        Refused(folder, "--resume", train);
        Refused(folder, "weightDecay", [.. train, "--resume", "--weight-decay", "0.5"]);
        Refused(folder, "all epochs of the run are trained", [.. train, "--resume", "--lr", "0.5", "--device", "cpu"]);
        Refused(folder, "nothing", "train", "--data", folder.Path, "--out", folder["nothing"], "--resume");
    }

    [Test]
    public void Two_stages_hand_the_prior_over()
    {
        using var folder = new TemporaryFolder();
        Prepare(folder);
        var (exit, output, error) = Run([.. Train(folder, "run"), "--two-stage"]);
        Assert.That(exit, Is.Zero, error);
        Assert.That(output, Does.Contain("stage 1 of 2").And.Contain("stage 2 of 2"));
        Assert.That(File.ReadAllText(folder["run/run.json"]), Does.Contain("ignore").And.Contain("prior.csv"));
    }

    private static AttributeTable Other => new([new AttributeGroup("Colour", "colour", 3)]);

    private static TResNetOptions Tiny(int classes) =>
        new() { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.25, Classes = classes };

    private static void Prepare(TemporaryFolder folder)
    {
        folder.CleanedDataset(20);
        Assert.That(Run("split", "--data", folder.Path, "--no-augment").Exit, Is.Zero);
    }

    private static string[] Train(TemporaryFolder folder, string name) =>
        [
            "train", "--data", folder.Path, "--out", folder[name], "--layers", "1,1,2,1", "--width", "0.25",
            "--image-size", "32", "--batch-size", "4", "--epochs", "1",
        ];

    private static void SaveCheckpoint(string path, AttributeTable attributes)
    {
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(backend, Tiny(attributes.ClassCount));
        network.Initialize(1);
        new Checkpoint
        {
            State = network.ToStateDict(),
            Model = network.Options,
            Attributes = attributes,
            Preparation = new(32),
        }.Save(path);
    }

    private static void Refused(TemporaryFolder folder, string named, params string[] arguments)
    {
        var before = Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).ToArray();
        var (exit, _, error) = Run(arguments);
        Assert.That(exit, Is.EqualTo(2), error);
        Assert.That(error.TrimEnd(), Does.Contain(named).And.Not.Contain("\n"));
        Assert.That(
            Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal),
            Is.EqualTo(before), "nothing may be written");
    }

    private static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (CommandLine.Run(arguments, output, error), output.ToString(), error.ToString());
    }
}
