namespace Flixstock.Engine;

/// <summary>Which steps of a training are written down: all, or every n-th of a long one.</summary>
internal static class StepThinning
{
    /// <summary>Steps that are written down at most.</summary>
    public const int MostSteps = 10_000;

    /// <summary>Distance between the steps that are written down, from 1.</summary>
    /// <param name="steps">Steps of the training.</param>
    public static int StrideOf(int steps) => StrideOf(steps, MostSteps);

    /// <summary>Distance between what is written down, from 1.</summary>
    /// <param name="all">How many there are.</param>
    /// <param name="most">How many are written down at most.</param>
    public static int StrideOf(int all, int most) => Math.Max(1, (int)(((long)all + most - 1) / most));
}
