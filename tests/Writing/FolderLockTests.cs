using System.Diagnostics;
using Flixstock.Engine;

namespace Flixstock.Tests.Writing;

public sealed class FolderLockTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void ASecondOneIsRefusedAndTheFolderIsCleanAfterwards([Values] bool locks)
    {
        using (var held = Take(locks))
        {
            Assert.That(held, Is.Not.Null);
            Assert.That(FolderLock.TryTake(_folder.Path, "split", takeOver: false, out var refusal, locks), Is.Null);
            Assert.That(
                refusal?.ToString(),
                Does.StartWith($"{_folder.Path}: another training is writing here (process {Environment.ProcessId} on "
                    + $"{Environment.MachineName} since ").And.EndsWith("UTC); wait for it or stop it"));
        }
        using var again = Take(locks);
        Assert.That(again, Is.Not.Null);
        again!.Dispose();
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
    }

    [Test]
    public void OneThatATakeOverReplacedDoesNotEndTheOther()
    {
        WriteOwner(WritingProcess.Current with { Host = "01234567" });
        using var first = FolderLock.TryTake(_folder.Path, "training", takeOver: true, out _, locks: false);
        WriteOwner(WritingProcess.Current with { Host = "01234567" });
        first!.Dispose();
        Assert.That(File.Exists(_folder[FolderLock.OwnerName]), Is.True);
    }

    [Test]
    public void WhereThereAreNoLocksATextOfThisMachineIsOldWhenItsProcessIsGoneAndOneOfAnotherNever()
    {
        WriteOwner(WritingProcess.Current with { Id = int.MaxValue - 1 });
        Take(locks: false)!.Dispose();
        // The number of a process that runs, which began at another time.
        WriteOwner(WritingProcess.Current with { Start = 1 });
        Take(locks: false)!.Dispose();
        WriteOwner(WritingProcess.Current with { Host = "01234567", Id = int.MaxValue - 1 });
        Assert.That(
            FolderLock.TryTake(_folder.Path, "training", takeOver: false, out var refusal, locks: false), Is.Null);
        Assert.That(refusal?.ToString(), Does.Contain("process 2147483646 on elsewhere since ").And
            .EndWith("or give takeOver if it does not run any more"));
        using var taken = FolderLock.TryTake(_folder.Path, "training", takeOver: true, out _, locks: false);
        Assert.That(taken, Is.Not.Null);
        File.WriteAllText(_folder[FolderLock.OwnerName], "not a text of ours");
        Assert.That(Take(locks: false), Is.Null, "what nobody can read is somebody's");
    }

    [Test]
    public void WhereThereAreLocksATextAloneIsNone()
    {
        WriteOwner(WritingProcess.Current with { Host = "01234567" });
        _folder.Write(FolderLock.LockName, "");
        using var held = Take(locks: true);
        Assert.That(held, Is.Not.Null);
    }

    [Test]
    public void AChildProcessDoesNotInheritIt()
    {
        Process child;
        using (Take(locks: true))
        {
            child = Process.Start(
                new ProcessStartInfo("sleep", "20") { RedirectStandardOutput = true, UseShellExecute = false })!;
        }
        using var again = Take(locks: true);
        Assert.That((again is not null, child.HasExited), Is.EqualTo((true, false)));
        child.Kill();
        child.Dispose();
    }

    [Test]
    public void AFolderThatWasRemovedIsLockedAgainUnlessAnotherWasFaster()
    {
        Directory.CreateDirectory(_folder["run"]);
        using var held = FolderLock.Take(_folder["run"], "training");
        Directory.Delete(_folder["run"], recursive: true);
        held.Renew();
        Assert.That(() => FolderLock.Take(_folder["run"], "training"), Throws.TypeOf<InputException>());
        Directory.Delete(_folder["run"], recursive: true);
        Directory.CreateDirectory(_folder["run"]);
        using var other = FolderLock.Take(_folder["run"], "training");
        Assert.That(
            held.Renew, Throws.TypeOf<InputException>().With.Message.Contains("another training is writing here"));
        held.Dispose();
        Assert.That(File.Exists(Path.Combine(_folder["run"], FolderLock.LockName)), Is.True, "it is the other's");
    }

    [Test]
    public void OfManyAtOnceOneGetsIt([Values] bool locks)
    {
        WriteOwner(WritingProcess.Current with { Id = int.MaxValue - 1 });
        for (var round = 0; round < 4; round++)
        {
            var (inside, most, got) = (0, 0, 0);
            Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
            {
                using var held = Take(locks);
                if (held is null)
                    return;
                Interlocked.Increment(ref got);
                most = Math.Max(most, Interlocked.Increment(ref inside));
                Thread.Yield();
                Interlocked.Decrement(ref inside);
            });
            Assert.That((most, got > 0), Is.EqualTo((1, true)));
        }
    }

    private FolderLock? Take(bool locks) => FolderLock.TryTake(_folder.Path, "training", takeOver: false, out _, locks);

    private void WriteOwner(WritingProcess process) => _folder.Write(
        FolderLock.OwnerName,
        $$"""{"Process":"{{process.Text}}","Machine":"elsewhere","Since":"2026-01-02T03:04:05+00:00","Work":"training"}""");
}
