namespace Flixstock.Engine;

/// <summary>
/// Something the caller gave is wrong: a file, a row, an option, a shape. The message is one line that names the thing
/// and says what to do; programs print it as it is and exit with 2.
/// </summary>
public class InputException(string message, Exception? inner = null) : Exception(MessageText.Shortened(message), inner);

/// <summary>The machine or a run failed although the input was fine: a disk, a device, a loss that is not finite. Exit code 1.</summary>
public class EngineException(string message, Exception? inner = null) : Exception(MessageText.Shortened(message), inner);
