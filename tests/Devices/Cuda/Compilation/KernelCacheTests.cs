using Flixstock.Engine;

namespace Flixstock.Tests.Devices.Cuda;

/// <summary>Compiled kernels on disk: whole or not at all, whoever else writes and whatever the disk does.</summary>
public class KernelCacheTests
{
    private static readonly byte[] Image = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))];
    private string _folder = "";

    [SetUp]
    public void MakeFolder() =>
        _folder = Path.Combine(Directory.CreateTempSubdirectory("flixstock-cache").FullName, "deep", "kernels");

    [TearDown]
    public void RemoveFolder() =>
        Directory.Delete(Path.GetFullPath(Path.Combine(_folder, "..", "..")), recursive: true);

    [Test]
    public void WhatWasKeptIsFoundByAnother()
    {
        Assert.That(new KernelCache(_folder).Find("a-1"), Is.Null);
        new KernelCache(_folder).Keep("a-1", Image);
        var other = new KernelCache(_folder);
        Assert.That(other.Find("a-1"), Is.EqualTo(Image));
        Assert.That(other.Warning, Is.Null);
    }

    [TestCase(0)]
    [TestCase(10)]
    [TestCase(60)]
    [TestCase(3000)]
    public void ADamagedFileIsNoImage(int at)
    {
        var cache = new KernelCache(_folder);
        cache.Keep("a-1", Image);
        var bytes = File.ReadAllBytes(cache.FileOf("a-1"));
        bytes[at] ^= 1;
        File.WriteAllBytes(cache.FileOf("a-1"), bytes);
        Assert.That(cache.Find("a-1"), Is.Null);
        File.WriteAllBytes(cache.FileOf("a-1"), bytes[..at]);
        Assert.That(cache.Find("a-1"), Is.Null, "cut off");
        cache.Keep("a-1", Image);
        Assert.That(cache.Find("a-1"), Is.EqualTo(Image), "written again");
    }

    [Test]
    public void AFolderThatCannotBeMadeIsDoneWithoutAndSaidOnce()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder)!);
        File.WriteAllText(_folder, "a file where the folder should be");
        var cache = new KernelCache(_folder);
        Assert.That(cache.Find("a-1"), Is.Null);
        cache.Keep("a-1", Image);
        var first = cache.Warning;
        Assert.That(first, Does.Contain(_folder).And.Contain("compiled again in every run"));
        cache.Keep("a-2", Image);
        Assert.That(cache.Warning, Is.EqualTo(first));
    }

    [Test]
    public void ManyWritersAtOnceLeaveOneWholeFile()
    {
        Parallel.For(0, 16, _ =>
        {
            var cache = new KernelCache(_folder);
            cache.Keep("a-1", Image);
            Assert.That(cache.Find("a-1"), Is.EqualTo(Image));
        });
        Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void WithoutAFolderNothingIsKept()
    {
        var cache = new KernelCache(null);
        cache.Keep("a-1", Image);
        Assert.That(cache.Find("a-1"), Is.Null);
        Assert.That(cache.Warning, Is.Null);
    }

    [Test]
    public void EveryPartOfAKeyCounts()
    {
        var key = KernelCache.Key("a", "source", "sm_80");
        Assert.That(key, Does.StartWith("a-"));
        Assert.That(KernelCache.Key("a", "source", "sm_80"), Is.EqualTo(key));
        Assert.That(KernelCache.Key("a", "source", "sm_90"), Is.Not.EqualTo(key));
        Assert.That(KernelCache.Key("a", "sources", "m_80"), Is.Not.EqualTo(key));
    }
}
