namespace Flixstock.Engine;

/// <summary>
/// Stands for another reducer where a step is only planned: memory is taken as with it, and no process is asked.
/// </summary>
/// <param name="processes">The other one's.</param>
/// <param name="process">The other one's.</param>
internal sealed class SilentReducer(int processes, int process) : IStatisticsReducer
{
    public int Processes => processes;

    public int Process => process;

    /// <summary>One for this reducer; null for null.</summary>
    public static SilentReducer? Of(IStatisticsReducer? reducer) =>
        reducer is null ? null : new SilentReducer(reducer.Processes, reducer.Process);

    public void GatherMoments(Tensor moments) { }

    public void AddSums(Tensor sums) { }
}
