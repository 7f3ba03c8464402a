using Flixstock.Cli;
using Flixstock.Engine;
using static Flixstock.Tests.Cli.NamedDatasets;

namespace Flixstock.Tests.Cli;

/// <summary>
/// An older run stays whole until the new one has its first state, a new one can be continued from its first moment,
/// and nobody else writes meanwhile.
/// </summary>
[NonParallelizable]
public sealed class ReplacedRunTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void WriteData()
    {
        _folder = new TemporaryFolder();
        WriteFolders(_folder, "data");
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void ARunCanStartFromTheWeightsOfTheOneThatItReplaces()
    {
        Done(Train("run"));
        Done([.. Train("run"), "--overwrite", "--seed", "2", "--weights", _folder["run/best.safetensors"]]);
        Assert.That(File.ReadAllText(_folder["run/run.json"]), Does.Contain("\"seed\": 2"));
        Assert.That(Hidden("run"), Is.Empty);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void WhateverFailsBeforeTheFirstStateLeavesTheOldRun(bool twoStage)
    {
        Done([.. Train("run"), .. twoStage ? (string[])["--two-stage"] : []]);
        var before = Files("run");
        string[] again = [.. Train("run"), "--overwrite", .. twoStage ? (string[])["--two-stage"] : []];
        Refused([.. again, "--weights", _folder["absent.safetensors"]]);
        Refused([.. again, "--batch-size", "11"]);
        // The disk refuses the first state.
        Directory.CreateDirectory(_folder["run/metrics.csv.old"]);
        File.Move(_folder["run/metrics.csv"], _folder["run/metrics.csv.old/metrics.csv"]);
        Directory.CreateDirectory(_folder["run/metrics.csv"]);
        Assert.That(Refused(again), Does.Contain("metrics.csv: that is a folder"));
        Directory.Delete(_folder["run/metrics.csv"]);
        File.Move(_folder["run/metrics.csv.old/metrics.csv"], _folder["run/metrics.csv"]);
        Directory.Delete(_folder["run/metrics.csv.old"]);
        Assert.That(Files("run"), Is.EqualTo(before));
        Done("train", "--out", _folder["run"], "--resume", "--device", "cpu");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void ARunHasAStateBeforeItsFirstStepAndGoesOnFromIt(bool twoStage)
    {
        string[] train = [.. Train("run"), .. twoStage ? (string[])["--two-stage"] : []];
        Done([.. train[..4], _folder["whole"], .. train[5..]]);
        _folder.Write("run/best.safetensors", "of an older run");
        Assert.That(Refused(train), Does.Contain("--overwrite"));
        var good = File.ReadAllBytes(_folder["data/train/red/p0.jpg"]);
        _folder.Write("data/train/red/p0.jpg", good[..100]);
        // Broken pictures stop it in the first epoch.
        Assert.That(Refused([.. train, "--overwrite", "--no-check"]), Does.Contain("p0.jpg"));
        Assert.That(File.Exists(_folder["run/best.safetensors"]), Is.False);
        Assert.That(File.Exists(_folder[twoStage ? "run/ignore/state.safetensors" : "run/state.safetensors"]), Is.True);
        _folder.Write("data/train/red/p0.jpg", good);
        Done("train", "--out", _folder["run"], "--resume", "--device", "cpu");
        Assert.That(File.Exists(_folder["run/best.safetensors"]), Is.True);
    }

    [Test]
    public void AnotherProcessIsRefusedByNameAndChangesNothing()
    {
        Done(Train("run"));
        var before = Files("run");
        using (FolderLock.Take(_folder["run"], "training"))
        {
            var who = $"another training is writing here (process {Environment.ProcessId} on ";
            Assert.That(Refused([.. Train("run"), "--overwrite"]), Does.Contain(who));
            Assert.That(Refused("train", "--out", _folder["run"], "--resume"), Does.Contain(who));
            Assert.That(
                Refused([.. Train("run"), "--two-stage", "--overwrite", "--take-over"]), Does.Contain(who),
                "a lock that is held is not taken over");
            Assert.That(
                Elsewhere([.. Train("run"), "--overwrite"]), Is.EqualTo((CommandLine.WrongInput, true)),
                "in a process of its own");
        }
        Assert.That(Files("run"), Is.EqualTo(before));
        Done([.. Train("run"), "--overwrite"]);
    }

    [Test]
    public void ARunWhoseFolderIsRemovedIsDescribedAgain()
    {
        var data = new DatasetSource(_folder["data"]);
        var options = new TrainerOptions
        {
            ModelName = "tiny",
            Layers = [1, 1, 1, 1],
            Width = 0.0625,
            ImageSize = 32,
            BatchSize = 6,
            Epochs = 3,
            Workers = 0,
        };
        using var backend = Backend.Cpu(1);
        using (var trainer = new Trainer(
            backend, data.Load("train"), data.Load("val"), options, TrainingRun.Create(_folder["run"])))
        {
            trainer.Open();
            Assert.That(() => TrainingRun.Create(_folder["run"]), Throws.TypeOf<InputException>(), "it holds a state");
            trainer.Train(new AtEpoch(2, () => Directory.Delete(_folder["run"], recursive: true)));
        }
        foreach (var file in new[]
        {
            "run.json", "state.safetensors", "best.safetensors", "last.safetensors", "metrics.csv",
        })
        {
            Assert.That(File.Exists(_folder[$"run/{file}"]), file);
        }
        Assert.That(Hidden("run"), Is.Empty);
        Done("train", "--out", _folder["run"], "--resume", "--device", "cpu");
    }

    [Test]
    public void ANoteSaysWhenTheDiskHasLessThanTheRunNeeds()
    {
        var options = new TrainerOptions();
        var needed = RunSpace.Needed(1_000_000, options);
        Assert.That(
            needed, Is.EqualTo(60_000_000),
            "two states of 16 MB, a third while it is written, three checkpoints of 4 MB");
        Assert.That(RunSpace.Needed(1_000_000, options with { KeepResumeState = false }), Is.EqualTo(16_000_000));
        var run = TrainingRun.Create(_folder["run"]);
        Assert.That(
            Advice.Of(RunSpace.Note(run, needed, _ => 59_000_000)!),
            Is.EqualTo($"{_folder["run"]}: 59 MB are free, and the run needs about 60 MB for its states and "
                + $"checkpoints; make space, or give --out on another disk"));
        Assert.That(RunSpace.Note(run, needed, _ => 61_000_000), Is.Null);
        Assert.That(RunSpace.Note(run, needed, _ => null), Is.Null);
        Assert.That(RunSpace.FreeIn(_folder.Path), Is.Positive);
        _folder.Write("run/state.safetensors", new byte[2_000_000]);
        Assert.That(
            RunSpace.Note(TrainingRun.Open(_folder["run"]), needed, _ => 59_000_000), Is.Null,
            "what is there already counts");
    }

    private string[] Train(string name) =>
        ["train", "--data", _folder["data"], "--out", _folder[name], "--epochs", "1", .. Tiny, "--batch-size", "6"];

    private string[] Hidden(string name) =>
        Directory.GetFileSystemEntries(_folder[name], ".*", SearchOption.AllDirectories);

    private Dictionary<string, string> Files(string name) =>
        Directory.GetFiles(_folder[name], "*", SearchOption.AllDirectories)
            .Where(path => !FolderLock.IsOne(Path.GetFileName(path))).ToDictionary(
                path => path,
                path => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));

    private static (int Exit, bool Named) Elsewhere(string[] arguments)
    {
        var start = new System.Diagnostics.ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "flixstock"), arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = System.Diagnostics.Process.Start(start)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error.Contains(
            $"(process {Environment.ProcessId} on {Environment.MachineName} since ", StringComparison.Ordinal));
    }

    private sealed class AtEpoch(int epoch, Action action) : IProgress<TrainingProgress>
    {
        private bool _done;

        public void Report(TrainingProgress value)
        {
            if (value.Epoch == epoch && value.Summary is null && !_done)
                action();
            _done |= value.Epoch == epoch;
        }
    }
}
