namespace Flixstock.Engine;

/// <summary>Stage of a training in two stages.</summary>
public enum TrainingStage
{
    /// <summary>No stage: the run is the whole training.</summary>
    Whole,
    /// <summary>The first: mode ignore, whose network estimates the prior.</summary>
    Ignore,
    /// <summary>The second: mode selective with that prior.</summary>
    Selective,
}
