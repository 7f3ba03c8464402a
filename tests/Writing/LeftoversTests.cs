using Flixstock.Engine;

namespace Flixstock.Tests.Writing;

public sealed class LeftoversTests
{
    private static readonly WritingProcess Gone = WritingProcess.Current with { Id = int.MaxValue - 1 };
    private static readonly WritingProcess Elsewhere = WritingProcess.Current with { Host = "01234567" };

    [Test]
    public void OnlyWhatAProcessThatIsGoneHasLeftIsRemoved()
    {
        using var folder = new TemporaryFolder();
        string[] gone = [Part(Gone), $".write-test-{Gone.Text}-0123456789ab", Part(
            WritingProcess.Current with { Start = 7 })];
        string[] kept =
        [
            Part(WritingProcess.Current), Part(Elsewhere),
            ".state.safetensors.123-0123456789abcdef0123456789abcdef.part", "curves.png.123.1.tmp", "notes.tmp",
            ".hidden.part", "a.png.tmp", "best.safetensors", ".flixstock.lock",
        ];
        foreach (var name in gone.Concat(kept))
            folder.Write(name, "x");
        folder.Write($".writing-{Gone.Text}-0123456789ab/new/a", "x");
        folder.Write($".writing-{WritingProcess.Current.Text}-0123456789ab/new/a", "x");
        Files.RequireWritableFolder(folder.Path);
        Assert.That(
            Names(folder), Is.EquivalentTo(kept.Append($".writing-{WritingProcess.Current.Text}-0123456789ab")));
    }

    [Test]
    public void WhatWasWrittenElsewhereOrByAnEarlierVersionIsRemovedAfterAWeek()
    {
        using var folder = new TemporaryFolder();
        string[] old =
        [
            Part(Elsewhere), ".state.safetensors.123-0123456789abcdef0123456789abcdef.part",
            ".write-test-0123456789abcdef0123456789abcdef", "curves.png.123.1.tmp", "model.onnx.unverified",
            "best.safetensors.fitted",
        ];
        foreach (var name in old.Append(Part(WritingProcess.Current)).Append("notes.tmp"))
            folder.Write(name, "x");
        var clock = new Later(TimeSpan.FromDays(6.9));
        Leftovers.Remove(folder.Path, clock);
        Assert.That(Names(folder), Has.Length.EqualTo(old.Length + 2));
        Leftovers.Remove(folder.Path, new Later(TimeSpan.FromDays(7.1)));
        Assert.That(Names(folder), Is.EquivalentTo(new[] { Part(WritingProcess.Current), "notes.tmp" }));
    }

    [Test]
    public void TheFirstFileThatACommandWritesToAFolderClearsIt()
    {
        using var folder = new TemporaryFolder();
        folder.Write(Part(Gone), "x");
        Files.WriteAtomically(folder["a.txt"], "a");
        Assert.That(Names(folder), Is.EqualTo(new[] { "a.txt" }));
        folder.Write($"pictures/{Part(Gone)}", "x");
        PictureWriter.WritePng(folder["pictures/a.png"], new RgbPicture(2, 2));
        Assert.That(Directory.GetFiles(folder["pictures"]), Has.Length.EqualTo(1));
    }

    [Test]
    public void ANameOf255BytesCanBeWritten()
    {
        using var folder = new TemporaryFolder();
        var name = new string('ü', 125) + ".json";
        Files.WriteAtomically(folder[name], "{}");
        Assert.That(Names(folder), Is.EqualTo(new[] { name }));
    }

    [Test]
    public void HardLinksAndLinksToFoldersAreTheSameFile()
    {
        using var folder = new TemporaryFolder();
        folder.Write("real/a", "a");
        folder.Write("real/b", "a");
        File.CreateSymbolicLink(folder["link"], folder["real"]);
        using (var link = System.Diagnostics.Process.Start("ln", [folder["real/a"], folder["hard"]]))
            link.WaitForExit();
        Assert.Multiple(() =>
        {
            Assert.That(FileIdentity.IsSame(folder["hard"], folder["link/a"]), Is.True);
            Assert.That(FileIdentity.IsSame(folder["real/b"], folder["real/a"]), Is.False);
            Assert.That(FileIdentity.IsSame(folder["absent"], folder["absent"]), Is.False);
            Assert.That(
                () => WeightsFile.RequireOther(folder["real/a"], folder["hard"], "--out"),
                Throws.TypeOf<InputException>().With.Message.Contains("the file to read"));
            Assert.That(() => MadeFolders.RequireFree(folder.Path, ["hard"], [folder["real/a"]], "--save-pictures"),
                Throws.TypeOf<InputException>().With.Message.Contains("a picture to read"));
        });
    }

    private static string Part(WritingProcess process) => $".state.safetensors.{process.Text}-0123456789ab.part";

    private static string[] Names(TemporaryFolder folder) =>
        [.. Directory.GetFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path))];

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + by;
    }
}
