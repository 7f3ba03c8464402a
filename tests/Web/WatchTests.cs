using System.Net;
using Flixstock.Cli;
using Flixstock.Engine;
using Flixstock.Tests.Cli;
using Flixstock.Tests.Training;

namespace Flixstock.Tests.Web;

/// <summary>A run in the browser while it is trained: the page follows the files, whatever state they are in.</summary>
[NonParallelizable]
public sealed class WatchTests
{
    [Test]
    public void ThePageFollowsTheRun()
    {
        using var folder = new TemporaryFolder();
        Train(folder, stopEpoch: 1);
        var (server, address) = WatchPage.Serve(folder["run"], 0);
        using var _ = server;
        var (first, version) = Get(address);
        Assert.That(first, Does.Contain("<svg").And.Contain("id=\"live\"").And.Contain("connect-src"));
        Assert.That(Get(address).Version, Is.EqualTo(version), "nothing has changed");
        Train(folder, stopEpoch: 2, resume: true);
        var (second, newer) = Get(address);
        Assert.That(newer, Is.Not.EqualTo(version));
        Assert.That(second, Is.Not.EqualTo(first));
        Assert.That(Directory.GetFiles(folder["run"], "*.html"), Is.Empty, "it writes nothing");
    }

    // Each is the state of a moment, or what somebody does to the folder.
    [TestCase("metrics.csv", "epoch,step\n1,")]
    [TestCase("steps.csv", "step,epoch,loss,loss_per_label,learning_rate\n1,1,0.5\n")]
    [TestCase("run.json", "{ \"options\"")]
    public void AFileThatIsNotWholeIsSaidAndThePageGoesOn(string name, string text)
    {
        using var folder = new TemporaryFolder();
        Train(folder, stopEpoch: 1);
        var page = new WatchPage(folder["run"]);
        var whole = page.Now();
        var content = File.ReadAllText(folder[$"run/{name}"]);
        File.WriteAllText(folder[$"run/{name}"], text);
        var broken = page.Now();
        Assert.That(broken.Html, Does.Contain(name).And.Contain("id=\"live\"").And.Not.Contain("<svg"));
        File.WriteAllText(folder[$"run/{name}"], content);
        Assert.That(page.Now().Html, Is.EqualTo(whole.Html));
    }

    [Test]
    public void ARowThatIsBeingWrittenIsLeftOut()
    {
        using var folder = new TemporaryFolder();
        Train(folder, stopEpoch: 1);
        var page = new WatchPage(folder["run"]);
        var whole = page.Now();
        File.AppendAllText(folder["run/steps.csv"], "99,1,0.5,0.");
        Assert.That(page.Now().Html, Is.EqualTo(whole.Html));
    }

    [Test]
    public void AFolderWithoutARunIsRefusedInOneLine()
    {
        using var folder = new TemporaryFolder();
        Assert.That(NamedDatasets.Refused("watch", folder.Path), Does.Contain("no training run is there"));
        Assert.That(NamedDatasets.Refused("watch", folder["none"]), Does.Contain("there is no such folder"));
    }

    [Test]
    public void TrainingShowsItsOwnPage()
    {
        using var folder = new TemporaryFolder();
        NamedDatasets.WriteFolders(folder, "data");
        var output = NamedDatasets.Done([
            "train", "--data", folder["data"], "--out", folder["run"], "--epochs", "1", "--watch",
            .. NamedDatasets.Tiny,
        ]);
        Assert.That(output, Does.Match(@"watch it: http://127\.0\.0\.1:[0-9]+/"));
    }

    private static void Train(TemporaryFolder folder, int stopEpoch, bool resume = false)
    {
        using var backend = Backend.Cpu(1);
        var data = TinyTraining.Pictures(folder.Path);
        var run = resume ? TrainingRun.Open(folder["run"]) : TrainingRun.Create(folder["run"]);
        using var trainer = new Trainer(
            backend, data, data, TinyTraining.Options with { StopEpoch = stopEpoch }, run, resume);
        trainer.Train();
    }

    private static (string Html, string Version) Get(string address)
    {
        using var client = new HttpClient();
        using var answer = client.GetAsync(new Uri(address)).Result;
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return (answer.Content.ReadAsStringAsync().Result, answer.Headers.ETag!.Tag);
    }
}
