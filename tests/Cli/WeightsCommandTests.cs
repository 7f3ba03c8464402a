using Flixstock.Cli;
using Flixstock.Engine;
using Flixstock.Tests.Weights;

namespace Flixstock.Tests.Cli;

/// <summary>
/// Weights in and out on the command line: show, convert, diff, and training that starts from a published file.
/// </summary>
[NonParallelizable]
public class WeightsCommandTests
{
    private static string Published => Golden.PathOf("pth/tiny_model.pth");

    [Test]
    public void Show_names_every_tensor_and_the_totals()
    {
        var text = Done("weights", "show", Golden.PathOf("pth/model_dict_legacy.pth"));
        Assert.That(text, Does.Contain("conv.weight").And.Contain("[3, 2, 3, 3]").And.Contain("9 tensors, 86 values")
            .And.Contain("number of classes: 21").And.Contain("/m/é"));
    }

    [Test]
    public void Convert_goes_there_and_back_and_diff_sees_what_differs()
    {
        using var folder = new TemporaryFolder();
        Done("weights", "convert", Published, folder["a.safetensors"]);
        Done("weights", "convert", folder["a.safetensors"], folder["b.pth"]);
        Done("weights", "convert", folder["b.pth"], folder["timm.pth"], "--names", "timm");
        Assert.That(Done("weights", "diff", Published, folder["b.pth"]), Does.Contain("all equal"));
        Assert.That(Done("weights", "show", folder["timm.pth"]), Does.Contain("body.layer2.0.conv1.bn.weight"));
        Assert.That(
            Done("weights", "diff", Published, Golden.PathOf("pth/old_abn_no_num_batches_tracked.pth")),
            Does.Contain("only in a"));
    }

    [Test]
    public void Wrong_files_and_endings_are_refused_by_one_line()
    {
        using var folder = new TemporaryFolder();
        foreach (var (named, arguments) in new (string, string[])[]
        {
            ("posix.system", ["weights", "show", Golden.PathOf("pth/evil_os_system_zip.pth")]),
            ("none.pth", ["weights", "diff", Published, folder["none.pth"]]),
            (".safetensors", ["weights", "convert", Published, folder["out.bin"]]),
        })
        {
            var (exit, _, error) = Run(arguments);
            Assert.That(
                (exit, error.TrimEnd().Contains('\n', StringComparison.Ordinal)), Is.EqualTo((2, false)), error);
            Assert.That(error, Does.Contain(named));
        }
        Assert.That(Directory.Exists(folder.Path) && Directory.EnumerateFileSystemEntries(folder.Path).Any(), Is.False);
    }

    [Test]
    public void Training_starts_from_a_published_file_and_says_what_was_taken_over()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(20);
        Done("split", "--data", folder.Path, "--no-augment");
        string[] train =
        [
            "train", "--data", folder.Path, "--layers", "1,1,1,1", "--width", "0.25", "--image-size", "32",
            "--batch-size", "4", "--epochs", "1", "--model-path",
        ];
        Assert.That(
            Done([.. train, Published, "--out", folder["same"], "--classes-by-position"]),
            Does.Contain("tensors loaded").And.Not.Contain("tensors new"));
        Assert.That(
            Done([.. train, Published, "--out", folder["named"]]),
            Does.Contain("2 tensors new").And.Contain("the classifier starts fresh"),
            "its classes are /m/00 and so on");
        var text = Done([.. train, Published, "--out", folder["other"], "--bottleneck-head", "8"]);
        Assert.That(text, Does.Contain("head.fc.FC.weight").And.Contain("tensors new").And.Contain("ignored"));
        Done("infer", "--weights", Published, "--image-size", "32", new DatasetLayout(folder.Path).SplitImages("val"));
    }

    [Test]
    public void Of_several_sets_of_weights_each_command_takes_the_averaged_one_and_any_by_its_name()
    {
        using var folder = new TemporaryFolder();
        var both = folder["both.pth"];
        File.WriteAllBytes(both, TestPickle.File(TestPickle.Of(("state_dict", TinyWeights.Plain),
            ("state_dict_ema", TinyWeights.Averaged))));
        Assert.That(Done("weights", "show", both), Does.Match(@"state_dict_ema +taken, averaged +98").And
            .Match(@"state_dict +98").And.Contain("FILE:state_dict takes them"));
        Assert.That(
            Done("weights", "convert", both, folder["a.safetensors"]),
            Does.Contain("averaged weights of 'state_dict_ema' taken"));
        Done("weights", "convert", $"{both}:state_dict", folder["b.safetensors"]);
        Assert.That(
            Done("weights", "diff", $"{both}:state_dict", folder["b.safetensors"]),
            Does.Contain("98 tensors, all equal"));
        Assert.That(Done("weights", "diff", both, folder["a.safetensors"]), Does.Contain("98 tensors, all equal"));
        Assert.That(
            Done("weights", "diff", folder["a.safetensors"], folder["b.safetensors"]), Does.Contain("tensors differ"));
    }

    [Test]
    public void Sets_of_which_none_is_the_likeliest_are_shown_and_have_to_be_named_to_be_used()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["dino.pth"], TestPickle.File(TestPickle
            .Of(("student", TinyWeights.Plain), ("teacher", TinyWeights.Averaged))));
        Assert.That(
            Done("weights", "show", folder["dino.pth"]), Does.Match(@"student +shown +98").And.Match("teacher +98"));
        foreach (var names in (string[])["published", "stored"])
        {
            var (exit, _, error) = Run("weights", "convert", folder["dino.pth"], folder["x.pth"], "--names", names);
            Assert.That((exit, File.Exists(folder["x.pth"])), Is.EqualTo((2, false)), error);
            Assert.That(error, Does.Contain("student (98 tensors), teacher (98 tensors)").And.Contain("FILE:student"));
        }
        Done("weights", "convert", folder["dino.pth:teacher"], folder["x.pth"]);
    }

    [Test]
    public void A_body_without_a_classifier_trains_and_does_nothing_else()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(20);
        Done("split", "--data", folder.Path, "--no-augment");
        var body = TinyWeights.Only(name => name.StartsWith("body.", StringComparison.Ordinal));
        File.WriteAllBytes(folder["body.pth"], TestPickle.File(TestPickle
            .Of((
                "state_dict",
                TinyWeights.Together(TinyWeights.With("model.", body), TinyWeights.Other("criterion.pos_weight"))))));
        string[] train =
        [
            "train", "--data", folder.Path, "--image-size", "32", "--batch-size", "4", "--epochs", "1",
            "--device", "cpu", "--model-path", folder["body.pth"], "--layers", "1,1,1,1",
        ];
        var (exit, output, error) = Run([.. train, "--width", "0.0625", "--out", folder["run"]]);
        Assert.That(exit, Is.Zero, error);
        Assert.That(output, Does.Contain("2 tensors new").And.Contain("head.fc.weight"));
        Assert.That(output + error, Does.Contain("left out, not the network's: criterion.pos_weight (1 tensor)"));
        (exit, _, error) = Run([.. train, "--width", "0.125", "--out", folder["wide"]]);
        Assert.That(exit, Is.EqualTo(2));
        Assert.That(
            error,
            Does.Contain("width 0.0625 instead of 0.125; give --layers 1,1,1,1 --width 0.0625, or other weights"));
        (exit, _, error) = Run("infer", "--weights", folder["body.pth"], "--device", "cpu",
            new DatasetLayout(folder.Path).SplitImages("val"));
        Assert.That(exit, Is.EqualTo(2));
        Assert.That(
            error, Does.Contain("no classifier: head.fc.weight is missing").And.Contain("criterion.pos_weight"));
    }

    private static string Done(params string[] arguments)
    {
        var (exit, output, error) = Run(arguments);
        Assert.That(exit, Is.Zero, error);
        return output;
    }

    private static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (CommandLine.Run(arguments, output, error), output.ToString(), error.ToString());
    }
}
