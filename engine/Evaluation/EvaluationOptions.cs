namespace Flixstock.Engine;

/// <summary>Options for comparing scores with labels.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Number of resamples unless a command is given another.</summary>
    public const int DefaultResamples = 1000;

    /// <summary>A score above it is a prediction.</summary>
    public float Threshold { get; init; } = Evaluator.DefaultThreshold;

    /// <summary>[classes] a threshold for each class instead; null: <see cref="Threshold"/> for all.</summary>
    public IReadOnlyList<float>? Thresholds { get; init; }

    /// <summary>Resamples for the intervals; 0: no intervals.</summary>
    public int Resamples { get; init; }

    /// <summary>Decides the resamples.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Stops between classes and between resamples.</summary>
    public CancellationToken Cancellation { get; init; }
}
