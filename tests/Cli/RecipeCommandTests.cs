using System.Text.Json;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary>
/// Presets, sampler, augmentation, the grouped head; thresholds and review: from the command line to the files.
/// </summary>
[NonParallelizable]
public sealed class RecipeCommandTests
{
    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public void TrainOnce()
    {
        _folder = new TemporaryFolder();
        _folder.CleanedDataset(20);
        Run("split", "--data", _folder.Path, "--no-augment");
        Train("plain");
        Train("grouped", "--head", "grouped", "--balance", "sampler", "--augment", "randaugment");
    }

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void APresetIsPrintedRecordedAndChangedByItsOptions()
    {
        var output = Train("preset", "--loss-preset", "csl-coco-fpc", "--gamma-neg", "2", "--epochs", "1");
        Assert.That(
            output, Does.Contain("preset csl-coco-fpc").And.Contain("gamma- 2").And.Contain("PartialLabelingCSL"));
        var run = JsonDocument.Parse(File.ReadAllText(_folder["preset/run.json"])).RootElement;
        var options = run.GetProperty("options");
        Assert.That(options.GetProperty("lossPreset").GetString(), Is.EqualTo("csl-coco-fpc"));
        Assert.That(run.GetProperty("lossPresetSource").GetString(), Does.Contain("83.44"));
        var loss = options.GetProperty("loss");
        Assert.That(
            new[] { "gammaPositive", "gammaNegative", "gammaUnannotated", "likelihoodTopK", "priorThreshold" }.Select(
                name => loss.GetProperty(name).GetDouble()),
            Is.EqualTo(new[] { 0, 2, 4, 5, 0.5 }));
    }

    [Test]
    public void MixedPicturesArePrintedAndRecorded()
    {
        var output = Train("mixed", "--splice-mix", "0.25", "--two-stage", "--balance", "sampler", "--epochs", "1");
        Assert.That(output, Does.Contain("a batch of 8 pictures gets 2 mixed ones"));
        foreach (var run in new[] { "mixed", "mixed/ignore" })
            Assert.That(TrainingRun.OptionsIn(_folder[run])!.SpliceMix, Is.EqualTo(0.25));
        Assert.That(TrainingRun.OptionsIn(_folder["plain"])!.SpliceMix, Is.Zero);
        Assert.That(
            Run(
                "lr-find", "--data", _folder.Path, "--splice-mix", "0.25", "--layers", "1,1,1,1", "--width", "0.25",
                "--image-size", "32", "--steps", "4"),
            Does.Contain("4"));
    }

    [Test]
    public void TheSamplersFrequenciesArePrintedAndRecorded()
    {
        var draws = JsonDocument.Parse(File.ReadAllText(_folder["grouped/run.json"])).RootElement
            .GetProperty("classDraws");
        Assert.That(draws.GetArrayLength(), Is.EqualTo(21));
        var total = draws.EnumerateArray().Sum(c => c.GetProperty("after").GetDouble());
        Assert.That(
            total,
            Is.GreaterThan(0).And.Not.EqualTo(draws.EnumerateArray().Sum(c => c.GetProperty("before").GetInt32())));
    }

    [Test]
    public void AGroupedModelsProbabilitiesAddUpToOneEverywhere()
    {
        Assert.That(File.Exists(_folder["grouped/prior.csv"]), Is.False, "sigmoids of these scores would be no prior");
        var best = _folder["grouped/best.safetensors"];
        using var predictor = Predictor.Load(best);
        var probabilities = predictor.Predict(TemporaryFolder.SmallPicture(4)).Probabilities;
        foreach (var (first, end) in new[] { (0, 7), (7, 11), (11, 21) })
            Assert.That(probabilities[first..end].Sum(value => (double)value), Is.EqualTo(1).Within(1e-5));
        Assert.That(
            Run(
                "validate", "--data", _folder.Path, "--weights", best, "--json", _folder["grouped.json"],
                "--bootstrap", "50"),
            Does.Contain("95 % intervals by 50 resamples"));
        Assert.That(
            Run("export", "--weights", best, "--out", _folder["grouped.onnx"], "--verify"),
            Does.Contain("probabilities differ by at most"));
        Assert.That(
            Run("prior", "--data", _folder.Path, "--weights", best, "--out", _folder["prior.csv"]),
            Does.Contain("written"));
        var prior = PriorFile.Read(_folder["prior.csv"], 21).Prior;
        Assert.That(prior[..7].Sum(value => (double)value), Is.EqualTo(1).Within(1e-4));
    }

    [Test]
    public void ThresholdsAreFittedStoredAndUsed()
    {
        var (best, fitted) = (_folder["plain/best.safetensors"], _folder["fitted.safetensors"]);
        Assert.That(
            Run("thresholds", "--data", _folder.Path, "--weights", best, "--split", "train", "--out", fitted),
            Does.Contain("negative log likelihood").And.Contain("temperature"));
        var calibration = Checkpoint.Load(fitted).Calibration!;
        Assert.That(calibration.Thresholds, Has.Count.EqualTo(21));
        Assert.That(calibration.Temperature, Is.GreaterThan(0).And.Not.EqualTo(1));
        var json = JsonDocument.Parse(Validated(fitted, "--thre", "checkpoint")).RootElement;
        Assert.That(
            json.GetProperty("classes").EnumerateArray().Select(c => (float)c.GetProperty("threshold").GetDouble()),
            Is.EqualTo(calibration.Thresholds).Within(1e-6f));
        Assert.That(
            Run("infer", "--weights", fitted, "--json", new DatasetLayout(_folder.Path).SplitImages("test")),
            Does.Contain("\"aboveThreshold\": "));
        Assert.That(
            Run("export", "--weights", fitted, "--out", _folder["fitted.onnx"], "--verify"),
            Does.Contain("probabilities differ by at most"));
        using var session = new OnnxSession(_folder["fitted.onnx"]);
        Assert.That(
            session.Metadata["temperature"],
            Is.EqualTo(calibration.Temperature.ToString("R", System.Globalization.CultureInfo.InvariantCulture)));
        Assert.That(
            JsonSerializer.Deserialize<float[]>(session.Metadata["thresholds"]), Is.EqualTo(calibration.Thresholds));
        // Once more, into the file itself: what was fitted before does not matter.
        Run("thresholds", "--data", _folder.Path, "--weights", fitted, "--split", "train", "--in-place");
        Assert.That(Checkpoint.Load(fitted).Calibration!.Thresholds, Is.EqualTo(calibration.Thresholds));
    }

    [Test]
    public void AReviewIsATableAndASheet()
    {
        // A temperature that makes a barely trained model sure of everything.
        Checkpoint.Load(_folder["grouped/best.safetensors"])
            .With(new ClassCalibration([.. Enumerable.Repeat(0.5f, 21)], 0.001)).Save(_folder["sure.safetensors"]);
        var output = Run(
            "review", "--data", _folder.Path, "--weights", _folder["sure.safetensors"], "--out", _folder["review"]);
        var rows = File.ReadAllLines(_folder["review/review.csv"]);
        Assert.That(rows[0], Is.EqualTo("file,class,label,probability,kind"));
        Assert.That(rows, Has.Length.GreaterThan(1), output);
        Assert.That(PictureDecoder.Decode(_folder["review/review.png"]).Width, Is.GreaterThan(100));
        Assert.That(
            Run(
                "review", "--data", _folder.Path, "--weights", _folder["grouped/best.safetensors"],
                "--out", _folder["unsure"], "--confidence", "1"),
            Does.Contain("0 labels disagree"));
    }

    private static IEnumerable<TestCaseData> Wrong()
    {
        yield return new("train --data {0} --out {0}/run --loss-preset focal", "choose one of none, csl-coco-rps");
        yield return new(
            "train --data {0} --out {0}/run --loss-preset asl --head grouped", "--head grouped has its own loss");
        yield return new("train --data {0} --out {0}/run --head softmax", "--head 'softmax'");
        yield return new("train --data {0} --out {0}/run --head grouped --two-stage", "leave --two-stage out");
        yield return new(
            "train --data {0} --out {0}/run --head grouped --prior-path x.csv", "leave one of the two out");
        yield return new("train --data {0} --out {0}/run --balance copies", "--balance 'copies'");
        yield return new(
            "train --data {0} --out {0}/run --balance sampler --balance-threshold 2", "--balance-threshold '2'");
        yield return new("train --data {0} --out {0}/run --balance sampler --balance-threshold 0", "above 0");
        yield return new("train --data {0} --out {0}/run --balance-threshold 0.1", "needs --balance sampler");
        yield return new("train --data {0} --out {0}/run --augment mixup", "--augment 'mixup'");
        yield return new("train --data {0} --out {0}/plain --resume --augment garments", "augmentation");
        yield return new("train --data {0} --out {0}/run --splice-mix 2", "--splice-mix '2'");
        yield return new(
            "train --data {0} --out {0}/run --splice-mix 0.25 --head grouped",
            "--splice-mix 0.25: --head grouped has one class of each attribute, and a mixed picture has several: leave "
                + "one of the two out");
        yield return new(
            "train --data {0} --out {0}/run --splice-mix 0.25 --head ml-decoder-grouped", "leave one of the two out");
        yield return new(
            "train --data {0} --out {0}/run --splice-mix 0.25 --batch-size 3 --device cpu",
            "--splice-mix 0.25: a batch of 3 pictures gets no mixed picture: give a larger share, or a larger "
                + "--batch-size");
        yield return new("lr-find --data {0} --splice-mix 0.25 --batch-size 3 --device cpu", "gets no mixed picture");
        yield return new("train --data {0} --out {0}/plain --resume --splice-mix 0.25", "spliceMix");
        yield return new("train --data {0} --out {0}/plain --resume --head grouped", "head");
        yield return new(
            "validate --data {0} --weights {0}/plain/best.safetensors --json {0}/v.json --thre checkpoint",
            "has no thresholds");
        yield return new(
            "validate --data {0} --weights {0}/plain/best.safetensors --json {0}/v.json --thre high", "--thre 'high'");
        yield return new(
            "validate --data {0} --weights {0}/plain/best.safetensors --json {0}/v.json --bootstrap -1",
            "--bootstrap '-1'");
        yield return new("thresholds --data {0} --weights {0}/none.safetensors", "none.safetensors");
        yield return new("thresholds --data {0}/nowhere --weights {0}/plain/best.safetensors", "nowhere");
        yield return new("thresholds --data {0} --weights {0}/plain/best.safetensors --shrink -3", "--shrink '-3'");
        yield return new(
            "thresholds --data {0} --weights {0}/plain/best.safetensors --out {0}/model.pth", "--out FILE.safetensors");
        yield return new(
            "thresholds --data {0} --weights {0}/plain/best.safetensors --out {0}/plain", "that is a folder");
        yield return new(
            "review --data {0} --weights {0}/plain/best.safetensors --out {0}/r --confidence 0.2",
            "--confidence '0.2'");
        yield return new(
            "review --data {0} --weights {0}/plain/best.safetensors --out {0}/plain/best.safetensors",
            "best.safetensors");
    }

    [TestCaseSource(nameof(Wrong))]
    public void WrongInputIsOneLineAndWritesNothing(string commandLine, string named)
    {
        string[] All() => [.. Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)];
        var before = All();
        var (exit, _, error) = TryRun(string.Format(commandLine, _folder.Path).Split(' '));
        Assert.That(exit, Is.EqualTo(2), error);
        Assert.That(error.TrimEnd(), Does.Contain(named).And.Not.Contain("\n").And.Not.Contain("   at "));
        Assert.That(All(), Is.EqualTo(before), "nothing may be written");
    }

    [TestCase("thresholds", "[0.5]", "thresholds for 21 classes")]
    [TestCase("thresholds", "half", "description is damaged")]
    [TestCase("temperature", "0", "temperature")]
    [TestCase("head", "both", "description is damaged")]
    public void ADamagedDescriptionIsNamed(string key, string value, string named)
    {
        var file = _folder[$"damaged-{key}-{value.Length}.safetensors"];
        var state = SafetensorsFile.Read(_folder["plain/best.safetensors"]);
        state.Metadata["thresholds"] = JsonSerializer.Serialize(Enumerable.Repeat(0.5f, 21));
        state.Metadata["temperature"] = "1";
        state.Metadata[key] = value;
        SafetensorsFile.Write(file, state);
        var (exit, _, error) = TryRun("infer", "--weights", file, new DatasetLayout(_folder.Path).SplitImages("test"));
        Assert.That(exit, Is.EqualTo(2));
        Assert.That(error.TrimEnd(), Does.Contain(file).And.Contain(named).And.Not.Contain("\n"));
    }

    [Test]
    public void AGroupedHeadOverIndependentClassesIsRefused()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(12);
        Run("split", "--data", folder.Path, "--no-augment");
        var layout = new DatasetLayout(folder.Path);
        foreach (var part in new[] { "train", "val" })
        {
            var file = layout.PartCsv(part);
            var table = AttributeTable.OfClasses(["cat", "dog"]);
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(file)!, AttributeTable.FileName), table.ToJson());
            File.WriteAllText(file, "filename,cat,dog\n"
                + string.Concat(File.ReadLines(file).Skip(1).Select((line, i) => $"{line.Split(',')[0]},{i % 2},\n")));
        }
        var (exit, _, error) = TryRun(
            "train", "--data", folder.Path, "--out", folder["run"], "--layers", "1,1,1,1", "--width", "0.25",
            "--image-size", "32", "--epochs", "1", "--head", "grouped");
        Assert.That(exit, Is.EqualTo(2), error);
        Assert.That(error.TrimEnd(), Does.Contain("independent").And.Not.Contain("\n"));
        Assert.That(Directory.Exists(folder["run"]), Is.False);
    }

    private string Validated(string weights, params string[] more)
    {
        var file = _folder["validated.json"];
        Run(["validate", "--data", _folder.Path, "--weights", weights, "--json", file, "--bootstrap", "0", .. more]);
        return File.ReadAllText(file);
    }

    private string Train(string name, params string[] more) => Run(
    [
        "train", "--data", _folder.Path, "--out", _folder[name], "--layers", "1,1,1,1", "--width", "0.25",
        "--image-size", "32", "--batch-size", "8", "--lr", "3e-3",
        .. more.Contains("--epochs") ? more : ["--epochs", "4", .. more],
    ]);

    private static string Run(params string[] arguments)
    {
        var (exit, output, error) = TryRun(arguments);
        Assert.That(exit, Is.Zero, error);
        return output;
    }

    private static (int Exit, string Output, string Error) TryRun(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (CommandLine.Run(arguments, output, error), output.ToString(), error.ToString());
    }
}
