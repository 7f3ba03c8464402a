using Flixstock.Engine;

namespace Flixstock.Tests.Data;

public class SceneTests
{
    [Test]
    public void AFewClassesAreCommonAndMostAreRareAndAboutThreeAreInAPicture()
    {
        var counts = new int[20];
        var random = new SeededRandom(5);
        const int Pictures = 20_000;
        for (var i = 0; i < Pictures; i++)
        {
            var classes = ScenePlan.DrawClasses(random);
            for (var k = 0; k < classes.Length; k++)
                counts[k] += classes[k] ? 1 : 0;
        }
        for (var k = 0; k < counts.Length; k++)
        {
            var expected = SceneClasses.Frequency(SceneClasses.Names[k]);
            Assert.That(
                (double)counts[k] / Pictures,
                Is.EqualTo(expected).Within(4 * Math.Sqrt(expected * (1 - expected) / Pictures)),
                SceneClasses.Names[k]);
        }
        Assert.That((double)counts.Sum() / Pictures, Is.EqualTo(3.05).Within(0.15));
        Assert.That((double)counts.Max() / Pictures, Is.EqualTo(0.5).Within(0.02));
        Assert.That((double)counts.Min() / Pictures, Is.EqualTo(0.02).Within(0.005));
    }

    [Test]
    public void ClassesOfOneThemeOccurTogetherMoreOftenThanByChance()
    {
        // disc and dots share a theme, disc and stripes do not.
        var (disc, dots, stripes) = (Place("disc"), Place("dots"), Place("stripes"));
        var drawn = Enumerable.Range(0, 20_000).Select(i => ScenePlan.DrawClasses(new SeededRandom((ulong)i))).ToList();
        double Share(Func<bool[], bool> condition) => drawn.Count(condition) / (double)drawn.Count;
        double Lift(int k) => Share(one => one[disc] && one[k]) / (Share(one => one[disc]) * Share(one => one[k]));
        Assert.That(Lift(dots), Is.GreaterThan(1.15));
        Assert.That(Lift(stripes), Is.LessThan(0.97));
    }

    [Test]
    public void ThingsHideLittleOfEachOther()
    {
        var (deep, all) = (0, 0);
        for (ulong seed = 0; seed < 2000; seed++)
        {
            var random = new SeededRandom(seed);
            var items = ScenePlan.Place(ScenePlan.DrawClasses(random), random);
            foreach (var kind in items.GroupBy(item => SceneClasses.Textures.Contains(item.Name)))
            {
                var own = kind.ToList();
                all += own.Count;
                deep += own.Where((item, i) => ScenePlan.Overlap(item, own.Where((_, j) => j != i)) > 0.35).Count();
            }
        }
        Assert.That((double)deep / all, Is.LessThan(0.02), "shapes, or textures, more than a third into a neighbour");
    }

    [Test]
    public void EveryClassChangesThePicture()
    {
        var empty = SceneSynthesizer.DrawOne(new bool[20], 3, 64);
        var pictures = Enumerable.Range(0, 20).Select(k => Convert.ToBase64String(
            SceneSynthesizer.DrawOne([.. Enumerable.Range(0, 20).Select(other => other == k)], 3, 64))).ToList();
        Assert.That(pictures.Append(Convert.ToBase64String(empty)).Distinct().Count(), Is.EqualTo(21));
        Assert.That(SceneSynthesizer.DrawOne(new bool[20], 3, 64), Is.EqualTo(empty));
    }

    [Test]
    public void TheSameSeedGivesTheSameBytesWhateverTheThreadsAndAllPartsLoad()
    {
        using var folder = new TemporaryFolder();
        var (one, two) = (Path.Combine(folder.Path, "one"), Path.Combine(folder.Path, "two"));
        SceneSynthesizer.Draw(one, new SceneOptions { Count = 40, Size = 32, Workers = 1, Seed = 9 });
        SceneSynthesizer.Draw(two, new SceneOptions { Count = 40, Size = 32, Workers = 3, Seed = 9 });
        foreach (var file in Directory.GetFiles(one, "*", SearchOption.AllDirectories))
        {
            Assert.That(
                File.ReadAllBytes(Path.Combine(two, Path.GetRelativePath(one, file))),
                Same.As(File.ReadAllBytes(file)), file);
        }
        Assert.That(
            DatasetLayout.Parts.Select(part => new DatasetSource(one).Load(part).Samples.Count),
            Is.EqualTo(new[] { 28, 8, 4 }));
        var training = new DatasetSource(one).Load("train");
        Assert.That(training.Attributes.ClassNames, Is.EqualTo(SceneClasses.Names));
        Assert.That(training.Samples.SelectMany(sample => sample.Labels), Is.All.GreaterThanOrEqualTo(0));
        Assert.That(
            () => SceneSynthesizer.Draw(one, new SceneOptions { Count = 40, Size = 32 }),
            Throws.TypeOf<InputException>().With.Message.Contains("replace it with overwrite"));
        SceneSynthesizer.Draw(one, new SceneOptions { Count = 10, Size = 32, Overwrite = true });
        foreach (var part in DatasetLayout.Parts)
            File.Delete(new DatasetLayout(one).PartCsv(part)); // as a stopped command leaves it
        SceneSynthesizer.Draw(one, new SceneOptions { Count = 10, Size = 32 });
        Assert.That(new DatasetSource(one).Load("train").Samples, Has.Count.EqualTo(7));
    }

    private static int Place(string name) => Enumerable.Range(0, 20).Single(k => SceneClasses.Names[k] == name);
}
