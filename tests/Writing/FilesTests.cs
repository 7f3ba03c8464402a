using Flixstock.Engine;

namespace Flixstock.Tests;

public class FilesTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("flixstock-files-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void AFileIsReplacedAsAWhole()
    {
        var path = Path.Combine(_folder, "new", "a.txt");
        Files.WriteAtomically(path, "first, longer");
        Files.WriteAtomically(path, "second");
        Assert.That(File.ReadAllText(path), Is.EqualTo("second"));
        Assert.That(
            Directory.GetFiles(Path.GetDirectoryName(path)!), Has.Length.EqualTo(1), "nothing is left beside it");
    }

    [Test]
    public void AWriterThatFailsLeavesTheOldFileAndNothingBesideIt()
    {
        var path = Path.Combine(_folder, "a.txt");
        Files.WriteAtomically(path, "old");
        Assert.That(() => Files.WriteAtomically(path, stream =>
        {
            stream.WriteByte(1);
            throw new InvalidOperationException("half way");
        }), Throws.InvalidOperationException);
        Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
        Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void AFolderThatCannotBeMadeIsAnInputErrorThatNamesTheOption()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        Assert.That(() => Files.RequireWritableFolder(Path.Combine(file, "run")),
            Throws.TypeOf<InputException>().With.Message.StartsWith("folder ").And.Message.Not.Contains("\n"));
        Assert.That(
            () => Files.WriteAtomically(Path.Combine(file, "a.txt"), ""),
            Throws.TypeOf<EngineException>().With.Message.Contains("a.txt"));
    }

    [Test]
    public void TheWriteTestLeavesNothing()
    {
        var folder = Path.Combine(_folder, "run");
        Files.RequireWritableFolder(folder);
        Assert.That(Directory.EnumerateFileSystemEntries(folder), Is.Empty);
    }
}
