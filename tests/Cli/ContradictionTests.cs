using static Flixstock.Tests.Cli.NamedDatasets;

namespace Flixstock.Tests.Cli;

/// <summary>
/// Options of which one would silently change nothing are refused in one line, before anything is read; those of the
/// reference's lists are noted.
/// </summary>
public sealed class ContradictionTests
{
    [TestCase("train --data x --out y --two-stage --partial-loss-mode negative", "--two-stage and --partial-loss-mode")]
    [TestCase("train --data x --out y --two-stage --partial-loss-mode ignore", "--two-stage and --partial-loss-mode")]
    [TestCase("train --data x --out y --resume --overwrite", "--resume and --overwrite")]
    [TestCase(
        "train --data x --out y --partial-loss-mode ignore --prior-path p.csv",
        "--prior-path: only --partial-loss-mode selective")]
    [TestCase(
        "train --data x --out y --partial-loss-mode negative --simulate-partial-type rps --simulate-partial-param 0.5 "
            + "--count-ignored",
        "--count-ignored: only")]
    [TestCase("train --data x --out y --head grouped --gamma-neg 2", "--gamma-neg: --head grouped")]
    [TestCase("train --data x --out y --classes-by-position", "--classes-by-position: without")]
    [TestCase("train --data x --out y --device cpu --kernels k", "--kernels: the processor")]
    [TestCase("validate --data x --weights w --json a.json --out r", "--json and --out")]
    [TestCase("validate --data x --weights w --bootstrap 0 --seed 3", "--seed: ")]
    [TestCase("thresholds --data x --weights w --in-place --out o.safetensors", "--out and --in-place")]
    [TestCase("infer --weights w p.jpg --out r", "--out: it is for --all-val")]
    [TestCase("infer --weights w p.jpg --skip-missing", "--skip-missing: it is for --all-val")]
    [TestCase("infer --weights w p.jpg --classes-by-position", "--classes-by-position: it is for --all-val")]
    [TestCase("infer --weights w --all-val --data x --json", "--json: --all-val writes a CSV")]
    [TestCase("infer --weights w --all-val --data x --save-pictures s", "--save-pictures: --all-val")]
    [TestCase("infer --weights w --all-val --data x --explain e", "--explain: --all-val writes a CSV")]
    [TestCase("synth --task scenes --out s --masks", "--masks: --task scenes")]
    [TestCase("infer --weights w --dataset-type openimages --thre 0.5 p.jpg", "--thre: --dataset-type openimages")]
    [TestCase("export --weights w --out m.onnx --uint8-input --preprocess", "--uint8-input and --preprocess")]
    public void TheyAreNamedAndTheReasonIsGiven(string line, string named) =>
        Assert.That(Refused(line.Split(' ')), Does.Contain(named).And.Contain("leave"));

    [TestCase("train --data x --out y --likelihood-topk auto", "--two-stage, --prior-path, or a number")]
    public void WhatIsMissingIsNamed(string line, string named) =>
        Assert.That(Refused(line.Split(' ')), Does.Contain("--likelihood-topk auto: ").And.Contain(named));

    [TestCase("train --data nowhere --out y --partial-loss-mode negative --prior-threshold 0.5 --likelihood-topk 5")]
    [TestCase("train --data nowhere --out y --prior-threshold 0.5")]
    [TestCase("train --data nowhere --out y --two-stage --partial-loss-mode selective --prior-threshold 0.5")]
    [TestCase("infer --weights w --data x nowhere.jpg --th 0.97 --top-k 3")]
    public void WhatTheReferenceProjectsCommandLinesHaveIsAccepted(string line) =>
        Assert.That(Refused(line.Split(' ')), Does.Contain("nowhere"));
}
