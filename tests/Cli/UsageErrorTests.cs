using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary>Slips of the keyboard: named for what they are, in one line, before anything is done.</summary>
public sealed class UsageErrorTests
{
    [TestCase("trian", "unknown command 'trian'; did you mean 'train'?")]
    [TestCase("trian --data x --out y", "unknown command 'trian'; did you mean 'train'?")]
    [TestCase("--quiet trian", "unknown command 'trian'; did you mean 'train'?")]
    [TestCase("Train --data x", "unknown command 'Train'; did you mean 'train'?")]
    [TestCase("train.py --data x", "unknown command 'train.py'; did you mean 'train'?")]
    [TestCase("data shwo", "unknown command 'data shwo'; did you mean 'data show'?")]
    [TestCase("data shwo --data x", "unknown command 'data shwo'; did you mean 'data show'?")]
    [TestCase("weights covert a b", "unknown command 'weights covert'; did you mean 'weights convert'?")]
    [TestCase("show --data x", "unknown command 'show'; did you mean 'data show'?")]
    [TestCase("photo.jpg", "unknown command 'photo.jpg'")]
    [TestCase("data", "give one of show, check, pack, simulate")]
    [TestCase("weights", "give one of show, convert, diff")]
    public void A_wrong_command_is_named_as_such(string arguments, string expected) =>
        AssertOneLine(arguments, expected);

    [TestCase("infer train.jpg --treshold 0.5", "unknown option '--treshold'; did you mean '--threshold'?")]
    [TestCase("infer --treshold=0.5 train.jpg", "unknown option '--treshold'; did you mean '--threshold'?")]
    [TestCase("infer -bogus", "unknown option '-bogus'")]
    [TestCase("infer a.jpg -jsno", "unknown option '-jsno'")]
    [TestCase("infer a.jpg --all_vall", "unknown option '--all-vall'; did you mean '--all-val'?")]
    [TestCase("weights show --jsno", "unknown option '--jsno'")]
    [TestCase("weights convert a.pth --nmaes timm", "unknown option '--nmaes'; did you mean '--names'?")]
    [TestCase("weights diff a --verbos", "unknown option '--verbos'; did you mean '--verbose'?")]
    [TestCase("experiment --worker", "unknown option '--worker'; did you mean '--workers'?")]
    [TestCase("split --stratfied", "unknown option '--stratfied'; did you mean '--stratified'?")]
    [TestCase("validate --thr 0.5", "unknown option '--thr'; did you mean '--thre")]
    [TestCase("train --batch 8", "unknown option '--batch'; did you mean '--batch-size'?")]
    [TestCase("help --trian", "unknown option '--trian'")]
    [TestCase("--nonsense", "unknown option '--nonsense'")]
    public void A_misspelt_option_is_never_a_picture_a_file_or_a_folder(string arguments, string expected) =>
        AssertOneLine(arguments, expected);

    [TestCase("train --data --batchsize 8", "unknown option '--batchsize'")]
    [TestCase("export --weights --verfy", "unknown option '--verfy'; did you mean '--verify'?")]
    [TestCase("infer --save-pictures --jsn a.jpg", "unknown option '--jsn'; did you mean '--json'?")]
    public void A_misspelt_option_is_never_the_value_of_the_one_before_it(string arguments, string expected) =>
        AssertOneLine(arguments, expected);

    [TestCase("train --clip -1", "--clip '-1'")]
    [TestCase("validate --thre -.5", "--thre '-.5'")]
    [TestCase("infer -- --treshold", "--treshold: there is no such picture or folder")]
    [TestCase("infer ./--treshold", "./--treshold: there is no such picture or folder")]
    [TestCase("train --out=-x --data=/nowhere/x --batch-size 0", "--batch-size '0'")]
    [TestCase("infer", "give pictures or folders of pictures")]
    [TestCase("infer --all-val a.jpg", "leave the other pictures out")]
    [TestCase("train a b", "unexpected argument 'b'")]
    [TestCase("validate a --data b", "two data sets; give one")]
    [TestCase("train --out a --path_dest b", "leave one out")]
    [TestCase("train --dataset_type=OpenImagess", "did you mean 'openimages'?")]
    public void Numbers_and_names_that_begin_with_a_dash_reach_their_option(string arguments, string expected) =>
        AssertOneLine(arguments, expected);

    private static void AssertOneLine(string arguments, string expected)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = CommandLine.Run(arguments.Split(' '), output, error, Backend.OpenCuda, folder: "/nowhere");
        Assert.That((exit, output.ToString()), Is.EqualTo((2, "")), error.ToString());
        var lines = error.ToString().TrimEnd().Split('\n')
            .Where(line => !line.StartsWith("note: ", StringComparison.Ordinal)).ToList();
        Assert.That(lines, Has.Count.EqualTo(1).And.Some.Contain(expected));
    }
}
