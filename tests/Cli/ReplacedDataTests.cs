using Flixstock.Cli;
using Flixstock.Engine;
using static Flixstock.Tests.Cli.NamedDatasets;

namespace Flixstock.Tests.Cli;

/// <summary>
/// Data sets, divisions and demos that a command replaces: the old one stays until the new one is whole, and a kill
/// between two renames is put right.
/// </summary>
[NonParallelizable]
public sealed class ReplacedDataTests
{
    private static readonly WritingProcess Gone = WritingProcess.Current with { Id = int.MaxValue - 1 };

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void ADivisionThatWasKilledWhileItReplacedAnotherIsFinishedByWhoeverReadsIt(
        [Values("train", "data", "split")] string next)
    {
        _folder.CleanedDataset(20);
        Done("split", "--data", _folder.Path, "--no-augment");
        // Labels are new, the pictures of the training part are out of the way and nothing is in their place.
        var staging = $".writing-{Gone.Text}-0123456789ab";
        _folder.Write(
            $"{staging}/plan.json",
            """{"Published":["attributes_train.csv","images_augmented"],"Removed":[],"Restored":[],"Dropped":[]}""");
        Copy(_folder["images_augmented"], _folder[$"{staging}/new/images_augmented"]);
        Directory.CreateDirectory(_folder[$"{staging}/old"]);
        Directory.Move(_folder["images_augmented"], _folder[$"{staging}/old/images_augmented"]);
        if (next == "train")
        {
            Done(
                [
                    "train", "--data", _folder.Path, "--out", _folder["run"], "--epochs", "1", .. Tiny,
                    "--batch-size", "6", "--head", "sigmoid",
                ]);
        }
        else if (next == "data")
        {
            Done("data", "show", "--data", _folder.Path);
        }
        else
        {
            Assert.That(Refused("split", "--data", _folder.Path), Does.Contain("divided already"));
        }
        Assert.That(Directory.GetFiles(_folder["images_augmented"], "*", SearchOption.AllDirectories), Is.Not.Empty);
        Assert.That(Directory.GetFileSystemEntries(_folder.Path, ".*"), Is.Empty);
    }

    [TestCase("garments")]
    [TestCase("scenes")]
    public void ADrawnDataSetStaysUntilTheNewOneIsWhole(string task)
    {
        Done("synth", "--task", task, "--out", _folder["data"], "--count", "12", "--size", "32");
        var images = _folder[task == "garments" ? "data/images_cleaned/images" : "data/images_augmented/train/images"];
        File.WriteAllText(Path.Combine(images, ".DS_Store"), "the user's");
        var before = Files(_folder["data"]);
        using var stop = new CancellationTokenSource();
        using (FolderLock.Take(_folder["data"], "training"))
        {
            Assert.That(
                Refused("synth", "--task", task, "--out", _folder["data"], "--overwrite"),
                Does.Contain("another training is writing here"));
        }
        var progress = new Stopping(stop);
        Assert.That(() => Draw(task, progress, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Files(_folder["data"]), Is.EqualTo(before));
        Done(
            "synth", "--task", task, "--out", _folder["data"], "--count", "10", "--size", "32",
            "--seed", "2", "--overwrite");
        Assert.That(Directory.GetFiles(_folder["data"], "*.jpg", SearchOption.AllDirectories), Has.Length.EqualTo(10));
        Assert.That(File.Exists(Path.Combine(images, ".DS_Store")), Is.True);
        Assert.That(Directory.GetFileSystemEntries(_folder["data"], ".*"), Is.Empty);
    }

    [Test]
    public void AnotherProcessInTheFolderIsNamed()
    {
        _folder.CleanedDataset(10);
        SaveCheckpoint(_folder["model/best.safetensors"], AttributeTable.Garments);
        Done("split", "--data", _folder.Path, "--no-augment");
        using (FolderLock.Take(_folder.Path, "split"))
        {
            Assert.That(
                Refused("split", "--data", _folder.Path, "--overwrite"),
                Does.Contain("another split is writing here (process "));
        }
        using (FolderLock.Take(_folder["model"], "training"))
        {
            string[] thresholds =
            [
                "thresholds", "--data", _folder.Path, "--weights", _folder["model/best.safetensors"], "--device", "cpu",
            ];
            Assert.That(Refused([.. thresholds, "--in-place"]), Does.Contain("another training is writing here"));
            Done(thresholds);
        }
    }

    [Test]
    public void OriginalsThatLieInAnOlderDivisionAreNotReplaced()
    {
        _folder.CleanedDataset(10);
        Done("split", "--data", _folder.Path, "--no-augment");
        var picture = Directory.GetFiles(_folder["images_split/train/images"])[0];
        File.Delete(_folder[$"images_cleaned/images/{Path.GetFileName(picture)}"]);
        File.CreateSymbolicLink(_folder[$"images_cleaned/images/{Path.GetFileName(picture)}"], picture);
        Assert.That(
            Refused("split", "--data", _folder.Path, "--overwrite"),
            Does.Contain("leads into").And.Contain("put the originals somewhere else"));
        Assert.That(File.Exists(picture), Is.True);
    }

    [Test]
    public void NoFileOfTheDataSetIsReplacedAndAnEarlierResultIs()
    {
        _folder.CleanedDataset(10);
        SaveCheckpoint(_folder["best.safetensors"], AttributeTable.Garments);
        Done("split", "--data", _folder.Path, "--no-augment");
        var before = Files(_folder.Path);
        string[] with = ["--data", _folder.Path, "--weights", _folder["best.safetensors"], "--device", "cpu"];
        using (var link = System.Diagnostics.Process.Start(
            "ln", [_folder["attributes_val.csv"], _folder["images_cleaned/hard.json"]]))
        {
            link.WaitForExit();
        }
        string[][] commands =
        [
            ["prior", .. with, "--out", _folder["attributes_train.csv"]],
            ["data", "check", "--data", _folder.Path, "--csv", _folder["attributes_cleaned.csv"]],
            ["data", "show", "--data", _folder.Path, "--csv", _folder["attributes_train.csv"]],
            ["validate", .. with, "--json", _folder["images_cleaned/hard.json"]],
        ];
        foreach (var command in commands)
            Assert.That(Refused(command), Does.Contain("that is a file of the data set"), command[0]);
        var picture = Directory.GetFiles(_folder["images_augmented/train/images"])[0];
        File.CreateSymbolicLink(_folder["images_cleaned/p.png"], picture);
        Assert.That(
            Refused(["prior", .. with, "--out", _folder["images_cleaned/p.csv"]]),
            Does.Contain("p.png: that is a file of the data set"));
        File.Delete(_folder["images_cleaned/p.png"]);
        File.Delete(_folder["images_cleaned/hard.json"]);
        Directory.CreateDirectory(_folder["taken"]);
        Assert.That(Refused(["validate", .. with, "--json", _folder["taken"]]), Does.Contain("that is a folder"));
        Directory.Delete(_folder["taken"]);
        Assert.That(Files(_folder.Path), Is.EqualTo(before));
        for (var twice = 0; twice < 2; twice++)
        {
            Done(["prior", .. with, "--out", _folder["prior.csv"]]);
            Done("data", "check", "--data", _folder.Path, "--csv", _folder["faults.csv"]);
            Done("data", "show", "--data", _folder.Path, "--csv", _folder["counts.csv"]);
            Done(["validate", .. with, "--json", _folder["v.json"]]);
        }
    }

    [Test]
    public void AModelInSeveralFilesIsNotReplacedByOneOfThem()
    {
        SaveCheckpoint(_folder["model-1.safetensors"], AttributeTable.Garments);
        using (var file = WeightsFile.Read(_folder["model-1.safetensors"], asStored: true))
        {
            _folder.Write("model.safetensors.index.json", "{\"weight_map\":{"
                + string.Join(',', file.State.Select(tensor => $"\"{tensor.Name}\":\"model-1.safetensors\"")) + "}}");
        }
        Assert.That(
            Refused("weights", "convert", _folder["model.safetensors.index.json"], _folder["model-1.safetensors"]),
            Does.Contain("the file to read"));
        Done("weights", "convert", _folder["model.safetensors.index.json"], _folder["whole.safetensors"]);
    }

    [Test]
    public void ADataSetIsNotSimulatedOntoItselfByALink()
    {
        Done("synth", "--task", "scenes", "--out", _folder["data"], "--count", "12", "--size", "32");
        File.CreateSymbolicLink(_folder["link"], _folder["data"]);
        Assert.That(
            Refused(
                "data", "simulate", "--data", _folder["data"], "--type", "rps", "--param", "0.5",
                "--out", _folder["link"], "--overwrite"),
            Does.Contain("that is the data set itself"));
    }

    [Test]
    public void APriorIsNotReadFromWhereTheRunWritesItsOwn()
    {
        WriteFolders(_folder, "data");
        string[] train =
        [
            "train", "--data", _folder["data"], "--out", _folder["run"], "--epochs", "1", .. Tiny, "--batch-size", "6",
        ];
        Done(train);
        Assert.That(
            Refused([.. train, "--overwrite", "--prior-path", _folder["run/prior.csv"]]),
            Does.Contain("the run writes its own prior there"));
        Assert.That(File.Exists(_folder["run/best.safetensors"]), Is.True);
    }

    [Test]
    public void ADemoComesBackUnlessTheNewOneComesToItsEnd()
    {
        string[] demo =
        [
            "demo", "--out", _folder["demo"], "--count", "40", "--epochs", "1", "--image-size", "32",
            "--layers", "1,1,1,1", "--width", "0.0625", "--threads", "1", "--device", "cpu", "--no-augment",
        ];
        Done(demo);
        var before = Files(_folder["demo"]);
        using var stop = new CancellationTokenSource();
        using var output = new StopAt(stop, "4 of 5");
        using var error = new StringWriter();
        Assert.That(
            CommandLine.Run([.. demo, "--seed", "9"], output, error, stop.Token), Is.EqualTo(CommandLine.Stopped),
            error.ToString());
        Assert.That(Files(_folder["demo"]), Is.EqualTo(before));
        // The same after a kill: what was set aside is under the name of a process that is gone.
        var staging = $"demo/.writing-{Gone.Text}-0123456789ab";
        _folder.Write(
            $"{staging}/plan.json", """{"Published":[],"Removed":[],"Restored":["data","run"],"Dropped":[]}""");
        Directory.CreateDirectory(_folder[$"{staging}/old"]);
        Directory.Move(_folder["demo/data"], _folder[$"{staging}/old/data"]);
        Directory.Move(_folder["demo/run"], _folder[$"{staging}/old/run"]);
        _folder.Write("demo/data/half", "made");
        Done(
            "validate", "--data", _folder["demo/data"], "--weights", _folder["demo/run/best.safetensors"],
            "--json", _folder["v.json"], "--device", "cpu");
        Assert.That(Files(_folder["demo"]), Is.EqualTo(before));
    }

    private void Draw(string task, IProgress<int> progress, CancellationToken cancellation)
    {
        if (task == "garments")
        {
            GarmentSynthesizer.Draw(
                _folder["data"],
                new SynthesisOptions { Count = 20, Size = 32, Seed = 3, Overwrite = true, Workers = 1 },
                progress, cancellation);
        }
        else
        {
            SceneSynthesizer.Draw(
                _folder["data"], new SceneOptions { Count = 20, Size = 32, Seed = 3, Overwrite = true, Workers = 1 },
                progress, cancellation);
        }
    }

    private static Dictionary<string, string> Files(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(
            path => path,
            path => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var place = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(file, place);
        }
    }

    private sealed class Stopping(CancellationTokenSource stop) : IProgress<int>
    {
        public void Report(int value)
        {
            if (value == 5)
                stop.Cancel();
        }
    }

    private sealed class StopAt(CancellationTokenSource stop, string text) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            if (value?.Contains(text, StringComparison.Ordinal) == true)
                stop.Cancel();
        }
    }
}
