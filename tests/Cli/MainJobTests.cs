using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

[NonParallelizable]
public class MainJobTests
{
    [Test]
    [Category("slow")]
    public void ATinyNetworkGoesTheWholeWay()
    {
        var folder = Directory.CreateTempSubdirectory("flixstock-main").FullName;
        try
        {
            var (data, run) = (Path.Combine(folder, "data"), Path.Combine(folder, "run"));
            Run("synth", "--out", data, "--count", "100", "--size", "32");
            Run("split", "--data", data, "--no-augment");
            // nothing is there yet to overwrite
            Run(
                "train", "--data", data, "--out", run, "--layers", "1,1,1,1", "--width", "0.25", "--image-size", "32",
                "--epochs", "2", "--lr", "1e-3", "--stop_epoch", "1", "--overwrite");
            Run(
                "train", "--data", data, "--out", run, "--layers", "1,1,1,1", "--width", "0.25", "--image-size", "32",
                "--epochs", "2", "--lr", "1e-3", "--resume");
            var best = Path.Combine(run, "best.safetensors");
            Assert.That(
                Run("validate", "--data", data, "--weights", best, "--json", Path.Combine(folder, "report.json")),
                Does.Contain("mAP over annotated labels"));
            Assert.That(
                Run("infer", "--weights", best, new DatasetLayout(data).SplitImages("test")), Does.Contain("Neck"));
            Assert.That(File.ReadAllLines(Path.Combine(run, "metrics.csv")), Has.Length.EqualTo(3));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.That(CommandLine.Run(args, output, error), Is.Zero, error.ToString());
        // Without --device: a GPU, or the processor with one line that says why.
        Assert.That(
            error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries),
            Has.Length.LessThanOrEqualTo(1).And.All.StartsWith("note: computing on the processor: "));
        return output.ToString();
    }
}
