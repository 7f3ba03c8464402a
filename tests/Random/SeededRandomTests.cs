using Flixstock.Engine;

namespace Flixstock.Tests;

public sealed class SeededRandomTests
{
    [Test]
    public void The_sequence_never_changes()
    {
        var random = new SeededRandom(42);
        // xoshiro256** with the state splitmix64(42) gives, computed by an independent program.
        Assert.That(new[] { random.NextUInt64(), random.NextUInt64(), random.NextUInt64() },
            Is.EqualTo(new[] { 1546998764402558742UL, 6990951692964543102UL, 12544586762248559009UL }));
    }

    [Test]
    public void A_derived_generator_does_not_depend_on_numbers_already_drawn()
    {
        var fresh = new SeededRandom(7);
        var used = new SeededRandom(7);
        used.NextUInt64();
        Assert.That(used.Derive("picture").NextUInt64(), Is.EqualTo(fresh.Derive("picture").NextUInt64()));
        Assert.That(fresh.Derive("other").NextUInt64(), Is.Not.EqualTo(fresh.Derive("picture").NextUInt64()));
    }

    [Test]
    public void Gaussians_have_mean_zero_and_variance_one()
    {
        var random = new SeededRandom(1);
        var values = Enumerable.Range(0, 100_000).Select(_ => random.NextGaussian()).ToArray();
        Assert.That(values.Average(), Is.EqualTo(0).Within(0.02)); // 6 standard errors
        Assert.That(values.Average(value => value * value), Is.EqualTo(1).Within(0.03));
    }

    [Test]
    public void Bounded_integers_cover_their_range_evenly()
    {
        var random = new SeededRandom(3);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++)
            counts[random.Next(7)]++;
        Assert.That(counts, Has.All.InRange(9500, 10500)); // 5 standard deviations
    }

    [Test]
    public void A_shuffle_is_a_permutation()
    {
        CsCheck.Check.Sample(CsCheck.Gen.Select(CsCheck.Gen.ULong, CsCheck.Gen.Int[0, 200]), (seed, count) =>
        {
            var items = Enumerable.Range(0, count).ToArray();
            new SeededRandom(seed).Shuffle(items.AsSpan());
            return items.Order().SequenceEqual(Enumerable.Range(0, count));
        });
    }
}
