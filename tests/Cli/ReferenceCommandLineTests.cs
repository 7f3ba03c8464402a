using Flixstock.Cli;
using Flixstock.Engine;
using Main = Flixstock.Cli.CommandLine;

namespace Flixstock.Tests.Cli;

/// <summary>
/// What people have in their shell history from the two Python projects: their scripts' lines and every option of
/// theirs, with its default.
/// </summary>
[NonParallelizable]
public sealed class ReferenceCommandLineTests
{
    // Theirs are full networks and many epochs: these make the same line quick.
    private static readonly string[] Quick =
        ["--layers", "1,1,1,1", "--width", "0.1", "--image-size", "32", "--epochs", "1", "--device", "cpu"];

    private static readonly (string Command, string Options)[] Lists =
    [
        ("train",
            "--data=../Datasets/FlixstockTask/ --metadata=./data/COCO_2014 --lr=2e-4 --epochs=15 --stop_epoch=None "
                + "--weight_decay=1e-4 --model-name=tresnet_m "
                + "--model-path=./pretrained_weights/mtresnet_opim_86.72.pth --num-classes=21 -j=8 --workers=8 "
                + "--image-size=224 --simulate_partial_type=None --simulate_partial_param=0.5 "
                + "--partial_loss_mode=selective --clip=0 --gamma_pos=0 --gamma_neg=1 --gamma_unann=4 --alpha_pos=1 "
                + "--alpha_neg=1 --alpha_unann=1 --likelihood_topk=3 "
                + "--prior_path=./outputs/priors/flixstock_ignore_last_train_avg_preds.csv --prior_threshold=0.5 -b=8 "
                + "--batch-size=8 --printfreq=100 -p=100 --path_dest=./outputs --debug_mode=hyperml"),
        ("validate",
            "--data=../Datasets/FlixstockTask/ --model-name=tresnet_m "
                + "--model_path=./pretrained_weights/flixstock_ignore_best_model-5-1250.ckpt --num-classes=21 -j=8 "
                + "--workers=8 --image-size=224 --thre=0.7 -b=8 --batch-size=8 --print_freq=100 -p=100 "
                + "--dataset_type=flixstock"),
        ("infer",
            "--model_path=./pretrained_weights/flixstock_ignore_best_model-5-1250.ckpt --pic_path=a.jpg "
            + "--model_name=tresnet_m --input_size=224 --dataset_type=flixstock "
            + "--class_description_path=./data/oidv6-class-descriptions.csv --th=0.97 --top_k=3 --num-classes=21 "
            + "--all_val_inference --data=../Datasets/FlixstockTask/"),
        ("train",
            "--data=./data --metadata=./data/COCO_2014 --lr=2e-4 --epochs=30 --stop_epoch=None --weight_decay=1e-4 "
                + "--model-name=tresnet_m --model-path=./tresnet_m.pth --num-classes=80 -j=8 --workers=8 "
                + "--image-size=448 --simulate_partial_type=None --simulate_partial_param=1000 "
                + "--partial_loss_mode=negative --clip=0 --gamma_pos=0 --gamma_neg=1 --gamma_unann=2 --alpha_pos=1 "
                + "--alpha_neg=1 --alpha_unann=1 --likelihood_topk=5 --prior_path=None --prior_threshold=0.05 -b=64 "
                + "--batch-size=64 --print-freq=64 -p=64 --path_dest=./outputs --debug_mode=hyperml"),
        ("validate",
            "./data --model-name=tresnet_l --model-path=./TRresNet_L_448_86.6.pth --num-classes=80 -j=8 --workers=8 "
            + "--image-size=448 --thre=0.8 -b=32 --batch-size=32 --print-freq=64 -p=64"),
        ("infer",
            "--model_path=./models/mtresnet_opim_86.72.pth --pic_path=./pics/000000000885.jpg --model_name=tresnet_m "
            + "--input_size=224 --dataset_type=OpenImages --class_description_path=./data/oidv6-class-descriptions.csv "
            + "--th=0.97 --top_k=30"),
    ];

    private TemporaryFolder _folder = null!;
    private string _split = "";

    [OneTimeSetUp]
    public void DrawAndTrainOnce()
    {
        _folder = new TemporaryFolder();
        GarmentSynthesizer.Draw(_folder["Datasets/FlixstockTask"], new SynthesisOptions { Count = 30, Size = 32 });
        SceneSynthesizer.Draw(_folder["B/COCO_2014"], new SceneOptions { Count = 30, Size = 32 });
        for (var i = 0; i < 20; i++)
            _folder.Write($"pets/{(i % 2 == 0 ? "cat" : "dog")}/{i}.jpg", TemporaryFolder.SmallJpeg((ulong)i));
        Directory.CreateDirectory(_folder["A"]);
        var names = new DatasetSource(_folder["B/COCO_2014"]).Load("train").Attributes.ClassNames;
        _folder.Write(
            "B/prior_fpc_1000.csv", "Classes,avg_pred\n" + string.Concat(names.Select(name => $"{name},0.1\n")));
        // The first of the garment project's lines, in the data set's folder.
        _split = Run("Datasets/FlixstockTask", ["images_train_test_valid_split", "--no-augment"]).Output;
        Weights("B/COCO_2014", "mtresnet_21k");
        Weights("pets", "mtresnet_opim_86.72.pth");
    }

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    private static IEnumerable<TestCaseData> Options() =>
        from list in Lists
        from option in list.Options.Split(' ')
        select new TestCaseData(list.Command, option);

    [TestCaseSource(nameof(Options))]
    public void Every_option_of_theirs_is_accepted_however_it_is_spelt(string command, string option)
    {
        var name = option.Split('=')[0];
        var value = option.Length > name.Length ? option[(name.Length + 1)..] : null;
        // A simulation's parameter means something with a type only, here and there.
        var more = name.Contains("partial_param", StringComparison.Ordinal)
            ? ["--simulate_partial_type", "rps"]
            : Array.Empty<string>();
        Assert.That(Complaint([command, option, .. more]), Is.Null);
        if (name.StartsWith("--", StringComparison.Ordinal))
        {
            var words = name[2..];
            foreach (var spelling in new[]
            {
                "--" + words.Replace('-', '_'), "--" + words.Replace('_', '-'), name.ToUpperInvariant(),
            })
            {
                Assert.That(
                    Complaint(value is null ? [command, spelling] : [command, spelling, value]), Is.Null, spelling);
            }
        }
        else if (value is not null)
        {
            Assert.That(Complaint([command, name, value]) ?? Complaint([command, name + value]), Is.Null);
        }
    }

    [Test]
    public void All_options_of_a_script_are_accepted_together([Range(0, 5)] int list) =>
        // The short forms are second names of long ones.
        Assert.That(
            Complaint([Lists[list].Command, .. Lists[list].Options.Split(' ')
                .Where(option => option[0] != '-' || option[1] == '-')]),
            Is.Null);

    [TestCase("train", "--partial_loss_mode", "Selective", "IGNORE", "Ignore-Normalize-Classes", "Negative")]
    [TestCase("train", "--simulate_partial_type", "RPS", "Fpc", "None")]
    [TestCase("train", "--model-name", "TResNet_M", "tresnet-l")]
    [TestCase("train", "--dataset_type", "COCO", "OpenImages", "Flixstock", "LVIS")]
    [TestCase("infer", "--dataset_type", "OpenImages", "OPENIMAGES", "flixstock")]
    [TestCase("train", "-b", "AUTO")]
    [TestCase("train", "-j", "0")]
    [TestCase("infer", "--device", "CPU")]
    public void Values_are_compared_without_case(string command, string option, params string[] values)
    {
        foreach (var value in values)
            Assert.That(Complaint([command, option, value]), Is.Null, value);
    }

    [Test]
    public void The_garment_projects_lines_run_as_printed_one_after_the_other()
    {
        Assert.That(_split, Does.Contain("24 pictures for training").And.Contain("3 for validation"));
        var (printed, notes) = Run("A", ["train", .. Quick]);
        Assert.That(notes, Does.Contain("without --data: " + _folder["A/../Datasets/FlixstockTask"]));
        Assert.That(notes, Does.Contain("without --out: " + _folder["A/runs/train-001"]));
        (printed, notes) = Run("A", ["validate", "--out", _folder["A/results"], "--bootstrap", "0"]);
        Assert.That(printed, Does.Contain("mAP over annotated labels"));
        Assert.That(notes, Does.Contain("without --weights: " + _folder["A/runs/train-001/best.safetensors"]));
        (printed, _) = Run("A", ["infer", "--all_val_inference", "--out", _folder["A/results"]]);
        Assert.That(printed, Does.Contain("3 pictures labelled"));
        Assert.That(File.Exists(_folder["A/results/attributes_val_inference.csv"]));
    }

    [Test]
    public void The_open_images_line_runs_as_printed()
    {
        var (printed, notes) = Run("B",
        [
            "infer", "--dataset_type=OpenImages", "--model_name=tresnet_m",
            $"--model_path={_folder["mtresnet_opim_86.72.pth"]}", $"--pic_path={_folder["pets/cat/0.jpg"]}",
            "--input_size=224",
            "--th=0", "--device", "cpu",
        ]);
        Assert.That(printed, Does.Contain("0.jpg").And.Contain("cat").And.Contain("dog"));
        Assert.That(notes, Is.Empty);
    }

    [TestCase("--gamma_neg=1 --simulate_partial_type=rps --simulate_partial_param=0.5")]
    [TestCase("--gamma_neg=3 --simulate_partial_type=fpc --simulate_partial_param=5")]
    public void The_lines_with_hidden_labels_run_as_printed(string simulation)
    {
        var line = $"train --data={_folder["B/COCO_2014"]} --model-path={_folder["mtresnet_21k"]} --gamma_pos=0 "
            + $"--gamma_unann=4 {simulation} --partial_loss_mode=selective --likelihood_topk=5 "
            + $"--prior_threshold=0.5 --prior_path={_folder["B/prior_fpc_1000.csv"]}";
        var (printed, notes) = Run("B", [.. line.Split(' '), .. Quick]);
        Assert.That(printed, Does.Contain("Labels hidden deliberately").And.Contain("tensors loaded"));
        Assert.That(notes, Does.Contain("without --out: " + _folder["B/runs/train-00"]));
    }

    [Test]
    public void Validation_takes_its_folder_without_an_option_and_says_what_it_ignores()
    {
        var (printed, notes) = Run("B",
        [
            "validate", _folder["B/COCO_2014"], "--model_path", _folder["mtresnet_21k"], "--num-classes", "20",
            "-p", "64", "-j8", "-b32", "--json", _folder["v.json"], "--device", "cpu",
        ]);
        Assert.That(printed, Does.Contain("mAP over annotated labels"));
        Assert.That(notes.Trim(), Is.EqualTo("note: -p is ignored: progress is shown by time, not by step"));
    }

    [TestCase(
        "validate {0}/B/COCO_2014 --model_path {0}/mtresnet_21k --num-classes 80", "--num-classes 80", "20 classes")]
    [TestCase("train {0}/B/COCO_2014 --out {0}/none --num_classes=80", "--num-classes 80", "20 classes")]
    [TestCase(
        "train {0}/B/COCO_2014 --out {0}/none --model-path ./pretrained/mtresnet_21k", "./pretrained/mtresnet_21k",
        "there is no such file")]
    [TestCase(
        "validate {0}/B/COCO_2014 --model_path {0}/mtresnet_21k --model-name tresnet_l", "tresnet_m", "tresnet_l")]
    public void What_contradicts_the_data_or_the_weights_is_refused(string line, string named, string found)
    {
        using var error = new StringWriter();
        string[] arguments = [.. string.Format(line, _folder.Path).Split(' '), "--device", "cpu"];
        Assert.That(
            Main.Run(arguments, TextWriter.Null, error, Backend.OpenCuda, _folder["B"]), Is.EqualTo(Main.WrongInput));
        Assert.That(error.ToString(), Does.Contain(named).And.Contain(found));
        Assert.That(Directory.Exists(_folder["none"]), Is.False);
    }

    [Test]
    public void A_folder_of_runs_gets_the_next_number()
    {
        string[] line = ["train", _folder["Datasets/FlixstockTask"], "--path_dest", _folder["outputs"], .. Quick];
        Run("A", line);
        Run("A", line);
        Assert.That(File.Exists(_folder["outputs/train-001/best.safetensors"])
            && File.Exists(_folder["outputs/train-002/best.safetensors"]));
    }

    [Test]
    public void Quiet_leaves_results_and_nothing_else()
    {
        var (printed, notes) = Run(
            "A", ["train", "--quiet", "--out", _folder["quiet"], "--debug_mode", "hyperml", .. Quick]);
        Assert.That(notes, Is.Empty);
        Assert.That(printed.Trim(), Does.StartWith("best: mAP").And.Not.Contain("\n"));
    }

    private void Weights(string data, string file)
    {
        Run("", ["train", "--data", _folder[data], "--out", _folder[file + ".run"], .. Quick]);
        Run("", ["weights", "convert", _folder[file + ".run/best.safetensors"], _folder[file + ".pt"]]);
        File.Move(_folder[file + ".pt"], _folder[file]);
    }

    private (string Output, string Error) Run(string standing, string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        static Backend? NoGpu(CudaDeviceOptions options, Precision? precision, bool deterministic, out string? reason)
        {
            reason = "none";
            return null;
        }
        var exit = Main.Run(arguments, output, error, NoGpu, standing.Length > 0 ? _folder[standing] : "");
        Assert.That(exit, Is.Zero, error.ToString());
        return (output.ToString(), error.ToString());
    }

    private static string? Complaint(string[] arguments)
    {
        var places = new DefaultPlaces("/nowhere");
        using var session = new Session(
            new Terminal(TextWriter.Null), TextWriter.Null, Backend.OpenCuda, places, default);
        var (parsed, spelled) = ArgumentSpelling.Parse(Main.CreateRoot(session), arguments);
        return UsageErrors.Find(parsed, spelled);
    }
}
