using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>
/// Batch norm over the pictures of several processes: the split path against the one that computes everything in one
/// call.
/// </summary>
[NonParallelizable]
public sealed class SplitStatisticsTests
{
    private static readonly string[] Devices = ["reference", "cpu", "emulated"];
    private static readonly string[] Kinds = ["leaky", "identity", "residual", "excite"];
    private static readonly int[] Channels = [24, 19];

    [Test]
    public void AProcessAloneComputesWhatItWouldWithoutReducer(
        [ValueSource(nameof(Kinds))] string kind, [ValueSource(nameof(Channels))] int channels,
        [ValueSource(nameof(Devices))] string device)
    {
        var layer = new AbnUnderTest(kind, channels, Mean: 0.5f, Origin: 0);
        var reducer = new LoneReducer();
        var (expected, actual) = (layer.Whole(device), layer.Whole(device, reducer));
        Assert.That((reducer.Gathered, reducer.Added), Is.EqualTo((1, 1)));
        Compare(actual.ByPicture, expected.ByPicture, 1e-6);
        Compare(actual.Statistics, expected.Statistics, 1e-6);
        Compare(actual.Gradients, expected.Gradients, 1e-6);
    }

    [Test]
    public void FourPicturesAndTwoGiveWhatSixGive(
        [ValueSource(nameof(Kinds))] string kind, [ValueSource(nameof(Channels))] int channels,
        [ValueSource(nameof(Devices))] string device) =>
        CompareCut(new AbnUnderTest(kind, channels, Mean: 0.5f, Origin: 0), device, statistics: 1e-5, output: 1e-5,
            gradients: 1e-5);

    // The shift is as large as 2500, where a single has steps of 2.4e-4; the largest output is about 5. A shift that
    // is rounded the other way, as it may be in one call too, is a relative error of 5e-5 in the output and more in
    // what is computed from it. Sums of squares in single precision would be wrong by several percent, in the
    // statistics first.
    [Test]
    public void AMeanOf1000CancelsNothing(
        [ValueSource(nameof(Kinds))] string kind, [ValueSource(nameof(Channels))] int channels,
        [ValueSource(nameof(Devices))] string device)
    {
        var exact = kind is "identity" or "residual" && device != "emulated";
        CompareCut(
            new AbnUnderTest(kind, channels, Mean: 1000, Origin: 1000), device, statistics: 1e-6, output: 1e-4,
            gradients: exact ? 1e-5 : 5e-4);
    }

    // The first step of a training, whose running means are 0: means less the origin have no more digits than means
    // have.
    [Test]
    public void NeitherWhereTheRunningMeanIsStillFarAway(
        [ValueSource(nameof(Kinds))] string kind, [ValueSource(nameof(Devices))] string device) =>
        CompareCut(new AbnUnderTest(kind, 24, Mean: 1000, Origin: 0), device, statistics: 1e-4, output: 2e-4,
            gradients: 5e-4);

    [Test]
    public void OnePixelIsEnoughForAProcessButNotForAll()
    {
        using var backend = Backend.Cpu(1);
        using var arena = new DynamicArena(backend.Device);
        var layer = new IdentityAbn("abn", 8);
        using var buffer = new ParameterBuffer(backend.Device, [.. layer.Parameters]);
        Pass With(IStatisticsReducer reducer) =>
            backend.NewPass(arena, training: true) with { StatisticsReducer = reducer };
        var input = backend.Device.FromHost<float>(new float[8], new Shape(1, 1, 1, 8));
        Assert.That(() => layer.Forward(With(new LoneReducer()), input),
            Throws.TypeOf<InputException>().With.Message.Contains("one pixel"));
        Assert.That(() => layer.Forward(With(new SilentReducer(2, 1)), input), Throws.Nothing);
    }

    private static void CompareCut(AbnUnderTest layer, string device, double statistics, double output,
        double gradients)
    {
        var whole = layer.Whole(device);
        var parts = layer.Cut(device, 4, 2);
        float[] Joined(string name) => [.. parts.SelectMany(part => part.ByPicture[name])];
        using var scope = Assert.EnterMultipleScope();
        foreach (var (name, values) in whole.ByPicture)
            Compare(name, Joined(name), values, name == "y" ? output : gradients);
        foreach (var (name, values) in whole.Gradients)
            Compare(name, Sum(parts, name), values, gradients);
        Compare(parts[0].Statistics, whole.Statistics, statistics);
        foreach (var (name, values) in parts[0].Statistics)
            Assert.That(parts[1].Statistics[name], Is.EqualTo(values), $"{name}: the processes' bits differ");
    }

    private static float[] Sum(AbnUnderTest.Outcome[] parts, string name) =>
        [.. parts[0].Gradients[name].Zip(parts[1].Gradients[name], (a, b) => a + b)];

    private static void Compare(Dictionary<string, float[]> actual, Dictionary<string, float[]> expected,
        double tolerance)
    {
        foreach (var (name, values) in expected)
            Compare(name, actual[name], values, tolerance);
    }

    private static void Compare(string name, float[] actual, float[] expected, double tolerance)
    {
        var largest = TestTensors.Largest(expected);
        var worst = actual.Zip(expected, (own, right) => Math.Abs((double)own - right)).Max() / largest;
        TestContext.Out.WriteLine($"{name}: off by {worst:0.0e+0} of the largest, {largest:g3}");
        TestTensors.AssertClose(actual, expected, tolerance * largest, name);
    }
}
