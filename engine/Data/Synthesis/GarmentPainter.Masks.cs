using SkiaSharp;

namespace Flixstock.Engine;

// Where a part is seen: the picture's own shapes in the order in which they are painted, so that what lies over a part
// takes it away. A pixel belongs to the shape that holds its middle; the camera's blur comes after that.
internal sealed partial class GarmentPainter
{
    /// <summary>The mask of a part, for the same arguments as the picture: 255 where it is seen, 0 elsewhere.</summary>
    public static SKBitmap PaintMask(GarmentPart part, int[] classes, SeededRandom random, int size)
    {
        NativeLibraryCheck.RequireSkia();
        var look = new GarmentLook(random.Derive("look"), size);
        var painter = new GarmentPainter(classes, look, random.Derive("garment"));
        var mask = new SKBitmap(new SKImageInfo(look.Width, look.Height, SKColorType.Gray8, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(mask);
        canvas.Clear(SKColors.Black);
        painter.EnterFrame(canvas);
        using var torso = painter.Torso(forSkin: false);
        using var opening = Necklines.Opening(painter._neck);
        using var body = torso.Op(opening, SKPathOp.Difference);
        if (part == GarmentPart.Sleeve)
            painter.MaskSleeves(canvas, body);
        else
            painter.MaskNeck(canvas, body, opening);
        return mask;
    }

    private void MaskSleeves(SKCanvas canvas, SKPath body)
    {
        FillSleeves(canvas, SKColors.White);
        Fill(canvas, body, SKColors.Black, SeamWidth);
    }

    private void MaskNeck(SKCanvas canvas, SKPath body, SKPath opening)
    {
        using var skin = Torso(forSkin: true);
        using var bare = skin.Op(opening, SKPathOp.Intersect);
        Fill(canvas, bare, SKColors.White);
        FillSleeves(canvas, SKColors.Black);
        Fill(canvas, body, SKColors.Black);
        canvas.Save();
        canvas.ClipPath(body, SKClipOperation.Intersect, antialias: false);
        using (var rim = new SKPaint { Color = SKColors.White, Style = SKPaintStyle.Stroke, StrokeWidth = RimWidth })
            canvas.DrawPath(opening, rim);
        if (_neck == Necklines.Turtleneck)
        {
            using var band = Band();
            Fill(canvas, band, SKColors.White);
        }
        canvas.Restore();
        if (_neck != Necklines.Collar)
            return;
        foreach (var left in new[] { true, false })
        {
            using var flap = Necklines.Flap(left);
            Fill(canvas, flap, SKColors.White, CollarEdgeWidth);
        }
    }

    private void FillSleeves(SKCanvas canvas, SKColor color)
    {
        foreach (var sleeve in Sleeves())
        {
            using (sleeve)
                Fill(canvas, sleeve, color, SeamWidth);
        }
    }

    // The shape and, if it has one, the line along its edge, half of which lies outside.
    private static void Fill(SKCanvas canvas, SKPath shape, SKColor color, float edge = 0)
    {
        using var paint = new SKPaint
        {
            Color = color,
            Style = edge > 0 ? SKPaintStyle.StrokeAndFill : SKPaintStyle.Fill,
            StrokeWidth = edge,
        };
        canvas.DrawPath(shape, paint);
    }
}
