using System.Globalization;

namespace Flixstock.Survival;

/// <summary>
/// A disk of a few sizes that fills up, becomes read-only or goes away while a training writes to it.
/// </summary>
internal sealed class DiskPart(World world, Report report)
{
    private static readonly int[] Kilobytes = [64, 1024, 3072, 5120, 9216, 15360, 20480, 26624];
    private const string Changes = "open,write,rename,unlink,mkdir,fsync,truncate,copy";
    private readonly Cases _cases = new(world, report);

    private string Run => world.In("now", "run");

    public async Task Begin()
    {
        report.Head("Disk", Cases.Header);
        var end = await _cases.End(world.Train());
        var mounts = await CanMount();
        foreach (var kilobytes in Kilobytes)
        {
            await Chosen(
                $"disk of {kilobytes} kB", name => mounts ? Full(name, kilobytes, end) : Budget(name, kilobytes, end));
        }
        foreach (var (error, word) in new[] { ("EROFS", "ead-only"), ("EACCES", "denied"), ("EIO", "nput/output") })
        {
            foreach (var share in world.Library is null ? [] : new[] { 0.25, 0.5, 0.75 })
                await Chosen($"{error} from {share:0 %} of the calls on", _ => Lost(error, word, share, end));
        }
        await Chosen("the folder is removed while it runs", Removed);
        await Chosen("best.safetensors is a folder", name => Blocked(name, end));
        await Chosen("--out lies below a file", Unwritable);
        await Chosen("stdout is a full device", name => Streams(name, "> /dev/full", end));
        await Chosen("stdout and stderr are a full device", name => Streams(name, "> /dev/full 2>&1", end));
        await Chosen("stdout is closed", name => Streams(name, ">&-", end));
        await Chosen("stdout and stderr are closed", name => Streams(name, ">&- 2>&-", end));
        // .NET itself ends (134) where it finds none of the three; what counts is what becomes of the run.
        await Chosen("stdin, stdout and stderr are closed", name => Streams(name, "<&- >&- 2>&-", end, mayAbort: true));
    }

    private Task Chosen(string name, Func<string, Task> attempt) =>
        world.IsChosen(name) ? attempt(name) : Task.CompletedTask;

    private async Task<bool> CanMount()
    {
        world.Clear();
        return (await world.Shell($"cd / && mount -t tmpfs -o size=64k none {world.Now} && umount {world.Now}")).Code
            == 0;
    }

    private async Task Full(string name, int kilobytes, Snapshot end)
    {
        world.Clear();
        await Must($"mount -t tmpfs -o size={kilobytes}k none {world.Now}");
        try
        {
            var outcome = await world.Run(world.Train());
            var wrong = Wrong(outcome, mayPass: kilobytes > 15000, "space");
            await Must($"mount -o remount,size=200m {world.Now}");
            var (afterwards, fault) = await _cases.GoOn(end, world.Resume(), world.Train());
            _cases.Add(name, outcome, afterwards, wrong ?? fault);
        }
        finally
        {
            await Must($"umount -l {world.Now}");
        }
    }

    private async Task Budget(string name, int kilobytes, Snapshot end)
    {
        world.Clear();
        var bytes = (1024L * kilobytes).ToString(CultureInfo.InvariantCulture);
        var outcome = await world.Run(
            world.Train(), null, null, new Dictionary<string, string> { ["SURVIVAL_BYTES"] = bytes });
        var (afterwards, fault) = await _cases.GoOn(end, world.Resume(), world.Train());
        _cases.Add(
            $"{name} (injected)", outcome, afterwards, Wrong(outcome, mayPass: kilobytes > 15000, "space") ?? fault);
    }

    // From a point on nothing can be changed any more: a disk mounted read-only after an error, permissions taken away,
    // a broken disk.
    private async Task Lost(string error, string word, double share, Snapshot end)
    {
        world.Clear();
        var calls = (await Points.Seen(world, world.Train())).Count(
            call => Changes.Split(',').Contains(call.Kind) && call.Path.StartsWith(Run, StringComparison.Ordinal));
        world.Clear();
        var fault = new Fault(
            new Point(Changes, Run + "*", (int)(calls * share), "before"), Error: Fault.Errors[error], Onwards: true);
        var outcome = await world.Run(world.Train(), fault);
        var (afterwards, wrong) = await _cases.GoOn(end, world.Resume(), world.Train());
        _cases.Add(
            $"{error} from {share:0 %} of the calls on", outcome, afterwards,
            Wrong(outcome, mayPass: false, word) ?? wrong);
    }

    private async Task Removed(string name)
    {
        var end = await _cases.End(Longer());
        world.Clear();
        using var child = world.Start(Longer());
        await SignalCases.Until(child, () => File.Exists(Path.Combine(Run, "metrics.csv")));
        for (var i = 0; i < 20 && Directory.Exists(Run); i++)
            await Must($"rm -rf {Run} || true");
        var outcome = await child.Wait(world.Limit);
        if (outcome.Code == 0)
        {
            var differences = end.DifferencesTo(Snapshot.Of(world.Now));
            _cases.Add(
                name, outcome, "whole again",
                differences.Count == 0 ? null : $"ends with 0, but {string.Join(", ", differences.Take(4))}");
            return;
        }
        var (afterwards, fault) = await _cases.GoOn(end, world.Resume(), Longer());
        _cases.Add(name, outcome, afterwards, Wrong(outcome, mayPass: false, "run") ?? fault);
    }

    private async Task Blocked(string name, Snapshot end)
    {
        world.Clear();
        var blocking = Path.Combine(Run, "best.safetensors");
        Directory.CreateDirectory(blocking);
        var outcome = await world.Run(world.Train());
        Directory.Delete(blocking);
        var (afterwards, fault) = await _cases.GoOn(end, world.Resume(), world.Train());
        _cases.Add(
            name, outcome, $"folder removed: {afterwards}",
            Wrong(outcome, mayPass: false, "best.safetensors") ?? fault);
    }

    private async Task Unwritable(string name)
    {
        world.Clear();
        await File.WriteAllTextAsync(world.In("now", "file"), "");
        var outcome = await world.Run(world.TrainInto(world.In("now", "file", "run")));
        _cases.Add(
            name, outcome, "nothing was begun",
            outcome.Code == 2 ? Wrong(outcome, mayPass: false, "file") : "not refused at once");
    }

    private async Task Streams(string name, string redirection, Snapshot end, bool mayAbort = false)
    {
        world.Clear();
        var outcome = await world.Shell(
            $"$FLIXSTOCK {string.Join(' ', world.Train().Where(word => word != "-q"))} {redirection}");
        var wrong = outcome.Code is not 0 and not 1 && !(mayAbort && outcome.Code == 134) ? "neither 0 nor 1" : null;
        var differences = end.DifferencesTo(Snapshot.Of(world.Now));
        if (outcome.Code == 0)
        {
            _cases.Add(name, outcome, "trained, equal bytes", wrong
                ?? (differences.Count == 0 ? null : $"ends with 0, but {string.Join(", ", differences.Take(4))}"));
            return;
        }
        var saved = Tree.FilesOf(Run).Any(file => file.StartsWith("state", StringComparison.Ordinal));
        var (afterwards, fault) = await _cases.GoOn(end, world.Resume(), world.Train());
        _cases.Add(name, outcome, $"{(saved ? "state saved" : "no state yet")}; {afterwards}", wrong ?? fault);
    }

    private string[] Longer() => world.Train("--epochs", "12");

    private static string? Wrong(Outcome outcome, bool mayPass, string word) =>
        outcome.Crashed
            ? "crashed"
            : outcome.Code == 0
                ? mayPass ? null : "ends with 0"
                : outcome.Code is not 1 and not 2
                    ? "neither 1 nor 2"
                    : outcome.FirstError.Contains(word, StringComparison.OrdinalIgnoreCase)
                        ? null
                        : $"the message does not say '{word}'";

    private async Task Must(string line)
    {
        using var child = Child.Start("bash", ["-c", line], "/", new Dictionary<string, string>());
        var outcome = await child.Wait(world.Limit);
        if (outcome.Code != 0)
            throw new InvalidOperationException($"{line}: {outcome.Errors}");
    }
}
