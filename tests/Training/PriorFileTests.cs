using Flixstock.Engine;

namespace Flixstock.Tests.Training;

public class PriorFileTests
{
    private static (float[] Prior, string? Warning) Read(string text, int classes)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            return PriorFile.Read(path, classes);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void WhatWasWrittenIsReadBackBitForBit()
    {
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid() + ".csv");
        float[] prior = [0.1f, 1f / 3, 1e-9f];
        PriorFile.Write(path, prior, ["A 0", "A, \"1\"", "B"]);
        var (read, warning) = PriorFile.Read(path, 3);
        File.Delete(path);
        Assert.That(read, Is.EqualTo(prior));
        Assert.That(warning, Is.Null);
    }

    [Test]
    public void RepeatedNamesAreTakenByPositionWithAWarning()
    {
        var (prior, warning) = Read("Classes,avg_pred\nNeck 0,0.1\nNeck 0,0.2\n", 2);
        Assert.That(prior, Is.EqualTo(new[] { 0.1f, 0.2f }));
        Assert.That(warning, Does.Contain("Neck 0"));
    }

    [Test]
    public void AMissingValueIsNotANumberAndALastRowWithoutOneIsNoClass()
    {
        Assert.That(Read("c,p\na,0.1\nb,\n", 2).Prior, Is.EqualTo(new[] { 0.1f, float.NaN }));
        Assert.That(Read("c,p\na,0.1\nb,0.2\n1542867,\n", 2).Prior, Is.EqualTo(new[] { 0.1f, 0.2f }));
    }

    [Test]
    public void AnotherNumberOfClassesIsRefusedNamingBoth() => Assert.That(() => Read("c,p\na,0.1\n", 21),
        Throws.TypeOf<InputException>().With.Message.Contains("1 classes").And.Message.Contains("21"));
}
