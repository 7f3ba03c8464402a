namespace Flixstock.Engine;

/// <summary>The observers of a training as one. One that has failed is told nothing more; the others are.</summary>
internal sealed class TrainingObservers : ITrainingObserver
{
    private readonly List<ITrainingObserver> _all = [];
    private readonly Queue<StepReport> _steps = new(2); // a step's, and that of the step before it
    private bool _began;

    /// <summary>Adds one.</summary>
    /// <exception cref="InvalidOperationException">The training has begun.</exception>
    public void Add(ITrainingObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        if (_began)
            throw new InvalidOperationException("a training that has begun takes no more observers");
        _all.Add(observer);
    }

    public void Begin(TrainingStart start)
    {
        _began = true;
        Tell(start, static (observer, start) => observer.Begin(start));
    }

    /// <summary>
    /// Keeps a step for <see cref="TellSteps"/>: what an observer throws must not come between a step and its position.
    /// </summary>
    public void Step(in StepReport step) => _steps.Enqueue(step);

    /// <summary>Tells the steps that were kept.</summary>
    public void TellSteps()
    {
        while (_steps.TryDequeue(out var step))
            Tell(step, static (observer, step) => observer.Step(step));
    }

    public void EndEpoch(EpochSummary epoch) => Tell(epoch, static (observer, epoch) => observer.EndEpoch(epoch));

    public void Save() => Tell(0, static (observer, _) => observer.Save());

    public void End(Exception? failure) => Tell(failure, static (observer, failure) => observer.End(failure));

    // A state that is written before the training begins has nothing to be told.
    private void Tell<T>(T what, Action<ITrainingObserver, T> tell)
    {
        for (var i = 0; _began && i < _all.Count; i++)
        {
            try
            {
                tell(_all[i], what);
            }
            catch
            {
                _all.RemoveAt(i);
                throw;
            }
        }
    }
}
