using Flixstock.Engine;

namespace Flixstock.Tests.Drawing;

/// <summary>Colours of numbers that everyone can put in order.</summary>
public sealed class ColourScaleTests
{
    [Test]
    public void EqualStepsLookEqual()
    {
        var steps = Enumerable.Range(0, 64).Select(i => Distance(i / 64.0, (i + 1) / 64.0)).ToList();
        Assert.That(steps.Max(), Is.EqualTo(steps.Min()).Within(1e-9));
    }

    [Test]
    public void EveryColourCanBeShown()
    {
        for (var i = 0; i <= 255; i++)
        {
            var (lightness, a, b) = ColourScale.Oklab(i / 255.0);
            var (red, green, blue) = ColourScale.Linear(lightness, a, b);
            Assert.That(new[] { red, green, blue }, Is.All.InRange(0, 1), $"{i}");
        }
    }

    [Test]
    public void ItBecomesLighterInGreyAsWell()
    {
        var grey = Enumerable.Range(0, 256).Select(i => GarmentLook.Luminance(ColourScale.Of(i / 255f))).ToList();
        Assert.That(grey.Zip(grey.Skip(1)), Is.All.Matches<(double Dark, double Light)>(
            pair => pair.Light > pair.Dark - 1), "but for rounding");
        Assert.That(grey[^1] - grey[0], Is.GreaterThan(150));
    }

    [Test]
    public void OtherNumbersHaveTheColourOfTheNearerEnd()
    {
        Assert.That(ColourScale.Of(-3), Is.EqualTo(ColourScale.Of(0)));
        Assert.That(ColourScale.Of(7), Is.EqualTo(ColourScale.Of(1)));
        Assert.That(ColourScale.Of(float.NaN), Is.EqualTo(ColourScale.Of(0)));
    }

    private static double Distance(double from, double to)
    {
        var (l, a, b) = ColourScale.Oklab(from);
        var (l2, a2, b2) = ColourScale.Oklab(to);
        return Math.Sqrt(Math.Pow(l2 - l, 2) + Math.Pow(a2 - a, 2) + Math.Pow(b2 - b, 2));
    }
}
