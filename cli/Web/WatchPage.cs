using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// The report of a run while it is trained, made anew when its tables have changed. Nothing is evaluated: that is the
/// training's own work.
/// </summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="folder">The run's folder.</param>
internal sealed class WatchPage(string folder)
{
    /// <summary>Port that is tried first.</summary>
    public const int StandardPort = 6060;

    private const string WhyNot = "'flixstock report' evaluates the best weights";
    private readonly Lock _lock = new();
    private (string Version, string Html) _page = ("", "");

    /// <summary>Serves the page of a run until the result is disposed of.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="port">The port; null: the usual one, or any other if it is in use.</param>
    /// <exception cref="EngineException">ASP.NET Core is not installed, or the port is in use.</exception>
    public static (IDisposable Server, string Address) Serve(string folder, int? port)
    {
        var page = new WatchPage(folder);
        try
        {
            return WebParts.Serve(port ?? StandardPort, page.Now);
        }
        catch (EngineException e) when (port is null && e.InnerException is IOException)
        {
            return WebParts.Serve(0, page.Now);
        }
    }

    /// <summary>The page and its version.</summary>
    public (string Version, string Html) Now()
    {
        lock (_lock)
        {
            var version = Version();
            if (version != _page.Version)
                _page = (version, Html());
            return _page;
        }
    }

    // By lengths and times of the files that it is made of.
    private string Version()
    {
        var run = TrainingRun.At(folder);
        return string.Join('-', new[] { run.DescriptionFile, run.MetricsFile, run.StepsFile }.Select(path =>
            new FileInfo(path) is { Exists: true } file
                ? string.Create(CultureInfo.InvariantCulture, $"{file.Length:x}.{file.LastWriteTimeUtc.Ticks:x}")
                : "0"));
    }

    private string Html()
    {
        try
        {
            var run = RunReport.Read(folder, RunReport.Names([folder])[0]);
            return ReportPage.Of([run with { WhyNot = WhyNot }], new ReportOptions(), live: true);
        }
        catch (InputException e)
        {
            // A file that somebody is changing: the next look may find it whole.
            return ReportPage.Message(Advice.Of(e));
        }
    }
}
