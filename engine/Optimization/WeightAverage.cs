namespace Flixstock.Engine;

/// <summary>
/// The exponential average of a network's counters of training passes. The average of its weights and running statistics is updated by the
/// optimizer's kernel (<see cref="Adam.Average"/>); this is the part that is not in its flat buffer.
/// </summary>
public sealed class WeightAverage
{
    private readonly float _decay, _complement;
    private readonly long[] _tracked;

    /// <summary>Starts at the given counters.</summary>
    /// <param name="decay">e = decay * e + (1 - decay) * p.</param>
    /// <param name="tracked">One for each normalization.</param>
    public WeightAverage(double decay, IReadOnlyList<long> tracked)
    {
        _decay = (float)decay;
        _complement = (float)(1 - decay);
        _tracked = [.. tracked];
    }

    /// <summary>The averaged counters.</summary>
    public IReadOnlyList<long> BatchesTracked => _tracked;

    /// <summary>
    /// After a step. Counters are integers, so the average is cut to one each time, as published runs have it: it stays where it is until
    /// (1 - decay) * count reaches 1 and lags from then on.
    /// </summary>
    /// <param name="tracked">The network's counters.</param>
    public void Update(IReadOnlyList<long> tracked)
    {
        for (var i = 0; i < _tracked.Length; i++)
            _tracked[i] = (long)(_decay * _tracked[i] + _complement * tracked[i]);
    }

    /// <summary>Takes over averaged counters of an earlier run.</summary>
    /// <exception cref="InputException">Another number of counters.</exception>
    public void Load(IReadOnlyList<long> tracked)
    {
        if (tracked.Count != _tracked.Length)
            throw new InputException($"the saved average has {tracked.Count} counters of training passes, this network has {_tracked.Length}");
        for (var i = 0; i < _tracked.Length; i++)
            _tracked[i] = tracked[i];
    }
}
