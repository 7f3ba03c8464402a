using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>Charts as pixels, in the same look as their SVG.</summary>
internal sealed class SkiaPaper : IChartPaper
{
    private static readonly ChartPalette Palette = ChartPalette.Light;

    private readonly SKCanvas _canvas;

    private SkiaPaper(SKCanvas canvas) => _canvas = canvas;

    /// <summary>The chart on white.</summary>
    /// <param name="chart">The chart.</param>
    /// <param name="scale">Pixels of the picture for one of the chart.</param>
    public static RgbPicture Paint(IChart chart, int scale = 2) =>
        Canvas.Draw(chart.Width * scale, chart.Height * scale, canvas =>
        {
            canvas.Scale(scale);
            chart.Draw(new SkiaPaper(canvas));
        });

    public void At(double x, double y, Action draw)
    {
        _canvas.Save();
        _canvas.Translate((float)x, (float)y);
        draw();
        _canvas.Restore();
    }

    public void Line(string style, string path)
    {
        var (width, opacity, dash) = ChartStyle.LineOf(style);
        using var dashes = dash > 0 ? SKPathEffect.CreateDash([dash, dash], 0) : null;
        using var paint = new SKPaint
        {
            Color = Colour(ChartStyle.ColourOf(style, Palette), opacity),
            Style = SKPaintStyle.Stroke,
            StrokeWidth = width,
            StrokeJoin = SKStrokeJoin.Round,
            PathEffect = dashes,
            IsAntialias = true,
        };
        using var line = SKPath.ParseSvgPathData(path);
        _canvas.DrawPath(line, paint);
    }

    public void Dot(string tone, double x, double y, string tip)
    {
        using var paint = new SKPaint { Color = Colour(Palette.Of(tone)), IsAntialias = true };
        _canvas.DrawCircle((float)x, (float)y, 3, paint);
    }

    public void Box(
        string tone, (double X, double Y, double Width, double Height) place, double opacity, string tip)
    {
        using var paint = new SKPaint { Color = Colour(Palette.Of(tone), (float)opacity), IsAntialias = true };
        _canvas.DrawRect((float)place.X, (float)place.Y, (float)place.Width, (float)place.Height, paint);
    }

    public void Text(string style, TextPlace place, string text)
    {
        var kind = style.Split(' ')[0];
        using var font = EmbeddedFont.Create(kind == "title" ? ChartStyle.TitleSize : ChartStyle.TextSize);
        font.Embolden = kind == "title";
        var align = place.Anchor switch
        {
            TextAnchor.Middle => SKTextAlign.Center,
            TextAnchor.End => SKTextAlign.Right,
            _ => SKTextAlign.Left,
        };
        _canvas.Save();
        _canvas.Translate((float)place.X, (float)place.Y);
        if (place.Upright)
            _canvas.RotateDegrees(-90);
        if (kind is "note" or "end")
        {
            using var halo = new SKPaint
            {
                Color = Colour(Palette.Paper),
                Style = SKPaintStyle.Stroke,
                StrokeWidth = ChartStyle.Halo,
                StrokeJoin = SKStrokeJoin.Round,
                IsAntialias = true,
            };
            _canvas.DrawText(HiddenCharacters.Blanked(text), 0, 0, align, font, halo);
        }
        using var paint = new SKPaint { Color = Colour(ChartStyle.ColourOf(style, Palette)), IsAntialias = true };
        _canvas.DrawText(HiddenCharacters.Blanked(text), 0, 0, align, font, paint);
        _canvas.Restore();
    }

    private static SKColor Colour(string colour, float opacity = 1) =>
        SKColor.Parse(colour).WithAlpha((byte)Math.Round(255 * opacity));
}
