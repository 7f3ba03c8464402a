using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Data.Fetching;

/// <summary>The data set that is made of drawings and their authors' tags.</summary>
public sealed class ClipartTests
{
    private static readonly string[] Names = [.. ClipartClass.All.Select(one => one.Name)];

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void ATagIsPositiveItsAbsenceUnknownAndTheFolderTheTruth()
    {
        for (var i = 0; i < 20; i++)
            Draw($"svg/animals/birds/bird{i:d2}.svg", i, i % 2 == 0 ? "Animal" : "bird", "party");
        bool IsEven(Sample sample) =>
            int.Parse(sample.File[^6..^4], System.Globalization.CultureInfo.InvariantCulture) % 2 == 0;
        var made = Make("made");
        Assert.That(made.Parts, Is.EqualTo(new[] { ("train", 12), ("val", 2), ("test", 6) }));
        var (animals, party, food) = (Class("animals"), Class("party"), Class("food"));
        foreach (var part in new[] { "train", "val" })
        {
            foreach (var sample in Load("made", part).Samples)
            {
                Assert.That(sample.Labels[animals], Is.EqualTo((sbyte)(IsEven(sample) ? 1 : -1)), sample.File);
                Assert.That((sample.Labels[party], sample.Labels[food]), Is.EqualTo(((sbyte)1, (sbyte)-1)));
            }
        }
        foreach (var sample in Load("made", "test").Samples)
        {
            Assert.That(
                (sample.Labels[animals], sample.Labels[party], sample.Labels[food]),
                Is.EqualTo(((sbyte)1, (sbyte)-1, (sbyte)0)), "the folder says animals, a tag party, nothing food");
        }
        var rows = File.ReadAllLines(_folder["made/folders.csv"]);
        Assert.That(rows[0], Is.EqualTo("filename,part,folders,tags"));
        Assert.That(rows, Has.Length.EqualTo(21));
        Assert.That(rows, Has.One.Matches("^animals/birds/bird03.png,(train|val|test),animals,bird\\|party$"));
        // The training pictures again, as a part of a data set that asks for what was forgotten.
        _folder.Write("open/test.csv", File.ReadAllText(_folder["made/forgotten.csv"]));
        Directory.CreateSymbolicLink(_folder["open/images"], _folder["made/images"]);
        foreach (var sample in Load("open", "test").Samples)
        {
            Assert.That(
                (sample.Labels[animals], sample.Labels[party], sample.Labels[food]),
                Is.EqualTo(((sbyte)(IsEven(sample) ? -1 : 1), (sbyte)-1, (sbyte)0)));
        }
        Assert.That(made.Classes, Is.EqualTo(12));
        Assert.That(made.Forgotten, Is.EqualTo(
            Load("made", "train").Samples.Count(sample => sample.Labels[animals] < 0)));
    }

    [Test]
    public void TheSamePictureIsThereOnceWithAllItsFoldersAndTags()
    {
        Fill();
        Draw("svg/food/cake.svg", 100, "food");
        Draw("svg/recreation/party/other-name.svg", 100, "birthday");
        Draw("svg/people/clothing/hat.svg", 101, "people");
        Draw("svg/tools/weapons/gun.svg", 102, "tool");
        var made = Make("made");
        Assert.That((made.Drawings, made.Repeated, made.Skipped), Is.EqualTo((33, 1, 0)), "weapons are no class");
        var rows = File.ReadAllText(_folder["made/folders.csv"]);
        Assert.That(rows, Does.Match("food/cake.png,[a-z]+,food\\|party,food\\|birthday\n"));
        Assert.That(rows, Does.Match("people/clothing/hat.png,[a-z]+,clothing,people\n"));
        var files = Directory.GetFiles(_folder["made/images"], "*.png", SearchOption.AllDirectories);
        Assert.That(files, Has.Length.EqualTo(32));
        Assert.That(files.Select(file => Convert.ToHexString(File.ReadAllBytes(file))), Is.Unique);
        var parts = DatasetLayout.Parts.SelectMany(part => Load("made", part).Samples.Select(sample => sample.File));
        Assert.That(parts, Is.Unique.And.Exactly(32).Items);
    }

    [Test]
    public void TheSeedDecidesThePartsAndThreadsNothing()
    {
        Fill();
        Make("one", new ClipartOptions { Size = 24, Workers = 1 });
        Make("same", new ClipartOptions { Size = 24, Workers = 3 });
        Make("other", new ClipartOptions { Size = 24, Seed = 2 });
        foreach (var file in Directory.GetFiles(_folder["one"], "*", SearchOption.AllDirectories))
        {
            var same = file.Replace(_folder["one"], _folder["same"], StringComparison.Ordinal);
            Assert.That(File.ReadAllBytes(same), Same.As(File.ReadAllBytes(file)), file);
        }
        Assert.That(
            File.ReadAllText(_folder["other/train.csv"]), Is.Not.EqualTo(File.ReadAllText(_folder["one/train.csv"])));
        Assert.That(Load("one", "val").Samples[0].Decode().Width, Is.EqualTo(24));
    }

    [Test]
    public void WhatCannotBePaintedIsLeftOutAndNamed()
    {
        Fill();
        _folder.Write("svg/food/broken.svg", "<svg><g>");
        _folder.Write("svg/food/outside.svg", "<svg xmlns='http://www.w3.org/2000/svg'><image href='a.png'/></svg>");
        _folder.Write("svg/food/huge.svg", new byte[SafeDrawing.LargestFile + 1]);
        File.CreateSymbolicLink(_folder["svg/food/nowhere.svg"], _folder["not-there"]);
        Directory.CreateDirectory(_folder["svg/food/folder.svg"]);
        Assert.That(Make("made").Skipped, Is.EqualTo(4));
        var lines = File.ReadAllText(_folder["made/skipped.csv"]).Replace("\"", "", StringComparison.Ordinal);
        Assert.That(lines.TrimEnd().Split('\n').Select(line => line.Split(':')[0]), Is.EqualTo(new[]
        {
            "drawing,reason", "food/broken.svg,not XML that can be read", "food/huge.svg,it has more than 4 MB",
            "food/nowhere.svg,it cannot be read", "food/outside.svg,it refers to another file",
        }));
    }

    [Test]
    public void TooFewDrawingsAreAnErrorAndLeaveNothing()
    {
        Draw("svg/food/one.svg", 1, "food");
        Assert.That(
            () => Make("made"),
            Throws.TypeOf<InputException>().With.Message.Contains("1 different drawings are too few"));
        Assert.That(Directory.Exists(_folder["made"]), Is.False);
    }

    [Test]
    public void EveryClassHasFoldersAndTagsThatNoOtherHas()
    {
        Assert.That(Names, Is.Unique.And.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
        Assert.That(ClipartClass.All.SelectMany(one => one.Tags), Is.Unique);
        foreach (var one in ClipartClass.All)
        {
            Assert.That(ClipartClass.All.Where(other => other.Holds($"{one.Folder}/a.svg")), Is.EqualTo(new[] { one }));
            Assert.That(one.Except, Is.All.StartsWith(one.Folder + "/"), one.Name);
        }
    }

    [TestCase("nothing", "no SVG drawing is there")]
    [TestCase("made", "there is something in it already")]
    public void WhatIsWrongIsSaidInOneLineByTheCommand(string wrong, string said)
    {
        Fill();
        Directory.CreateDirectory(_folder["empty"]);
        _folder.Write("full/a.txt", "a");
        var (files, to) = (_folder[wrong == "nothing" ? "empty" : "svg"], _folder[wrong == "made" ? "full" : "x"]);
        Assert.That(
            Run("--files", files, "--out", to),
            Is.EqualTo((CommandLine.WrongInput, 1)), _said);
        Assert.That(_said, Does.Contain(said).And.Not.Contain("   at "));
        Assert.That(Directory.Exists(_folder["x"]), Is.False);
    }

    [Test]
    public void TheCommandPaintsWhatItIsGivenAndCounts()
    {
        Fill();
        Assert.That(Run("--files", _folder["svg"], "--size", "20", "--out", _folder["x"]).Exit, Is.Zero, _said);
        Assert.That(_said, Does.Contain("of 30 drawings 0 are others once more, and 0 are left out"));
        Assert.That(Load("x", "train").Samples[0].Decode().Height, Is.EqualTo(20));
    }

    [Test]
    public void ThePackageGivesAllClasses()
    {
        RequirePackage();
        // Every drawing is read, and none painted: each has the colours of its bytes.
        var made = Clipart.Make(Clipart.InstalledFolder, _folder["made"], new ClipartOptions { Size = 4 }, svg =>
            [.. Enumerable.Repeat(Sha256.HashData(svg), 2).SelectMany(bytes => bytes).Take(48)]);
        Assert.That(made.Parts.Sum(part => part.Count), Is.InRange(2400, 2900));
        Assert.That(made.Skipped, Is.InRange(1, made.Drawings / 20));
        Assert.That(made.Forgotten, Is.InRange(made.Classes / 10, made.Classes / 3));
        var test = PartSummary.Of("test", Load("made", "test")).Classes;
        Assert.That(test.Select(count => count.Positive), Is.All.GreaterThanOrEqualTo(15));
        Assert.That(PartSummary.Of("train", Load("made", "train")).Classes.Sum(count => count.Negative), Is.Zero);
    }

    [Test]
    public void ThePackagesPlantsArePainted()
    {
        RequirePackage();
        Directory.CreateSymbolicLink(_folder["svg"], _folder["some"]);
        Directory.CreateDirectory(_folder["some"]);
        Directory.CreateSymbolicLink(_folder["some/plants"], Path.Combine(Clipart.InstalledFolder, "plants"));
        var made = Make("made");
        Assert.That(made.Parts.Sum(part => part.Count), Is.InRange(60, 80));
        Assert.That(made.Skipped, Is.LessThan(10));
        Assert.That(Load("made", "test").Samples.Select(sample => sample.Decode().Pixels.Distinct().Count()),
            Is.All.GreaterThan(1));
    }

    private static void RequirePackage()
    {
        if (!Clipart.IsIn(Clipart.InstalledFolder))
            Assert.Ignore($"the package {Clipart.Package} is not installed");
    }

    private string _said = "";

    private (int Exit, int Lines) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = CommandLine.Run(["data", "fetch", "clipart", .. arguments], output, error);
        _said = output + error.ToString();
        return (exit, error.ToString().Trim().Split('\n').Length);
    }

    private static int Class(string name) => Array.IndexOf(Names, name);

    private ImageDataset Load(string folder, string part) => new DatasetSource(_folder[folder]).Load(part);

    private ClipartSummary Make(string to, ClipartOptions? options = null)
    {
        options ??= new ClipartOptions { Size = 32 };
        return Clipart.Make(_folder["svg"], _folder[to], options, DrawingParts.Painter(options.Size));
    }

    // Ten different drawings in each of three folders.
    private void Fill()
    {
        for (var i = 0; i < 30; i++)
            Draw($"svg/{new[] { "food", "plants", "tools" }[i % 3]}/drawing{i:d2}.svg", i, "tool");
    }

    private void Draw(string path, int number, params string[] tags) => _folder.Write(path, $"""
        <svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><metadata>
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">
        <dc:subject><rdf:Bag>{string.Concat(tags.Select(tag => $"<rdf:li>{tag}</rdf:li>"))}</rdf:Bag></dc:subject>
        </rdf:RDF></metadata><rect width="100" height="100" fill="#{number * 40_009 % 0xF00000:x6}"/></svg>
        """);
}
