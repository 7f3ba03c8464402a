using static Flixstock.Tests.Cli.NamedDatasets;

namespace Flixstock.Tests.Cli;

/// <summary><c>lr-find</c>: its curve and suggestion, and what is refused before a step is taken.</summary>
[NonParallelizable]
public sealed class LrFindTests
{
    [Test]
    public void TheCurveIsWrittenAndWhatIsWrongIsSaidBeforeTheWork()
    {
        using var folder = new TemporaryFolder();
        WriteFolders(folder, "data");
        SaveCheckpoint(folder["other.safetensors"], Table(("Colour", Colours)));
        string[] find =
        [
            "lr-find", "--data", folder["data"], "--steps", "4", "--layers", "1,1,1,1", "--image-size", "32",
            "--device", "cpu",
        ];
        Assert.That(
            Done([.. find, "--width", "0.0625", "--csv", folder["lr.csv"], "--chart", folder["lr.png"]]),
            Does.Contain("sugges"));
        Assert.That(File.ReadAllLines(folder["lr.csv"]), Has.Length.EqualTo(5));
        Assert.That(new FileInfo(folder["lr.png"]).Length, Is.Positive);
        foreach (var (option, value, message) in new[]
        {
            ("--chart", folder["none/lr.png"], "--chart"), ("--csv", folder.Path, "--csv"),
            ("--batch-size", "auto", "--batch-size auto"), ("--width", "0.125", "other.safetensors"),
        })
        {
            Assert.That(
                Refused([.. find, "--weights", folder["other.safetensors"], option, value]), Does.Contain(message));
        }
    }
}
