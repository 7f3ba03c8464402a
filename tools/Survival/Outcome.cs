namespace Flixstock.Survival;

/// <summary>How a command ended.</summary>
/// <param name="Code">
/// Exit code; 128 and the signal's number where one ended it, <see cref="Hung"/> where time ran out.
/// </param>
/// <param name="Output">What it wrote to stdout.</param>
/// <param name="Errors">What it wrote to stderr.</param>
internal sealed record Outcome(int Code, string Output, string Errors)
{
    /// <summary>Exit codes of a command that was ended by the limit of time, and by SIGKILL.</summary>
    public const int Hung = 124, KilledCode = 137;

    public bool Killed => Code == KilledCode;

    /// <summary>A fault of the program itself: a crash, or an exception nobody expected.</summary>
    public bool Crashed =>
        Code is 134 or 136 or 139 or Hung || Errors.Contains("a fault of this program", StringComparison.Ordinal)
        || Errors.Contains("Unhandled exception", StringComparison.Ordinal);

    /// <summary>The line that says what is wrong; the first of stderr where none begins with "error".</summary>
    public string FirstError
    {
        get
        {
            var lines = Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return lines.FirstOrDefault(line => line.StartsWith("error", StringComparison.Ordinal))
                ?? lines.FirstOrDefault() ?? "";
        }
    }
}
