using System.Diagnostics;
using System.Globalization;
using Flixstock.ReadmeRunner;

// Runs every command line of the README in a fresh folder, as tools/ReadmeRunner/commands.json says:
// ReadmeRunner run REPOSITORY FLIXSTOCK FLIXSTOCK: the built command; exit code 1 where a line fails or is not listed
//   ReadmeRunner pages REPOSITORY FLIXSTOCK        writes docs/commands.md from the command's help
//   ReadmeRunner weights FILE.pth CLASSES          published weights' structure with random values
//   ReadmeRunner descriptions FILE.csv CLASSES     names of classes as OpenImages has them
switch (args)
{
    case ["run", var repository, var flixstock]:
        return await Run(Path.GetFullPath(repository), Path.GetFullPath(flixstock)).ConfigureAwait(false);
    case ["pages", var repository, var flixstock]:
        await File.WriteAllTextAsync(
            Path.Combine(repository, "docs", "commands.md"),
            CommandPage.Of(name => HelpOf(flixstock, name))).ConfigureAwait(false);
        return 0;
    case ["weights", var file, var classes]:
        PublishedFiles.Write(file, int.Parse(classes, CultureInfo.InvariantCulture));
        return 0;
    case ["descriptions", var file, var classes]:
        PublishedFiles.WriteDescriptions(file, int.Parse(classes, CultureInfo.InvariantCulture));
        return 0;
    default:
        await Console.Error.WriteLineAsync("give: run REPOSITORY FLIXSTOCK | pages REPOSITORY FLIXSTOCK | weights "
            + "FILE.pth CLASSES | descriptions FILE.csv CLASSES").ConfigureAwait(false);
        return 2;
}

static string HelpOf(string flixstock, string name)
{
    using var process = Process.Start(
        new ProcessStartInfo(flixstock, [.. name.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
    return process.StandardOutput.ReadToEnd();
}

static async Task<int> Run(string repository, string flixstock)
{
    var shown = ReadmeCommands.Find(
        await File.ReadAllTextAsync(Path.Combine(repository, "README.md")).ConfigureAwait(false));
    var listed = CommandList.Parse(
        await File.ReadAllTextAsync(Path.Combine(repository, "tools", "ReadmeRunner", "commands.json"))
            .ConfigureAwait(false));
    var faults = CommandList.Faults(shown, listed).ToList();
    var folder = Directory.CreateTempSubdirectory("flixstock-readme");
    try
    {
        var shell = new ShellRun(folder.FullName, new Dictionary<string, string>
        {
            ["PATH"] = Path.GetDirectoryName(flixstock) + Path.PathSeparator
                + Environment.GetEnvironmentVariable("PATH"),
            ["REPOSITORY"] = repository,
            ["MAKE"] = Environment.ProcessPath
                ?? throw new InvalidOperationException("this program's own path is not known"),
        });
        var watch = Stopwatch.StartNew();
        foreach (var entry in listed.Where(entry => entry.Shell.Length > 0))
        {
            var before = watch.Elapsed;
            var (code, output) = await shell.Run(entry.Shell, TimeSpan.FromMinutes(5)).ConfigureAwait(false);
            Console.WriteLine($"{(code == 0 ? "ok" : $"exit {code}"),-8}{(watch.Elapsed - before).TotalSeconds,6:0.0} "
                + $"s  {entry.Shell}");
            if (code != 0)
                faults.Add($"'{entry.Shell}' ended with {code}:\n{output}");
        }
        Console.WriteLine($"{shown.Count} command lines of the README, {watch.Elapsed.TotalSeconds:0} s");
    }
    finally
    {
        folder.Delete(recursive: true);
    }
    foreach (var fault in faults)
        await Console.Error.WriteLineAsync($"README: {fault}").ConfigureAwait(false);
    return faults.Count == 0 ? 0 : 1;
}
