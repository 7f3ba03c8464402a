using Flixstock.Survival;

// Kills, stops, starves and damages the built command and says what it survives, as Markdown tables
// (docs/reliability.md):
// Survival FLIXSTOCK [PART...] [--only TEXT] [--points K] [--per-file N] [--random N] [--seed N] [--minutes N] [--keep
// DIR] [--work DIR]
// FLIXSTOCK: the built command. PART: kills signals disk faults writers damage divergence soak short; without any, all
// but the last two. short is what the tests run: a few seconds, plain SIGKILL, no gcc.
// --points: every K-th exact point; --per-file: points for calls of one kind on one file; --random: tries with kills at
// random moments. --only: tries whose text contains this, as a FAULT line names them; --keep: a folder for what failed.
// Linux, with gcc for exact points. Ends with 0 where no fault was met, with 1 where one was, with 2 where it cannot
// begin.
if (!OperatingSystem.IsLinux())
{
    await Console.Error.WriteLineAsync("only Linux has the signals and the preloaded library that this needs");
    return 2;
}
SurvivalOptions options;
try
{
    options = SurvivalOptions.Parse(args);
}
catch (ArgumentException e)
{
    await Console.Error.WriteLineAsync($"{e.Message}\ngive: FLIXSTOCK [{string.Join(' ', Parts.Names)}] [--only TEXT] "
        + $"[--points K] [--per-file N] [--random N] [--seed N] [--minutes N] [--keep DIR] [--work DIR]");
    return 2;
}
if (!File.Exists(options.Command) || options.Parts.Except(Parts.Names).FirstOrDefault() is not null)
{
    await Console.Error.WriteLineAsync(File.Exists(options.Command)
        ? $"parts are: {string.Join(' ', Parts.Names)}"
        : $"{options.Command}: there is no such command");
    return 2;
}
if (options.Work is { } work && Directory.Exists(work) && Directory.EnumerateFileSystemEntries(work).Any())
{
    await Console.Error.WriteLineAsync($"--work {work}: give a folder that is empty or does not exist");
    return 2;
}
using var world = new World(options);
return await Parts.Run(world);
