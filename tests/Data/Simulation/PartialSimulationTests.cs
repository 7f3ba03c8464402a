using Flixstock.Engine;

namespace Flixstock.Tests.Data;

public class PartialSimulationTests
{
    private const int Pictures = 3000;

    [Test]
    public void FpcLeavesExactlySoManyPositivesAndNegativesOfEveryClass(
        [Values(1, 40, 700)] int wanted, [Values(1UL, 7UL)] ulong seed)
    {
        var data = Classes(["common", "even", "rare", "sometimes unknown"]);
        var simulated = new PartialSimulation(SimulationKind.Fpc, wanted, seed).Apply(data);
        foreach (var (before, after) in simulated.Before.Zip(simulated.After))
        {
            Assert.That(after.Positives, Is.EqualTo(Math.Min(wanted, before.Positives)), before.Name);
            Assert.That(after.Negatives, Is.EqualTo(Math.Min(wanted, before.Negatives)), before.Name);
        }
        AssertNothingInvented(data, simulated.Dataset);
    }

    [Test]
    public void RpsHidesAShareWithinFourStandardDeviations(
        [Values(0.05, 0.5, 0.9)] double share, [Values(1UL, 7UL, 8UL)] ulong seed)
    {
        var data = Classes(["common", "even", "rare", "sometimes unknown"]);
        var simulated = new PartialSimulation(SimulationKind.Rps, share, seed).Apply(data);
        foreach (var (before, after) in simulated.Before.Zip(simulated.After))
        {
            // Positives and negatives of every class alike.
            foreach (var (known, left) in new[]
            {
                (before.Positives, after.Positives), (before.Negatives, after.Negatives),
            })
            {
                Assert.That(
                    known - left,
                    Is.EqualTo(share * known).Within((4 * Math.Sqrt(known * share * (1 - share))) + 1), before.Name);
            }
        }
        AssertNothingInvented(data, simulated.Dataset);
    }

    [Test]
    public void TheSameSeedHidesTheSameLabelsWhateverTheOrderOfClassesAndPictures(
        [Values(SimulationKind.Rps, SimulationKind.Fpc)] SimulationKind kind)
    {
        var simulation = new PartialSimulation(kind, kind == SimulationKind.Rps ? 0.4 : 60, 5);
        var forward = simulation.Apply(Classes(["common", "even", "rare"])).Dataset;
        var backward = simulation.Apply(Reversed(Classes(["common", "even", "rare"]))).Dataset;
        var labels = backward.Samples.ToDictionary(sample => sample.File, sample => sample.Labels);
        foreach (var sample in forward.Samples)
            Assert.That(sample.Labels, Is.EqualTo(Enumerable.Reverse(labels[sample.File])), sample.File);
        var other = (simulation with { Seed = 6 }).Apply(Classes(["common", "even", "rare"])).Dataset;
        Assert.That(
            forward.Samples.Zip(other.Samples).Count(pair => !pair.First.Labels.SequenceEqual(pair.Second.Labels)),
            Is.GreaterThan(50));
    }

    [Test]
    public void WhatAHarderSimulationLeavesIsAPartOfWhatAnEasierOneLeaves(
        [Values(SimulationKind.Rps, SimulationKind.Fpc)] SimulationKind kind)
    {
        var data = Classes(["common", "even", "rare"]);
        var (hard, easy) = kind == SimulationKind.Rps ? (0.8, 0.3) : (20.0, 90.0);
        AssertNothingInvented(new PartialSimulation(kind, easy).Apply(data).Dataset, new PartialSimulation(kind, hard)
            .Apply(data).Dataset);
    }

    [Test]
    public void OfExclusiveAttributesACellStaysOrGoesAsAWhole()
    {
        var data = Garments();
        var rps = new PartialSimulation(SimulationKind.Rps, 0.5, 3).Apply(data);
        foreach (var (before, after) in data.Samples.Zip(rps.Dataset.Samples))
        {
            for (var group = 0; group < 3; group++)
            {
                var own = after.Labels
                    .AsSpan(data.Attributes.Offset(group), data.Attributes.Groups[group].Classes).ToArray();
                Assert.That(
                    own.All(label => label < 0)
                        || own.SequenceEqual(before.Labels.Skip(data.Attributes.Offset(group)).Take(own.Length)),
                    after.File);
            }
        }
        var fpc = new PartialSimulation(SimulationKind.Fpc, 30, 3).Apply(data);
        foreach (var (before, after) in fpc.Before.Zip(fpc.After))
            Assert.That(after.Positives, Is.EqualTo(Math.Min(30, before.Positives)), before.Name);
        AssertNothingInvented(data, fpc.Dataset);
    }

    [TestCase(SimulationKind.Rps, 0.0, "between 0 and 1")]
    [TestCase(SimulationKind.Rps, 1, "between 0 and 1")]
    [TestCase(SimulationKind.Rps, double.NaN, "between 0 and 1")]
    [TestCase(SimulationKind.Fpc, 0, "a whole number from 1")]
    [TestCase(SimulationKind.Fpc, 2.5, "a whole number from 1")]
    [TestCase(SimulationKind.Fpc, 3001, "the most has 'common', 1800")]
    public void AParameterThatCannotBeIsRefusedByName(SimulationKind kind, double parameter, string expected) =>
        Assert.That(() => new PartialSimulation(kind, parameter).Apply(Classes(["common", "rare"])),
            Throws.TypeOf<InputException>().With.Message.StartsWith("Parameter ").And.Message.Contains(expected));

    [Test]
    public void ClassesSmallerThanFpcAreNamed()
    {
        var simulated = new PartialSimulation(SimulationKind.Fpc, 700).Apply(Classes(["common", "even", "rare"]));
        Assert.That(
            simulated.Note,
            Is.EqualTo("1 of 3 classes have fewer than 700 positives and keep all they have: rare (60)"));
        Assert.That(new PartialSimulation(SimulationKind.Fpc, 60).Apply(Classes(["common", "rare"])).Note, Is.Null);
    }

    [Test]
    public void WhatIsWrittenIsReadBackAsItWas([Values] bool garments)
    {
        using var folder = new TemporaryFolder();
        var data = garments ? Garments() : Classes(["common", "rare, very", "even"]);
        var pictures = Directory.CreateDirectory(Path.Combine(folder.Path, "pictures")).FullName;
        foreach (var sample in data.Samples)
            File.WriteAllText(Path.Combine(pictures, sample.File), sample.File);
        data = new ImageDataset(
            data.Attributes,
            [.. data.Samples.Take(40).Select(sample => sample with { Path = Path.Combine(pictures, sample.File) })]);
        var simulated = new PartialSimulation(SimulationKind.Rps, 0.5).Apply(data);
        var target = Path.Combine(folder.Path, "written");
        SimulatedDatasetWriter.Write(
            target, simulated, new Dictionary<string, ImageDataset> { ["val"] = data }, copyPictures: garments);
        var read = new DatasetSource(target).Load("train");
        Assert.That(
            read.Samples.Select(sample => string.Join(',', sample.Labels)),
            Is.EqualTo(simulated.Dataset.Samples.Select(sample => string.Join(',', sample.Labels))));
        Assert.That(File.ReadAllText(read.Samples[3].Path), Is.EqualTo(data.Samples[3].File));
        Assert.That(new DatasetSource(target).Load("val").Samples[7].Labels, Is.EqualTo(data.Samples[7].Labels));
        Assert.That(
            () => SimulatedDatasetWriter.Write(target, simulated, new Dictionary<string, ImageDataset>(), false),
            Throws.TypeOf<InputException>().With.Message.Contains("replace it by overwrite"));
    }

    private static void AssertNothingInvented(ImageDataset before, ImageDataset after)
    {
        foreach (var (had, has) in before.Samples.Zip(after.Samples))
        {
            for (var k = 0; k < has.Labels.Length; k++)
                Assert.That(has.Labels[k] < 0 || has.Labels[k] == had.Labels[k], $"{has.File}, class {k}");
        }
    }

    // common in 60 %, even in every other picture, rare in 2 %; one class with a third unknown from the beginning.
    private static ImageDataset Classes(string[] names) =>
        new(AttributeTable.OfClasses(names), [.. Enumerable.Range(0, Pictures).Select(i =>
            new Sample($"{i}.png", $"{i}.png", [.. names.Select(name => (sbyte)(name[0] switch
            {
                'c' => i % 10 < 6 ? 1 : 0,
                'e' => i % 2,
                'r' => i % 50 == 7 ? 1 : 0,
                _ => (i % 3) - 1,
            }))]))]);

    private static ImageDataset Reversed(ImageDataset data) => new(
        AttributeTable.OfClasses([.. data.Attributes.ClassNames.Reverse()]),
        [.. data.Samples.Reverse().Select(sample => sample with { Labels = [.. sample.Labels.Reverse()] })]);

    private static ImageDataset Garments() => new(AttributeTable.Garments, [.. Enumerable.Range(0, 600).Select(i =>
        new Sample(
            $"{i}.jpg", $"{i}.jpg",
            AttributeTable.Garments.Labels([i % 8 == 7 ? -1 : i % 8, i % 4, i % 15 < 10 ? i % 15 : -1])))]);
}
