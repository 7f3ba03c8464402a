using System.Diagnostics;
using System.Text.Json.Nodes;
using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>What run.json says of the repository in which a training was started: nothing where git does not.</summary>
public sealed class GitCommitTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private static readonly string Path = Environment.GetEnvironmentVariable("PATH")!;
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeRepository()
    {
        _folder = new TemporaryFolder();
        try
        {
            Git("init", "-q");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("git is not installed");
        }
    }

    [TearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public void ItIsTheCommitThatIsCheckedOutAndWhetherItsFilesAreChanged()
    {
        Commit();
        var head = Git("rev-parse", "HEAD").Trim();
        _folder.Write("run/metrics.csv", "git does not know it");
        var below = Directory.CreateDirectory(_folder["below"]).FullName;
        Assert.That(GitCommit.Of(below, Long, Path), Is.EqualTo(new GitCommit(head, Changed: false)));
        _folder.Write("code.txt", "changed");
        Assert.That(GitCommit.Of(below, Long, Path), Is.EqualTo(new GitCommit(head, Changed: true)));
    }

    [Test]
    public void WithoutARepositoryOrACommitNothingIsSaid()
    {
        Assert.That(GitCommit.Of(_folder.Path, Long, Path), Is.Null, "no commit yet");
        Commit();
        Git("clone", "-q", "--bare", ".", "bare");
        Assert.That(GitCommit.Of(_folder["bare"], Long, Path), Is.Null, "bare");
        File.WriteAllText(_folder[".git/HEAD"], "damaged");
        Assert.That(GitCommit.Of(_folder.Path, Long, Path), Is.Null, "damaged");
        Assert.That(GitCommit.Of(_folder["none"], Long, Path), Is.Null, "no such folder");
    }

    [Test]
    public void WithoutGitNothingIsSaid([Values(null, "", ".")] string? path)
    {
        Commit();
        Script("touch ran"); // a program of that name in the current folder is not git
        Assert.That(GitCommit.Of(_folder.Path, Long, path), Is.Null);
        Assert.That(File.Exists(_folder["ran"]), Is.False);
    }

    // Another owner's repository, an answer that is none, and one that does not come.
    [TestCase("GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec git \"$@\"", 60_000)]
    [TestCase("echo '# branch.oid (initial)'", 60_000)]
    [TestCase("echo nonsense; exit 1", 60_000)]
    [TestCase("exec sleep 60", 20)]
    public void WhereGitRefusesNothingIsSaid(string script, int patience)
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("the stand-in is a script of a shell");
        Commit();
        Script($"PATH='{Path}'; {script}");
        Assert.That(GitCommit.Of(_folder.Path, TimeSpan.FromMilliseconds(patience), _folder.Path), Is.Null);
    }

    [Test]
    public void ARunSaysWhatGitSaysAndContinuesWithoutIt()
    {
        using var backend = Backend.Cpu(1);
        var data = TinyTraining.Pictures(_folder.Path);
        var options = TinyTraining.Options with { Epochs = 1 };
        using (var trainer = new Trainer(backend, data, data, options, TrainingRun.Create(_folder["run"])))
            trainer.Train();
        var description = JsonNode.Parse(File.ReadAllText(_folder["run/run.json"]))!.AsObject();
        var here = GitCommit.Of(Environment.CurrentDirectory, Long, Path);
        Assert.That(description["git"]?["commit"]?.ToString(), Is.EqualTo(here?.Commit));
        Assert.That(RunFacts.Read(_folder["run"]).Commit, Does.StartWith(here?.Commit[..12] ?? ""));

        description["git"] = new JsonObject { ["commit"] = "0123456789abcdef", ["changed"] = true };
        File.WriteAllText(_folder["run/run.json"], description.ToJsonString());
        Assert.That(RunFacts.Read(_folder["run"]).Commit, Is.EqualTo("0123456789ab, files changed"));
        Assert.That(TrainerOptions.FromFile(_folder["run/run.json"]).Epochs, Is.EqualTo(1));
        using var again = new Trainer(
            backend, data, data, options, TrainingRun.Open(_folder["run"]), resume: true);
        Assert.That(() => again.Train(), Throws.Nothing);
    }

    private void Commit()
    {
        _folder.Write("code.txt", "first");
        Git("add", "code.txt");
        Git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "first");
    }

    private void Script(string line)
    {
        _folder.Write("git", $"#!/bin/sh\n{line}\n");
        const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder["git"], Mine);
    }

    private string Git(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = _folder.Path,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
        return output;
    }
}
