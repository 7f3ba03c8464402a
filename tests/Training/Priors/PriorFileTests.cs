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

    [TestCase("index;name;prior\n0;cat;0.9\n1;dog;0.4\n")]
    [TestCase("Index, Name, PRIOR\n0,cat,0.9\n1,dog,0.4\n")]
    [TestCase("name,prior,index\ndog,0.4,1\ncat,0.9,0\n")]
    [TestCase("index\tname\tprior\n0\tcat\t0.9\n1\tdog\t0.4\n")]
    [TestCase("index,name,prior,,\n0,cat,0.9,,\n1,dog,0.4,,\n,,,,\n")]
    [TestCase("Classes;avg_pred\ncat;0.9\ndog;4e-1\n")]
    [TestCase(",0\ncat,0.9\ndog,0.4\n")]
    [TestCase("\ufeffClasses,avg_pred,\n\"cat, big\",0.9,\ndog,0.4,\n")]
    public void TheFileOfASpreadsheetIsRead(string text) =>
        Assert.That(Read(text, 2).Prior, Is.EqualTo(new[] { 0.9f, 0.4f }));

    [TestCase(
        "index,name,prior\n0,cat,\"0,9\"\n1,dog,0.4\n",
        "row 2, column 'prior': '0,9' is no prior; write a number from 0 to 1 (0.9, with a point)")]
    [TestCase("index;name;prior\n0;cat;0.9\n1;dog;0,4\n", "row 3, column 'prior': '0,4'")]
    [TestCase("c,p\ncat,\"0,9\"\ndog,0.4\n", "row 2, column 'p'")]
    [TestCase("c,p\ncat,0,9\ndog,0.4\n", "line 2 has 3 cells, the header 2")]
    [TestCase("c,p\ncat,1.5\ndog,0.4\n", "'1.5' is no prior; write a number from 0 to 1")]
    [TestCase("c,p\ncat,90 %\ndog,0.4\n", "'90 %'")]
    [TestCase("c,p\ncat,-0.1\ndog,0.4\n", "'-0.1'")]
    [TestCase("c,p\ncat,1e400\ndog,0.4\n", "'1e400'")]
    [TestCase("c,p\ncat,inf\ndog,0.4\n", "'inf'")]
    [TestCase("index,name,prior\n0,cat,0.9\n0,dog,0.4\n", "row 3, column 'index': '0'")]
    [TestCase("index,name,prior\n0,cat,0.9\n-1,dog,0.4\n", "row 3, column 'index': '-1'")]
    public void AValueThatIsNoPriorIsNamedByRowAndColumn(string text, string message) =>
        Assert.That(() => Read(text, 2), Throws.TypeOf<InputException>().With.Message.Contains(message));

    [TestCase("epoch,step\n1,1\n", "the column 'loss' is missing")]
    [TestCase(
        "epoch;step;loss;learning_rate;map;map_average;reference_map;reference_map_average;best;seconds;"
            + "images_per_second\n1;3;0,5;0.1;1;1;1;1;1;1;1\n",
        "row 2, column 'loss': '0,5' is not a number; correct it (0.5, with a point)")]
    [TestCase(
        "epoch,step,loss,learning_rate,map,map_average,reference_map,reference_map_average,best,seconds,"
            + "images_per_second\n1.5,3,1,1,1,1,1,1,1,1,1\n",
        "column 'epoch': '1.5'")]
    public void ATableOfMetricsIsReadAsStrictly(string text, string message)
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            () => RunMetrics.Read(folder.Write("metrics.csv", text)),
            Throws.TypeOf<InputException>().With.Message.Contains(message));
    }

    [Test]
    public void MetricsThatCouldNotBeComputedComeBack()
    {
        using var folder = new TemporaryFolder();
        EpochSummary[] epochs = [new(
            1, 3, 0.1 + 0.2, 1e-4, double.NaN, double.NaN, double.PositiveInfinity, 0, true, 1, 1)];
        RunMetrics.Write(folder["metrics.csv"], epochs, labelsPerBatch: 1);
        Assert.That(RunMetrics.Read(folder["metrics.csv"]), Is.EqualTo(epochs));
    }

    [Test]
    public void MetricsFromBeforeThereWasAValidationLossHaveNone()
    {
        using var folder = new TemporaryFolder();
        EpochSummary[] epochs = [new(1, 3, 0.5, 1e-4, 0.25, 0.5, 0, 0, true, 1, 1, 7, 8, 0.25), new(
            2, 6, 0.5, 1e-4, 0.25, 0.5, 0, 0, false, 1, 1, 6, double.NaN)];
        RunMetrics.Write(folder["metrics.csv"], epochs, labelsPerBatch: 1);
        Assert.That(RunMetrics.Read(folder["metrics.csv"]), Is.EqualTo(epochs));
        var lines = File.ReadAllLines(folder["metrics.csv"]);
        Assert.That(lines[0], Is.EqualTo("epoch,step,loss,learning_rate,map,map_average,reference_map,"
            + "reference_map_average,best,seconds,images_per_second,validation_loss,validation_loss_average,"
            + "data_wait,best_by,best_by_average,loss_per_label,validation_loss_per_label,validation_loss_average_per_label"));
        folder.Write(
            "old.csv", string.Concat(lines.Select(line => string.Join(',', line.Split(',').SkipLast(8)) + "\n")));
        var unknown = (EpochSummary epoch) =>
            epoch with { ValidationLoss = double.NaN, AverageValidationLoss = double.NaN, DataWait = double.NaN };
        Assert.That(RunMetrics.Read(folder["old.csv"]), Is.EqualTo(epochs.Select(unknown)));
    }

    [TestCase(0, 0.75)]
    [TestCase(2, double.NaN)]
    [TestCase(3, double.NaN)]
    public void RowsOfEarlierStatesHaveFewerCells(int missing, double named)
    {
        var epoch = new EpochSummary(1, 3, 0.5, 1e-4, 0.25, 0.5, 0, 0, true, 1, 1, 7, 8) { Named = 0.75 };
        var cells = RunMetrics.ToText([epoch]).Split(',');
        var read = RunMetrics.FromText(string.Join(',', cells.SkipLast(missing)))[0];
        Assert.That((read.Named, read.AverageValidationLoss), Is.EqualTo((named, 8.0)));
        Assert.That(() => RunMetrics.FromText(string.Join(',', cells.SkipLast(1))), Throws.TypeOf<FormatException>());
    }
}
