namespace Flixstock.Engine;

/// <summary>An MLflow server did not do what it was asked for.</summary>
/// <param name="message">Why, in one line.</param>
/// <param name="passes">True: the same may succeed later, since the server is away or busy.</param>
/// <param name="code">The server's own name of the error, as RESOURCE_DOES_NOT_EXIST; null: it gave none.</param>
/// <param name="inner">What caused it.</param>
internal sealed class MlflowException(string message, bool passes, string? code = null, Exception? inner = null)
    : EngineException(message, inner)
{
    /// <summary>The same may succeed later.</summary>
    public bool Passes { get; } = passes;

    /// <summary>The server's own name of the error; null: it gave none.</summary>
    public string? Code { get; } = code;
}
