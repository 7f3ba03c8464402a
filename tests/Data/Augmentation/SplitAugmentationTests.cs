using CsCheck;
using Flixstock.Engine;

namespace Flixstock.Tests;

public sealed class SplitAugmentationTests
{
    [Test]
    public void Without_movement_a_warp_changes_nothing()
    {
        var picture = TemporaryFolder.SmallPicture(3, 37, 23);
        Assert.That(SplitAugmentation.ShiftScaleRotate(picture, 0, 1, 0, 0).Pixels, Is.EqualTo(picture.Pixels));
        var map = PerspectiveMap.OfPixels(PerspectiveMap.SquareTo([0, 0, 37, 0, 37, 23, 0, 23]), 37, 23);
        Assert.That(PictureWarp.Apply(picture, map, PictureBorder.Black).Pixels, Is.EqualTo(picture.Pixels));
    }

    [Test]
    public void A_shift_by_whole_pixels_mirrors_what_comes_in()
    {
        var picture = TemporaryFolder.SmallPicture(4, 10, 5);
        var shifted = SplitAugmentation.ShiftScaleRotate(picture, 0, 1, 0.2, 0); // two pixels to the right
        Assert.That(Column(shifted, 2), Is.EqualTo(Column(picture, 0)));
        Assert.That(Column(shifted, 1), Is.EqualTo(Column(picture, 1)), "reflect-101 does not repeat the edge");
        Assert.That(Column(shifted, 0), Is.EqualTo(Column(picture, 2)));
    }

    [Test]
    public void A_positive_angle_turns_counter_clockwise_as_in_OpenCV()
    {
        var picture = new RgbPicture(21, 21);
        picture.Pixels.AsSpan(((10 * 21) + 18) * 3, 3).Fill(255); // right of the middle
        var turned = SplitAugmentation.ShiftScaleRotate(picture, 90, 1, 0, 0);
        var brightest = turned.Pixels.IndexOf(turned.Pixels.Max()) / 3;
        Assert.That(brightest / 21, Is.LessThan(5), "up");
    }

    [Test]
    public void Mirroring_twice_gives_the_picture_back()
    {
        Check.Sample(Gen.Select(Gen.Int[1, 30], Gen.Int[1, 30], Gen.ULong), (width, height, seed) =>
        {
            var picture = TemporaryFolder.SmallPicture(seed, width, height);
            return SplitAugmentation.FlipHorizontally(SplitAugmentation.FlipHorizontally(picture)).Pixels
                .SequenceEqual(picture.Pixels);
        });
    }

    [Test]
    public void A_straight_tone_curve_is_the_identity_and_curves_keep_black_and_white()
    {
        Assert.That(
            SplitAugmentation.ToneCurve(1.0 / 3, 2.0 / 3),
            Is.EqualTo(Enumerable.Range(0, 256).Select(value => (byte)value)));
        var curve = SplitAugmentation.ToneCurve(0.9, 0.1);
        Assert.That((curve[0], curve[255]), Is.EqualTo(((byte)0, (byte)255)));
    }

    [Test]
    public void A_copy_depends_on_its_generator_alone_and_leaves_the_picture_alone()
    {
        Check.Sample(Gen.ULong, seed =>
        {
            var picture = TemporaryFolder.SmallPicture(1, 24, 18);
            var before = picture.Pixels.ToArray();
            var one = SplitAugmentation.Apply(picture, new SeededRandom(seed));
            var two = SplitAugmentation.Apply(picture, new SeededRandom(seed));
            return one.Pixels.SequenceEqual(two.Pixels) && (one.Width, one.Height) == (24, 18)
                && picture.Pixels.SequenceEqual(before);
        });
    }

    private static byte[] Column(RgbPicture picture, int x) =>
        [.. Enumerable.Range(0, picture.Height)
            .SelectMany(y => picture.Pixels.AsSpan(((y * picture.Width) + x) * 3, 3).ToArray())];
}
