using System.ComponentModel;
using System.Diagnostics;

namespace Flixstock.Engine;

/// <summary>The commit of the repository that a folder lies in, as git itself says it.</summary>
/// <param name="Commit">The commit that is checked out, in hexadecimal digits.</param>
/// <param name="Changed">
/// Files of the commit are changed. Files that git does not know do not count: a run's own folder would be one.
/// </param>
internal sealed record GitCommit(string Commit, bool Changed)
{
    private const string CommitLine = "# branch.oid ";

    // One question for both. It takes no lock and starts no program of the repository's configuration.
    private static readonly string[] Question =
        ["--no-optional-locks", "-c", "core.fsmonitor=false", "status", "--porcelain=v2", "--branch", "-uno"];

    /// <summary>How long a run waits for git at most: a repository may lie on a disk that does not answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Asks git. Null where there is nothing to say: git is missing or refuses, the folder is in no repository or in
    /// one without commits, or the answer takes too long.
    /// </summary>
    /// <param name="folder">A folder.</param>
    /// <param name="patience">How long to wait at most.</param>
    /// <param name="path">Where to look for git, as in the environment variable PATH.</param>
    public static GitCommit? Of(string folder, TimeSpan patience, string? path)
    {
        if (ProgramSearch.Find("git", path) is not { } program)
            return null;
        try
        {
            using var process = ProgramSearch.Start(program, folder, Question);
            return Answer(process, patience) is { } text ? Parse(text) : null;
        }
        catch (Win32Exception)
        {
            return null; // it cannot be started, or the folder is gone
        }
    }

    /// <summary>Reads git's answer; null if it names no commit.</summary>
    /// <param name="answer">Lines of <c>git status --porcelain=v2 --branch</c>.</param>
    public static GitCommit? Parse(string answer)
    {
        var lines = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var commit = lines.FirstOrDefault(line => line.StartsWith(CommitLine, StringComparison.Ordinal))
            ?[CommitLine.Length..];
        return commit is { Length: >= 40 } && commit.All(char.IsAsciiHexDigit)
            ? new GitCommit(commit, lines.Any(line => !line.StartsWith('#')))
            : null;
    }

    // Both streams are read while it runs: a full pipe would stop it.
    private static string? Answer(Process process, TimeSpan patience)
    {
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (Task.WaitAll([output, error], patience) && process.WaitForExit(patience))
            return process.ExitCode == 0 ? output.Result : null;
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has just ended, or cannot be ended: in either case nobody waits for it.
        }
        return null;
    }
}
