namespace Flixstock.Engine;

/// <summary>
/// Something the caller gave is wrong: a file, a row, an option, a shape. The message is one line that names the thing
/// and says what to do; programs print it as it is, or with their own names, and exit with 2.
/// </summary>
/// <param name="wording">The line of the message.</param>
/// <param name="inner">The exception that caused it.</param>
public class InputException(Wording wording, Exception? inner = null)
    : Exception(MessageText.Shortened(wording.ToString()), inner)
{
    /// <summary>The message, and what in it is a name.</summary>
    public Wording Wording { get; } = wording;

    /// <summary>
    /// The parameter or property that is wrong, as <c>BatchSize</c> or <c>Loss.Clip</c>; null: something else.
    /// </summary>
    public string? Parameter => Wording.Subject;
}

/// <summary>
/// The machine or a run failed although the input was fine: a disk, a device, a loss that is not finite. Exit code 1.
/// </summary>
/// <param name="wording">The line of the message.</param>
/// <param name="inner">The exception that caused it.</param>
public class EngineException(Wording wording, Exception? inner = null)
    : Exception(MessageText.Shortened(wording.ToString()), inner)
{
    /// <summary>The message, and what in it is a name.</summary>
    public Wording Wording { get; } = wording;
}
