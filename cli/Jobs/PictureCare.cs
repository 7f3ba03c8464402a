using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The options about pictures that cannot be read, for commands that train.</summary>
internal sealed class PictureCareOptions
{
    private readonly Option<int?> _skipBad = SkipBad.Option(
        "Leave out up to n pictures that cannot be read, and list them in run.json; without n any number.");
    private readonly Option<bool> _plain = Options.Flag("--no-check", "Do not check the pictures before training (it "
        + "takes a minute at most; good pictures are remembered).");

    public void AddTo(Command command)
    {
        command.Add(_skipBad);
        command.Add(_plain);
    }

    public PictureCare Read(ParseResult parsed)
    {
        var (most, check) = (parsed.GetValue(_skipBad), !parsed.GetValue(_plain));
        return most is null || check
            ? new PictureCare(check, most)
            : throw new InputException("--skip-bad and --no-check: pictures that cannot be read are found by looking "
                + "at them; leave one of the two out");
    }
}

/// <summary>What is done before a training about pictures that cannot be read.</summary>
/// <param name="Check">True to check the pictures.</param>
/// <param name="Most">At most this many may be left out; null: none, because the option was not given.</param>
internal sealed record PictureCare(bool Check = true, int? Most = null)
{
    /// <summary>Options of the check.</summary>
    public PictureCheckOptions Options { get; init; } = new();

    /// <summary>
    /// Looks at the pictures of a training; those that cannot be read are left out as far as that is allowed.
    /// </summary>
    /// <exception cref="InputException">There are more; names the first few.</exception>
    public (ImageDataset Training, ImageDataset Validation) Apply(
        Session session, string folder, ImageDataset training, ImageDataset validation)
    {
        var bad = Look(session, folder, training, validation);
        if (bad.Count == 0)
            return (training, validation);
        if (bad.Count > (Most ?? 0))
        {
            var what = bad.Count == 1 ? "it" : "them";
            throw new InputException($"{folder}: {Count(bad)} cannot be read: {BadPicture.Describe(bad)}; replace or "
                + $"remove {what}, or leave {what} out with --skip-bad {bad.Count}");
        }
        SkipBad.Tell(session, bad);
        var left = (Training: training.Without(Of(bad, "train")), Validation: validation.Without(Of(bad, "val")));
        return left.Training.Samples.Count > 0 && left.Validation.Samples.Count > 0
            ? left
            : throw new InputException(
                $"{folder}: no picture of {(left.Training.Samples.Count > 0 ? "validation" : "training")} can be read; "
                    + $"at least one is needed");
    }

    /// <summary>The pictures that a run was begun with, which must still be readable.</summary>
    /// <exception cref="InputException">One is not; names it.</exception>
    public (ImageDataset Training, ImageDataset Validation) Resume(
        Session session, string folder, TrainingRun run, ImageDataset training, ImageDataset validation)
    {
        (training, validation) = run.AsBegun(training, validation);
        var bad = Look(session, folder, training, validation);
        return bad.Count == 0
            ? (training, validation)
            : throw new InputException($"{folder}: {Count(bad)} that the run was begun with can no longer be read: "
                + $"{BadPicture.Describe(bad)}; restore {(bad.Count == 1 ? "it" : "them")}, or begin again with "
                + $"--overwrite and --skip-bad {bad.Count}");
    }

    private IReadOnlyList<BadPicture> Look(
        Session session, string folder, ImageDataset training, ImageDataset validation)
    {
        if (!Check)
            return [];
        var terminal = session.Terminal;
        var progress = new ProgressReport<(int Done, int Total)>(at => terminal.Progress(
            (double)at.Done / Math.Max(1, at.Total), () => $"checking {at.Done} of {at.Total} pictures"));
        var report = new PictureCheck(Options)
            .Run(folder, [("train", training), ("val", validation)], progress, session.Cancellation);
        terminal.EndLine();
        if (!report.IsComplete)
        {
            terminal.Remark(
                $"note: {report.Checked} of {report.Pictures} pictures were checked in {Options.Limit.TotalSeconds:0} "
                    + $"s, drawn at random with seed {Options.Seed}; the next run continues with the others");
        }
        if (report.Warning is { } warning)
            terminal.Remark($"note: {Terminal.OneLine(warning)}");
        return report.Bad;
    }

    private static IEnumerable<BadPicture> Of(IEnumerable<BadPicture> bad, string part) =>
        bad.Where(one => one.Part == part);

    private static string Count(IReadOnlyCollection<BadPicture> bad) =>
        bad.Count == 1 ? "a picture" : $"{bad.Count} pictures";
}
