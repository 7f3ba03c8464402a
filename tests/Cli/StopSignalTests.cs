using System.Diagnostics;
using Flixstock.Cli;
using Flixstock.Engine;
using static Flixstock.Tests.Cli.NamedDatasets;

namespace Flixstock.Tests.Cli;

/// <summary>The command as a separate process, and what signals make of it.</summary>
[NonParallelizable]
public sealed class StopSignalTests
{
    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public void WriteData()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("Windows has no such signals to send");
        _folder = new TemporaryFolder();
        WriteFolders(_folder, "data");
    }

    [OneTimeTearDown]
    public void RemoveFolder() => _folder?.Dispose();

    [TestCase("INT", 130)]
    [TestCase("TERM", 143)]
    [TestCase("HUP", 129)]
    public void ASignalSavesTheStateAndIsTheExitCode(string signal, int code)
    {
        using var train = Start(signal);
        ReadUntil(train, "epoch 2/");
        Send(train, signal);
        Assert.That(End(train), Is.EqualTo((code, true)), "exit code, and what continues");
        Assert.That(File.Exists(_folder[$"{signal}/state.safetensors"]));
        Assert.That(
            Run("train", "--out", _folder[signal], "--resume", "--stop-epoch", "1", "--device", "cpu").Exit, Is.Zero,
            "the state can be read");
    }

    [Test]
    public void ASignalThatWasIgnoredAtTheStartStaysIgnored()
    {
        using var train = Start("nohup", "trap '' HUP; exec ");
        ReadUntil(train, "epoch 2/");
        Send(train, "HUP");
        ReadUntil(train, "epoch 4/");
        Send(train, "TERM");
        Assert.That(End(train), Is.EqualTo((143, true)));
    }

    [Test]
    public void AnOutputThatCannotBeWrittenSavesTheStateAndIsNamed()
    {
        if (!File.Exists("/dev/full"))
            Assert.Ignore("there is no /dev/full here");
        using var train = Start("full", "exec ", " > /dev/full");
        Assert.That(
            train.StandardError.ReadToEnd(),
            Does.StartWith("error: standard output cannot be written to: ").And.Contain("space"));
        train.WaitForExit();
        Assert.That(train.ExitCode, Is.EqualTo(CommandLine.MachineFailed));
    }

    // Endless for a test, so that a signal always comes in the middle.
    private Process Start(string name, string before = "exec ", string after = "")
    {
        var program = Path.Combine(TestContext.CurrentContext.TestDirectory, "flixstock");
        string[] arguments =
        [
            "train", "--data", _folder["data"], "--out", _folder[name], "--epochs", "100000",
            "--batch-size", "6", .. Tiny,
        ];
        var line = $"{before}'{program}' {string.Join(' ', arguments.Select(word => $"'{word}'"))}{after}";
        return Process.Start(new ProcessStartInfo("sh", ["-c", line])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
    }

    private static void ReadUntil(Process process, string start)
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
                return;
        }

        Assert.Fail($"the training ended before '{start}': {process.StandardError.ReadToEnd()}");
    }

    private static void Send(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    private static (int Exit, bool Continues) End(Process process)
    {
        var error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (
            process.ExitCode,
            error.Result.Contains("stopped; continue with: flixstock train", StringComparison.Ordinal));
    }
}

/// <summary>What <c>--save-every</c> takes.</summary>
public class SaveEveryTests
{
    [TestCase("500", 500, null)]
    [TestCase("30s", null, 30.0)]
    [TestCase("1.5m", null, 90.0)]
    [TestCase("2H", null, 7200.0)]
    public void StepsOrATime(string text, int? steps, double? seconds) => Assert.That(
        SaveEvery.Parse(text), Is.EqualTo(new SaveEvery(steps, seconds is { } s ? TimeSpan.FromSeconds(s) : null)));

    [TestCase("")]
    [TestCase("0")]
    [TestCase("-5")]
    [TestCase("0s")]
    [TestCase("m")]
    [TestCase("1e3s")]
    [TestCase("99999999999999999999s")]
    [TestCase("NaNs")]
    [TestCase("5d")]
    public void NothingElse(string text) => Assert.That(SaveEvery.Parse(text), Is.Null);

    [Test]
    public void TheOptionsAreTheRunsAndCanBeChangedOnResume()
    {
        using var folder = new TemporaryFolder();
        WriteFolders(folder, "data");
        string[] common = ["train", "--out", folder["run"]];
        Done(
            [
                .. common, "--data", folder["data"], "--epochs", "2", "--stop-epoch", "1", "--batch-size", "6", .. Tiny,
                "--save-every", "2", "--on-nan", "skip",
            ]);
        var options = TrainingRun.OptionsIn(folder["run"])!;
        Assert.That(
            (options.SaveSteps, options.OnNonFinite, options.KeepStates, options.KeepResumeState),
            Is.EqualTo(((int?)2, NonFiniteAction.Skip, 2, true)));
        Done([.. common, "--device", "cpu", "--resume", "--save-every", "5m", "--keep", "1", "--on-nan", "stop"]);
        Assert.That(Run([.. common, "--resume", "--save-every", "soon"]).Error.Trim(),
            Does.StartWith("error: --save-every 'soon': give a number of steps, or a time as 30s, 5m or 2h"));
    }
}
