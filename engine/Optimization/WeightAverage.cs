namespace Flixstock.Engine;

/// <summary>
/// The exponential average of a network's counters of training passes. The average of its weights and running
/// statistics is updated by the optimizer's kernel (<see cref="Adam.Average"/>); this is the part that is not in its
/// flat buffer.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class WeightAverage
{
    private readonly AverageSchedule _schedule;
    private readonly long[] _tracked;
    private long _updates;

    /// <summary>Starts at the given counters.</summary>
    /// <param name="schedule">The decay of every update, the same as <see cref="AdamSettings.Average"/>.</param>
    /// <param name="tracked">One counter for each normalization.</param>
    public WeightAverage(AverageSchedule schedule, IReadOnlyList<long> tracked) =>
        (_schedule, _tracked) = (schedule, [.. tracked]);

    /// <summary>The averaged counters.</summary>
    public IReadOnlyList<long> BatchesTracked => _tracked;

    /// <summary>
    /// Updates the averages after a step. Counters are integers, so the average is cut to one each time, as published
    /// runs have it: it stays where it is until
    /// (1 - decay) * count reaches 1 and lags from then on.
    /// </summary>
    /// <param name="tracked">The network's counters.</param>
    public void Update(IReadOnlyList<long> tracked)
    {
        var exact = _schedule.At(_updates++);
        var (decay, complement) = ((float)exact, (float)(1 - exact));
        for (var i = 0; i < _tracked.Length; i++)
        {
            // A frozen norm's stays: what is cut from singles would fall below it.
            if (_tracked[i] != tracked[i])
                _tracked[i] = (long)(decay * _tracked[i] + complement * tracked[i]);
        }
    }

    /// <summary>Takes over averaged counters of an earlier run.</summary>
    /// <param name="tracked">One counter for each normalization.</param>
    /// <param name="updates">Updates finished so far, as <see cref="Adam.StepsTaken"/>.</param>
    /// <exception cref="InputException">Another number of counters.</exception>
    public void Load(IReadOnlyList<long> tracked, long updates)
    {
        if (tracked.Count != _tracked.Length)
        {
            throw new InputException($"the saved average has {tracked.Count} counters of training passes, this network "
                + $"has {_tracked.Length}");
        }
        for (var i = 0; i < _tracked.Length; i++)
            _tracked[i] = tracked[i];
        _updates = updates;
    }
}
