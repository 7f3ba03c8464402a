namespace Flixstock.Stress;

/// <summary>How hard to press.</summary>
/// <param name="Threads">That call at once; as many predictors.</param>
/// <param name="Calls">Of each thread.</param>
/// <param name="Workers">Threads of the processor's backends.</param>
public sealed record StressLoad(int Threads = 8, int Calls = 200, int Workers = 2)
{
    /// <summary>Opens what is computed on; null: the processor.</summary>
    public Func<Engine.Backend>? Open { get; init; }

    internal Engine.Backend NewBackend() => Open?.Invoke() ?? Engine.Backend.Cpu(Workers);
}

/// <summary>What came of calls from several threads.</summary>
public sealed class StressReport
{
    private int _calls, _wrong, _refused;

    /// <summary>Calls that were made.</summary>
    public int Calls => _calls;

    /// <summary>Results that differ from those of one thread alone.</summary>
    public int Wrong => _wrong;

    /// <summary>Calls after a disposal, as they must be refused: by <see cref="ObjectDisposedException"/>.</summary>
    public int Refused => _refused;

    /// <summary>Every other exception.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Time taken.</summary>
    public double Seconds { get; internal set; }

    internal void Called(bool right)
    {
        Interlocked.Increment(ref _calls);
        if (!right)
            Interlocked.Increment(ref _wrong);
    }

    internal void WasRefused()
    {
        Interlocked.Increment(ref _calls);
        Interlocked.Increment(ref _refused);
    }

    internal void Failed(Exception e)
    {
        lock (Failures)
            Failures.Add($"{e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n')[0].Trim()}");
    }

    internal void Add(StressReport other)
    {
        (_calls, _wrong, _refused) = (_calls + other._calls, _wrong + other._wrong, _refused + other._refused);
        Failures.AddRange(other.Failures);
        Seconds += other.Seconds;
    }
}
