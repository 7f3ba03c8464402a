using Flixstock.Engine;

namespace Flixstock.Tests.Weights;

/// <summary>Safetensors read by their path are the file itself, for as long as they are kept open.</summary>
[TestFixture]
public sealed class MappedFileTests
{
    private const int Floats = 4 << 20;

    private static string Write(TemporaryFolder folder, float value = 1)
    {
        var state = new StateDict();
        state.Add(StateTensors.From("a", [Floats], Enumerable.Repeat(value, Floats).ToArray()));
        SafetensorsFile.Write(folder["w.safetensors"], state);
        return folder["w.safetensors"];
    }

    [Test]
    public void NothingIsCopied()
    {
        using var folder = new TemporaryFolder();
        var path = Write(folder);
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var file = WeightsFile.Read(path);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(Floats), "16 MiB of values");
        Assert.That(file.State["a"].ToFloats(), Has.All.EqualTo(1f));
    }

    [Test]
    public void AFileThatIsReplacedMeanwhileStaysTheOldOneForWhoHasItOpen()
    {
        using var folder = new TemporaryFolder();
        using var old = WeightsFile.Read(Write(folder));
        using var replaced = WeightsFile.Read(Write(folder, 2));
        File.Delete(folder["w.safetensors"]);
        Assert.That((old.State["a"].ToFloats()[^1], replaced.State["a"].ToFloats()[^1]), Is.EqualTo((1f, 2f)));
    }

    [Test]
    public void AnotherProgramOfDotNetCannotShortenItMeanwhile()
    {
        using var folder = new TemporaryFolder();
        var path = Write(folder);
        using (WeightsFile.Read(path))
            Assert.That(() => File.Open(path, FileMode.Truncate).Dispose(), Throws.InstanceOf<IOException>());
        File.Open(path, FileMode.Truncate).Dispose();
        Assert.That(() => WeightsFile.Read(path), Throws.TypeOf<InputException>().With.Message.Contains("0 bytes"));
    }

    [Test]
    public void TensorsEndWithTheFileAndNotBefore()
    {
        using var folder = new TemporaryFolder();
        var file = WeightsFile.Read(Write(folder));
        var tensor = file.State["a"];
        Assert.That(tensor.Data.Span[^1], Is.EqualTo(0x3f));
        file.Dispose();
        file.Dispose();
        Assert.That(() => tensor.ToFloats(), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void WhatCannotBeMappedIsOneLine()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            () => WeightsFile.Read(folder["none.safetensors"]),
            Throws.TypeOf<InputException>().With.Message.EndsWith("there is no such file"));
        Directory.CreateDirectory(folder["folder.safetensors"]);
        Assert.That(
            () => WeightsFile.Read(folder["folder.safetensors"]),
            Throws.TypeOf<InputException>().With.Message.Contains("cannot be read"));
    }
}
