using System.Runtime.Intrinsics.X86;
using CsCheck;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>
/// Both passes of resizing in registers of every width give what single pixels and bytes give; that those are Pillow's
/// is shown by <see cref="PictureResizerTests"/>.
/// </summary>
public sealed class ResizeKernelTests
{
    // Shrinking and enlarging, a single pixel, odd widths, windows of one pixel and of more than a register.
    private static readonly Gen<(int From, int To)> Sizes = Gen.OneOf(
        Gen.Select(Gen.Int[1, 80], Gen.Int[1, 80]), Gen.Select(Gen.Int[1, 700], Gen.Int[1, 20]),
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 200]), Gen.Select(Gen.Int[1, 300], Gen.Const(224)));

    private static readonly Gen<(int From, int To, ResizeFilter Filter, ulong Seed)> Cases = Gen.Select(
        Sizes, Gen.Bool, Gen.ULong,
        (size, cubic, seed) => (
            size.From, size.To, cubic ? ResizeFilter.Bicubic : ResizeFilter.Bilinear, seed));

    [Test]
    public void PixelsMadeInRegistersAreThoseMadeOneByOne() => Cases.Sample(one =>
    {
        var weights = ResizeWeights.For(one.From, one.To, one.Filter);
        var row = Bytes(one.From * 3, one.Seed);
        var expected = new byte[one.To * 3];
        ResizeKernels.AlongXByPixels(row, weights, 0, expected);
        var output = new byte[one.To * 3];
        ResizeKernels.AlongX(row, weights, output);
        Assert.That(output, Is.EqualTo(expected), "all of the row");
        output = new byte[one.To * 3];
        RequireBeginning(ResizeKernels.AlongXByRegisters(row, weights, 0, output) * 3, output, expected);
        if (!Avx2.IsSupported)
            return;
        output = new byte[one.To * 3];
        RequireBeginning(ResizeKernels.AlongXByPairs(row, weights, output) * 3, output, expected);
    }, iter: 1000);

    [Test]
    public void RowsMadeInRegistersOfEveryWidthAreThoseMadeByteByByte() => Cases.Sample(one =>
    {
        var weights = ResizeWeights.For(one.From, one.To, one.Filter);
        var place = (int)(one.Seed % (ulong)one.To);
        var stride = 3 * (1 + (int)(one.Seed % 70));
        var rows = Bytes(weights.Taps * stride, one.Seed);
        var taps = weights.Of(place);
        var expected = new byte[stride];
        ResizeKernels.AlongYByBytes(rows, taps, 0, expected);
        var output = new byte[stride];
        ResizeKernels.AlongY(rows, taps, output);
        Assert.That(output, Is.EqualTo(expected), "all of the row");
        RequireRegisters<ResizeLanes128>(rows, taps, expected);
        RequireRegisters<ResizeLanes256>(rows, taps, expected);
        RequireRegisters<ResizeLanes512>(rows, taps, expected);
    }, iter: 1000);

    [Test]
    public void EveryWindowLiesInThePictureAndItsWeightsAreOne() => Cases.Sample(one =>
    {
        var weights = ResizeWeights.For(one.From, one.To, one.Filter);
        for (var i = 0; i < one.To; i++)
        {
            Assert.That(weights.Starts[i], Is.InRange(0, one.From - weights.Taps));
            Assert.That(weights.Starts[i], Is.GreaterThanOrEqualTo(weights.Starts[Math.Max(0, i - 1)]));
            Assert.That(
                weights.Of(i).ToArray().Sum(), Is.EqualTo(1 << ResizeWeights.FractionBits).Within(weights.Taps));
        }
    }, iter: 300);

    private static void RequireRegisters<T>(byte[] rows, ReadOnlySpan<int> taps, byte[] expected)
        where T : struct, IResizeLanes<T>
    {
        var output = new byte[expected.Length];
        RequireBeginning(ResizeKernels.AlongY<T>(rows, taps, 0, output), output, expected);
    }

    // What is behind the last whole register is left to others.
    private static void RequireBeginning(int made, byte[] output, byte[] expected) =>
        Assert.That(output.Take(made), Is.EqualTo(expected.Take(made)));

    private static byte[] Bytes(int count, ulong seed)
    {
        // Often the darkest and the lightest: a cubic goes beyond both.
        var random = new SeededRandom(seed);
        return Array.ConvertAll(
            new byte[count], _ => random.Next(4) switch { 0 => (byte)0, 1 => (byte)255, _ => (byte)random.Next(256) });
    }
}
