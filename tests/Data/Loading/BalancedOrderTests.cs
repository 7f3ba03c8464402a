using Flixstock.Engine;

namespace Flixstock.Tests.Data;

public class BalancedOrderTests
{
    // 64 pictures: class 0 in 32 of them, class 1 in 2; 30 with nothing known.
    private static Sample[] Samples =>
    [
        .. Enumerable.Range(0, 64).Select(i => new Sample(
            $"{i}", "",
            i < 30 ? [1, 0, -1] : i < 32 ? [1, 1, -1] : i < 34 ? [-1, -1, -1] : i < 62 ? [0, -1, -1] : [-1, -1, 0])),
    ];

    [Test]
    public void SharesAreTheRepeatFactorsOfTheRarestKnownClass()
    {
        var order = new BalancedOrder(Samples, 3, seed: 1);
        // t is the commonest class' count, 32: r(0) = 1, r(1) = sqrt(32 / 2) = 4; unknown and absent labels count for
        // nothing.
        var sum = 62 + (2 * 4);
        Assert.That(order.Shares.Take(30), Is.All.EqualTo(64.0 / sum).Within(1e-12));
        Assert.That(order.Shares.Skip(30).Take(2), Is.All.EqualTo(4 * 64.0 / sum).Within(1e-12));
        Assert.That(order.Shares.Skip(32), Is.All.EqualTo(64.0 / sum).Within(1e-12));
        var draws = order.Describe(["common", "rare", "never"]);
        Assert.That(draws.Select(c => c.Before), Is.EqualTo(new[] { 32, 2, 0 }));
        Assert.That(draws[1].After, Is.EqualTo(2 * 4 * 64.0 / sum).Within(1e-9));
        Assert.That(draws[2].After, Is.Zero);
        var flat = new BalancedOrder(Samples, 3, seed: 1, threshold: 0.01);
        Assert.That(flat.Shares, Is.All.EqualTo(1).Within(1e-12), "no class is rarer than the threshold");
    }

    [Test]
    public void AnEpochDrawsInProportionAndFollowsFromSeedAndEpochAlone()
    {
        var order = new BalancedOrder(Samples, 3, seed: 7);
        var counts = new int[64];
        for (var epoch = 1; epoch <= 200; epoch++)
        {
            var own = new int[64];
            foreach (var sample in Fill(order, epoch))
                own[sample]++;
            for (var i = 0; i < own.Length; i++)
            {
                Assert.That(own[i], Is.InRange(Math.Floor(order.Shares[i]), Math.Ceiling(order.Shares[i])));
                counts[i] += own[i];
            }
        }
        // 200 epochs of at most one more or less: within 4 sigma of the share.
        for (var i = 0; i < 64; i++)
            Assert.That(counts[i] / 200.0, Is.EqualTo(order.Shares[i]).Within(4 * 0.5 / Math.Sqrt(200)));
        Assert.That(Fill(new BalancedOrder(Samples, 3, seed: 7), 5), Is.EqualTo(Fill(order, 5)));
        Assert.That(Fill(order, 6), Is.Not.EqualTo(Fill(order, 5)));
        Assert.That(Fill(new BalancedOrder(Samples, 3, seed: 8), 5), Is.Not.EqualTo(Fill(order, 5)));
    }

    private static int[] Fill(BalancedOrder order, int epoch)
    {
        var result = new int[64];
        order.Fill(epoch, result);
        return result;
    }
}
