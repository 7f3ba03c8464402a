using System.Text.RegularExpressions;
using Flixstock.Engine;
using static Flixstock.Tests.Cli.NamedDatasets;

namespace Flixstock.Tests.Cli;

/// <summary><c>flixstock report</c> on real runs whose classes and pictures have hostile names.</summary>
[NonParallelizable]
public sealed class ReportCommandTests
{
    private const string Script = "<script>alert(1)<script>";

    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public void Train()
    {
        _folder = new TemporaryFolder();
        var table = Table(($"{Script} & \"kind\"", [Script, "'b'", "c"]), ("Colour", ["red", "green"]));
        _folder.Write("data/dataset.json", new AttributeTable(
            [table.Groups[0] with { Column = "kind" }, table.Groups[1]]).ToJson());
        foreach (var (part, first, count) in new[] { ("train", 0, 12), ("val", 12, 8) })
        {
            var files = Enumerable.Range(first, count).Select(i => $"{Script}{i}.jpg").ToList();
            for (var i = 0; i < count; i++)
                _folder.Write($"data/images/{files[i]}", TemporaryFolder.SmallJpeg((ulong)(first + i), 36, 34));
            _folder.Write($"data/{part}.csv", "filename,kind,colour\n" + string.Join(
                '\n', files.Select((file, i) => $"{file},{(i % 4 == 3 ? "" : i % 3)},{i % 2}")) + "\n");
        }
        Done([.. Training("run"), "--epochs", "2"]);
        Done([.. Training("other"), "--epochs", "1", "--seed", "2"]);
        Done(
            "thresholds", "--data", _folder["data"], "--weights", _folder["other/best.safetensors"], "--in-place",
            "--device", "cpu");
    }

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void OneRunIsAPageInItsFolder()
    {
        Assert.That(Done("report", _folder["run"], "--device", "cpu"), Does.Contain("written: "));
        var page = File.ReadAllText(_folder["run/report.html"]);
        foreach (var title in new[]
        {
            "Loss", "Validation mAP", "Learning rate", "Precision and recall", "F1 over the threshold",
            "AP by class frequency", "Reliability", "Probabilities",
        })
        {
            Assert.That(page, Does.Contain($"<figcaption><b>{title}</b>"));
        }
        Assert.That(page, Does.Contain("Model card").And.Contain("Labels that disagree"));
        Assert.That(page, Does.Contain("label ↓ model →"));
        Assert.That(page, Does.Contain("no temperature was fitted"));
        Assert.That(Regex.Count(page, "<th scope=\"col\" data-sort=\"(number|text)\""), Is.EqualTo(14), "every column");
        Assert.That(page, Does.Contain("<input type=\"search\" data-table=\"run0-classes-table\">"));
    }

    [Test]
    public void TheCommitIsShownWhereThereIsOne()
    {
        var commit = RunFacts.Read(_folder["run"]).Commit;
        var shown = commit.Length > 0 ? commit : "–";
        var page = Page("commit.html", "run");
        Assert.That(page, Does.Contain($"<b>{shown}</b><span>commit</span>"));
        Assert.That(page.Contains("Trained at commit", StringComparison.Ordinal), Is.EqualTo(commit.Length > 0));
    }

    [Test]
    public void NamesFromFilesStayTexts()
    {
        var page = Page("names.html", "run");
        Assert.That(Regex.Count(page, "<script"), Is.EqualTo(1), "the page's own");
        Assert.That(page, Does.Contain("&lt;script&gt;alert(1)&lt;script&gt;1"), "files");
        Assert.That(
            page, Does.Contain("&lt;script&gt;alert(1)&lt;script&gt; &amp; &quot;kind&quot; &#39;b&#39;"), "classes");
    }

    [Test]
    public void TwoRunsStandNextToEachOtherAndOptionsThatDifferAreMarked()
    {
        var page = Page("two.html", "run", "other");
        const string Row = "<tr class=\"differs\"><th scope=\"row\">≠ ([^<]+)</th>(<td>[^<]*</td>\\s*)+";
        var marked = Regex.Matches(page, Row).ToDictionary(
            match => match.Groups[1].Value, match => match.Value.ReplaceLineEndings(""), StringComparer.Ordinal);
        Assert.That(marked.Keys, Is.EquivalentTo(new[] { "epochs", "seed" }));
        Assert.That(marked["seed"], Does.EndWith("<td>1</td><td>2</td>"));
        Assert.That(page, Does.Contain("options that are the same").And.Contain("id=\"compare-classes\""));
        Assert.That(page, Does.Contain("id=\"run1-classes-table\"").And.Contain("before</text>"), "its temperature");
    }

    [Test]
    public void ThePageSaysWhereTheDataSetHasChangedSinceTheRun()
    {
        Assert.That(Page("same.html", "run"), Does.Not.Contain("not as it was"));
        var csv = _folder["data/val.csv"];
        var before = File.ReadAllText(csv);
        File.WriteAllText(csv, before.Replace("12.jpg,0,", "12.jpg,1,", StringComparison.Ordinal));
        try
        {
            Assert.That(Page("changed.html", "run"), Does.Contain("not as it was when the run was begun").And.Contain(
                "val: "));
        }
        finally
        {
            File.WriteAllText(csv, before);
        }
    }

    [Test]
    public void WhatWasFittedBesideTheWeightsIsUsedUnlessItIsOfOthers()
    {
        var (fitted, best) = (_folder["run/best.thresholds.safetensors"], _folder["run/best.safetensors"]);
        Done("thresholds", "--data", _folder["data"], "--weights", best, "--device", "cpu");
        Assert.That(Page("fitted.html", "run"), Does.Contain("with temperature"));
        File.Copy(_folder["other/best.safetensors"], fitted, overwrite: true);
        Assert.That(Page("fitted.html", "run"), Does.Contain("no temperature was fitted"));
        File.Delete(fitted);
    }

    [Test]
    public void APageEndsWithTheRunThatItShows()
    {
        Done([.. Training("replaced"), "--epochs", "1"]);
        Done("report", _folder["replaced"], "--device", "cpu");
        Assert.That(File.Exists(_folder["replaced/report.html"]));
        Done([.. Training("replaced"), "--epochs", "1", "--overwrite"]);
        Assert.That(File.Exists(_folder["replaced/report.html"]), Is.False);
    }

    [Test]
    public void WithoutItsDataAPageShowsTheTraining()
    {
        Directory.Move(_folder["data"], _folder["moved"]);
        try
        {
            var (exit, _, error) = Run("report", _folder["run"], "--out", _folder["without.html"], "--device", "cpu");
            Assert.That((exit, error), Is.EqualTo((0, $"note: {_folder["run"]}: the page shows the training alone: the "
                + $"data set was in {_folder["data"]}, which is not there any more; give its folder with --data\n")));
            var page = File.ReadAllText(_folder["without.html"]);
            Assert.That(page, Does.Contain("which is not there any more").And.Contain("<b>Validation mAP</b>"));
            Assert.That(page, Does.Not.Contain("<b>Reliability</b>"));
            Assert.That(Page("moved.html", "run", "--data", "moved"), Does.Contain("<b>Reliability</b>"));
        }
        finally
        {
            Directory.Move(_folder["moved"], _folder["data"]);
        }
    }

    [Test]
    public void WhatIsWrongIsSaidInOneLineWithItsRemedy()
    {
        var run = _folder["run"];
        Says(["absent"], $"{_folder["absent"]}: there is no such folder; give the folder of a training run");
        Says(["data"], $"{_folder["data"]}: no training run is there (it has no run.json); give the folder that "
            + "'train' wrote");
        Says(["run", "run/"], $"{run}/: this run is given twice; leave one out");
        Says(["run", "--out", "data"], $"--out {_folder["data"]}: that is a folder; give a file, as "
            + $"{_folder["data/report.html"]}");
        Says(["run", "--out", "no/a.html"], $"--out {_folder["no/a.html"]}: there is no folder {_folder["no"]}; make "
            + "it, or give another place");
        Says(["run", "--out", "run/best.safetensors"], $"--out {_folder["run/best.safetensors"]}: the page is HTML; "
            + "give a name that ends in .html");
        Says(["run", "--data", "no"], $"--data {_folder["no"]}: there is no such folder; give the folder of the data "
            + "set");
    }

    [Test]
    public void DamagedFilesOfARunAreNamed()
    {
        foreach (var file in new[] { "run.json", "metrics.csv" })
            File.Copy(_folder[$"run/{file}"], Made(_folder[$"damaged/{file}"]), overwrite: true);
        var good = File.ReadAllText(_folder["damaged/metrics.csv"]);
        _folder.Write("damaged/metrics.csv", good.Replace("\n1,", "\nx,", StringComparison.Ordinal));
        Assert.That(
            Refused("report", _folder["damaged"]), Does.Contain("metrics.csv: row 2, column 'epoch': 'x' is not a"));
        _folder.Write("damaged/metrics.csv", good);
        _folder.Write("damaged/run.json", "{");
        Assert.That(
            Refused("report", _folder["damaged"]),
            Does.Contain("run.json: cannot be read").And.Contain("restore the file, or leave this run out"));
        _folder.Write("damaged/run.json", "{}");
        Assert.That(Refused("report", _folder["damaged"]), Does.Contain("run.json: it has no options"));
    }

    [Test]
    public void ARunWithoutWeightsOrEpochsIsAPageToo()
    {
        File.Copy(_folder["run/run.json"], Made(_folder["begun/run.json"]), overwrite: true);
        var (exit, _, error) = Run("report", _folder["begun"]);
        Assert.That(exit, Is.Zero, error);
        Assert.That(File.ReadAllText(_folder["begun/report.html"]), Does.Contain("No epoch is finished yet"));
    }

    private string[] Training(string name) =>
        ["train", "--data", _folder["data"], "--out", _folder[name], .. Tiny, "--batch-size", "6"];

    private string Page(string file, params string[] arguments)
    {
        Done([
            "report", .. arguments.Select(a => a.StartsWith('-') ? a : _folder[a]), "--out", _folder[file], "--device",
            "cpu",
        ]);
        return File.ReadAllText(_folder[file]);
    }

    private void Says(string[] arguments, string expected) => Assert.That(
        Refused(["report", .. arguments.Select(a => a.StartsWith('-') ? a : _folder[a])]),
        Is.EqualTo($"error: {expected}\n"));

    private static string Made(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
