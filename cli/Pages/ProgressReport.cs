namespace Flixstock.Cli;

/// <summary>
/// Progress that is handled on the thread that reports it, in order (the framework's goes through the thread pool).
/// </summary>
internal sealed class ProgressReport<T>(Action<T> handle) : IProgress<T>
{
    public void Report(T value) => handle(value);
}
