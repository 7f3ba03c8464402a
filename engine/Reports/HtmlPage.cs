namespace Flixstock.Engine;

/// <summary>
/// What every page has around its content. A page asks for nothing: style sheet, script, charts and pictures are
/// inside, and a content policy forbids everything else.
/// </summary>
internal static class HtmlPage
{
    /// <summary>The page.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="content">What stands in its body.</param>
    /// <param name="live">True: the page is served, and asks its server for a newer one every two seconds.</param>
    public static string Of(string title, Markup content, bool live = false) => new Markup()
        .Add($"<!DOCTYPE html>")
        .Add($"<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .Add($"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        .Add($"<meta name=\"color-scheme\" content=\"light dark\">")
        .Add(Policy(live))
        .Add($"<title>{title}</title>")
        .Add(((Markup)$"<style>").AddTrusted(ChartStyle.Css + Resource("report.css")).With($"</style></head>"))
        .Add(((Markup)$"<body>").With(content))
        .Add(((Markup)$"<script>").AddTrusted(Resource(live ? "watch.js" : "report.js")).With($"</script>"))
        .Add($"</body></html>")
        .ToString();

    private static Markup Policy(bool live) => new Markup()
        .With($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; ")
        .With($"{(live ? "connect-src 'self'; " : "")}style-src 'unsafe-inline'; script-src 'unsafe-inline'\">");

    private static string Resource(string name)
    {
        using var stream = typeof(HtmlPage).Assembly.GetManifestResourceStream($"reports/{name}")
            ?? throw new EngineException($"the engine was built without its resource reports/{name}");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return TextFile.Decode(bytes, name);
    }
}
