namespace Flixstock.Cli;

/// <summary>The text of a progress line, the most important part first.</summary>
/// <param name="Parts">The parts, each with a shorter form or null; if there is no room even for those, the last ones
/// are left out.</param>
internal sealed record ProgressText(params ProgressPart[] Parts)
{
    private const string Between = "  ";

    /// <summary>The text for measured work: speed and time left come first.</summary>
    /// <param name="perSecond">Speed, such as <c>123.4 images/s</c>; empty: not known yet.</param>
    /// <param name="left">Time left; null: not known yet.</param>
    /// <param name="more">The parts that follow.</param>
    public static ProgressText Of(string perSecond, TimeSpan? left, params ProgressPart[] more) =>
        new([new ProgressPart(perSecond), new ProgressPart(left is { } time ? $"{Left(time)} left" : ""), .. more]);

    /// <summary>Time left as people say it.</summary>
    public static string Left(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes:00} min"
        : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds:00} s" : $"{time.Seconds} s";

    /// <summary>The text in one line.</summary>
    /// <param name="width">Width in cells.</param>
    /// <param name="dots">Text in place of the middle of a name.</param>
    public string Fit(int width, string dots = "…")
    {
        var parts = Parts.Where(part => part.Text.Length > 0).ToList();
        if (Join(parts.Select(part => part.Text)) is var full && TextWidth.Of(full) <= width)
            return full;
        var texts = parts.ConvertAll(part => part.Short ?? part.Text);
        while (texts.Count > 1 && TextWidth.Of(Join(texts)) > width)
            texts.RemoveAt(texts.Count - 1);
        return TextWidth.Middle(Join(texts), width, dots);
    }

    private static string Join(IEnumerable<string> texts) => string.Join(Between, texts);
}

/// <summary>A part of a progress line.</summary>
/// <param name="Text">The whole text.</param>
/// <param name="Short">Text to use if there is no room; null: the same.</param>
internal sealed record ProgressPart(string Text, string? Short = null);

/// <summary>Speed and time left of work that is done one by one.</summary>
internal sealed class ProgressSpeed(TimeProvider? time = null)
{
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _begun = (time ?? TimeProvider.System).GetTimestamp();
    private string _stage = "";

    /// <summary>The progress line; speed and time left appear when there is something to judge them by.</summary>
    /// <param name="stage">Another one begins another count.</param>
    /// <param name="done">Amount of work done.</param>
    /// <param name="total">Total amount of work.</param>
    /// <param name="unit">Unit of the speed, such as <c>images/s</c>.</param>
    /// <param name="text">The text that follows.</param>
    public ProgressText Text(string stage, long done, long total, string unit, string text)
    {
        if (stage != _stage)
            (_stage, _begun) = (stage, _time.GetTimestamp());
        var elapsed = _time.GetElapsedTime(_begun);
        if (elapsed < Settled || done == 0)
            return new ProgressText(new ProgressPart(text));
        var speed = done / elapsed.TotalSeconds;
        return ProgressText.Of(
            $"{speed:0.0} {unit}", TimeSpan.FromSeconds((total - done) / speed), new ProgressPart(text));
    }
}
