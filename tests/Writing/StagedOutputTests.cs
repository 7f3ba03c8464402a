using Flixstock.Engine;

namespace Flixstock.Tests.Writing;

/// <summary>
/// Whatever rename a process is killed at, the next command makes the folder all old or all new, and leaves nothing.
/// </summary>
public sealed class StagedOutputTests
{
    private static readonly WritingProcess Gone = WritingProcess.Current with { Id = int.MaxValue - 1 };

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void FilesOfAnOlderRunAreReplacedOrRemovedAndOthersStay()
    {
        WriteOld();
        using (var staged = Stage())
            staged.PublishFiles(["gone", "deep/gone", "never"]);
        AssertNew();
    }

    [Test]
    public void AKillAtAnyRenameIsFinishedByTheNextCommand([Range(0, 6)] int after)
    {
        WriteOld();
        var staged = Stage(after);
        Assert.That(() => staged.PublishFiles(["gone", "deep/gone"]), Throws.TypeOf<KilledException>());
        Kill(staged);
        Settle();
        AssertNew();
    }

    [Test]
    public void AKillBeforeThePlanLeavesTheOldOnesAndTheNextWriterRemovesTheRest()
    {
        WriteOld();
        Kill(Stage());
        Settle();
        Assert.That(Text("same"), Is.EqualTo("old"));
        Files.RequireWritableFolder(_folder.Path);
        Assert.That(Hidden(), Is.Empty);
        Assert.That(Text("deep/gone"), Is.EqualTo("old"));
    }

    [Test]
    public void WhatWasSetAsideComesBackFromAKillAtAnyRename([Range(0, 2)] int after, [Values] bool made)
    {
        WriteOld();
        var staged = Stage(after);
        Assert.That(() => staged.SetAside(["same", "deep", "not yet"]), Throws.TypeOf<KilledException>());
        if (made && after == 2)
        {
            _folder.Write("same", "half made");
            _folder.Write("not yet", "half made");
        }
        Kill(staged);
        Settle();
        Assert.That(
            (Text("same"), Text("deep/gone"), File.Exists(_folder["not yet"])), Is.EqualTo(("old", "old", false)));
        Assert.That(Hidden(), Is.Empty);
    }

    [Test]
    public void WhatWasSetAsideComesBackOrIsForgotten([Values] bool keep)
    {
        WriteOld();
        using (var staged = new StagedOutput(_folder.Path))
        {
            staged.SetAside(["same", "not yet"]);
            Assert.That(File.Exists(_folder["same"]), Is.False);
            _folder.Write("same", "new");
            _folder.Write("not yet", "new");
            if (keep)
                staged.Keep();
        }
        Assert.That((Text("same"), File.Exists(_folder["not yet"])), Is.EqualTo((keep ? "new" : "old", keep)));
        Assert.That(Hidden(), Is.Empty);
    }

    [Test]
    public void AFailureHalfWayPutsTheOldOnesBack()
    {
        WriteOld();
        _folder.Write("blocked", "a file where a folder is needed");
        using (var staged = Stage())
        {
            Put(staged, "blocked/file");
            Assert.That(
                () => staged.PublishFiles(["gone"]),
                Throws.TypeOf<InputException>().With.Message.Contains("cannot be put into place"));
        }
        Assert.That((Text("same"), Text("gone"), File.Exists(_folder["added"])), Is.EqualTo(("old", "old", false)));
        Assert.That(Hidden(), Is.Empty);
    }

    [Test]
    public void ManyCommandsAtOncePutItRightTogether()
    {
        WriteOld();
        var staged = Stage(2);
        Assert.That(() => staged.PublishFiles(["gone", "deep/gone"]), Throws.TypeOf<KilledException>());
        Kill(staged);
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            Settle();
            Assert.That(
                (Text("same"), Text("added"), Text("deep/same"), File.Exists(_folder["gone"])),
                Is.EqualTo(("new", "new", "new", false)));
        });
        AssertNew();
    }

    [Test]
    public void WhatALivingProcessStagesIsLeftAlone()
    {
        WriteOld();
        using var staged = Stage(2);
        Assert.That(() => staged.PublishFiles(["gone", "deep/gone"]), Throws.TypeOf<KilledException>());
        Files.RequireWritableFolder(_folder.Path);
        Assert.That(Hidden(), Has.Length.EqualTo(1), "it has a plan, and its process runs");
    }

    [Test]
    public void WhatAProcessElsewhereWasMovingIsFinishedAfterTenMinutes()
    {
        WriteOld();
        var staged = Stage(3);
        Assert.That(() => staged.PublishFiles(["gone", "deep/gone"]), Throws.TypeOf<KilledException>());
        Kill(staged, Gone with { Host = "01234567" });
        var clock = new Clock();
        StagedOutput.Settle(_folder.Path, clock);
        Assert.That(Hidden(), Has.Length.EqualTo(1));
        clock.Now += TimeSpan.FromMinutes(11);
        StagedOutput.Settle(_folder.Path, clock);
        AssertNew();
    }

    [Test]
    public void WhatAnEarlierVersionWasMovingIsFinished()
    {
        WriteOld();
        const string Staging = ".writing-2147483646-0123456789abcdef0123456789abcdef";
        _folder.Write($"{Staging}/new/same", "new");
        _folder.Write($"{Staging}/new/added", "new");
        Directory.CreateDirectory(_folder[$"{Staging}/old"]);
        File.Move(_folder["same"], _folder[$"{Staging}/old/same"]);
        StagedOutput.Settle(_folder.Path, new Clock { Now = DateTimeOffset.UtcNow.AddDays(1) });
        Assert.That((Text("same"), Text("added"), Text("gone")), Is.EqualTo(("new", "new", "old")));
        Assert.That(Hidden(), Is.Empty);
    }

    private void WriteOld()
    {
        foreach (var name in new[] { "same", "gone", "deep/same", "deep/gone" })
            _folder.Write(name, "old");
        _folder.Write("deep/users", "users");
    }

    private void AssertNew()
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                (Text("same"), Text("added"), Text("deep/same"), Text("deep/users")),
                Is.EqualTo(("new", "new", "new", "users")));
            Assert.That(File.Exists(_folder["gone"]) || File.Exists(_folder["deep/gone"]), Is.False);
        });
        Files.RequireWritableFolder(_folder.Path);
        Assert.That(Hidden(), Is.Empty);
    }

    // At most seven steps: two removals, two old files aside, three new ones into place, and the end of the plan.
    private StagedOutput Stage(int killAfter = int.MaxValue)
    {
        var steps = 0;
        var staged = new StagedOutput(_folder.Path)
        {
            Moving = () =>
            {
                if (steps++ == killAfter)
                    throw new KilledException();
            },
        };
        foreach (var name in new[] { "same", "added", "deep/same" })
            Put(staged, name);
        return staged;
    }

    private static void Put(StagedOutput staged, string name)
    {
        var path = Path.Combine(staged.Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "new");
    }

    // What a killed process leaves: the folder, under the name of a process that is gone.
    private void Kill(StagedOutput staged, WritingProcess? by = null)
    {
        var staging = Path.GetDirectoryName(staged.Folder)!;
        Directory.Move(staging, Path.Combine(_folder.Path, $".writing-{(by ?? Gone).Text}-0123456789ab"));
        staged.Dispose();
    }

    private void Settle() => StagedOutput.Settle(_folder.Path);

    private string Text(string name) => File.ReadAllText(_folder[name]);

    private string[] Hidden() => Directory.GetFileSystemEntries(_folder.Path, ".*");

    private sealed class KilledException : Exception;

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
