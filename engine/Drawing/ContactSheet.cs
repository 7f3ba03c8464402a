using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>Many pictures on one page, each with a caption.</summary>
internal sealed class ContactSheet : IDisposable
{
    private const int Gap = 16;
    private const int TextWidth = 604; // a page is at least so wide, for its title
    private const float Stripe = 3;
    private const float LargeHeight = 28, HeadingHeight = 27, SmallHeight = 19;

    private readonly List<Action<SKCanvas>> _blocks = [];
    private readonly SKFont _font = EmbeddedFont.Create(13), _small = EmbeddedFont.Create(11);
    private readonly SKFont _heading = EmbeddedFont.Create(16), _large = EmbeddedFont.Create(20);
    private readonly int _columns, _cell, _width;
    private float _height = Gap;

    private ContactSheet(int columns, int cell)
    {
        (_columns, _cell) = (columns, cell);
        _width = Math.Max((columns * (cell + Gap)) + Gap, TextWidth);
    }

    /// <summary>Lays the pictures out row by row; a row is as high as its longest caption needs.</summary>
    /// <param name="parts">Parts, one below the other, with at least one picture together, of any size.</param>
    /// <param name="columns">Number of pictures in a row.</param>
    /// <param name="cell">Side in pixels of the square a picture is fitted into, 32 or more.</param>
    /// <param name="title">A line above everything; null: none.</param>
    /// <param name="note">Small print below the title; null: none.</param>
    public static RgbPicture Paint(
        IReadOnlyList<SheetPart> parts, int columns = 6, int cell = 180, string? title = null, string? note = null)
    {
        var most = parts.Max(part => part.Pictures.Count);
        ArgumentOutOfRangeException.ThrowIfZero(most, nameof(parts));
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(cell, 32);
        using var sheet = new ContactSheet(Math.Min(columns, most), cell);
        sheet.Lay(parts, title, note);
        return Canvas.Draw(sheet._width, (int)MathF.Ceiling(sheet._height), sheet.Draw);
    }

    /// <summary>Paints and writes a PNG; parameters as <see cref="Paint"/>.</summary>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Save(
        string path, IReadOnlyList<SheetPart> parts, int columns = 6, int cell = 180, string? title = null,
        string? note = null) =>
        PictureWriter.Write(path, Paint(parts, columns, cell, title, note));

    /// <summary>Frees the fonts.</summary>
    public void Dispose()
    {
        _font.Dispose();
        _small.Dispose();
        _heading.Dispose();
        _large.Dispose();
    }

    private void Lay(IReadOnlyList<SheetPart> parts, string? title, string? note)
    {
        AddText(title, _large, LargeHeight, Canvas.Ink);
        AddText(note, _font, SmallHeight, Canvas.Faint);
        foreach (var part in parts.Where(part => part.Pictures.Count > 0))
        {
            if (_blocks.Count > 0)
                _height += Gap / 2f;
            AddText(part.Heading, _heading, HeadingHeight, Canvas.Ink);
            foreach (var row in part.Pictures.Chunk(_columns))
                AddRow(row);
        }
    }

    private void AddText(string? text, SKFont font, float height, SKColor colour)
    {
        if (string.IsNullOrEmpty(text))
            return;
        foreach (var line in TextLines.Wrap(text, font, _width - (2 * Gap), most: 3))
        {
            var baseline = _height + (height * 0.7f);
            _blocks.Add(canvas => Canvas.Text(canvas, line, Gap, baseline, font, colour));
            _height += height;
        }
    }

    private void AddRow(SheetPicture[] row)
    {
        var captions = Array.ConvertAll(row, one => new CaptionBlock(one.Caption, _cell, _font, _small));
        for (var i = 0; i < row.Length; i++)
        {
            var (picture, caption) = (row[i], captions[i]);
            var frame = SKRect.Create(Gap + (i * (_cell + Gap)), _height, _cell, _cell);
            _blocks.Add(canvas => DrawCell(canvas, picture, caption, frame));
        }
        _height += _cell + Stripe + captions.Max(caption => caption.Height) + Gap;
    }

    private static void DrawCell(SKCanvas canvas, SheetPicture picture, CaptionBlock caption, SKRect frame)
    {
        using var paint = new SKPaint { Color = Canvas.Mat };
        canvas.DrawRect(frame, paint);
        var place = Canvas.Picture(canvas, picture.Picture(), frame);
        picture.Overlay?.Invoke(canvas, place);
        paint.Color = picture.Caption.Mark == AnswerMark.None
            ? Canvas.Line
            : AnswerMarks.ColourOf(picture.Caption.Mark);
        canvas.DrawRect(SKRect.Create(frame.Left, frame.Bottom, frame.Width, Stripe), paint);
        caption.Draw(canvas, frame.Left, frame.Bottom + Stripe);
    }

    private void Draw(SKCanvas canvas)
    {
        foreach (var block in _blocks)
            block(canvas);
    }
}
