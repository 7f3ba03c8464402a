namespace Flixstock.Engine;

/// <summary>Learning rate and beta1 of every step of a training, known before it begins.</summary>
/// <remarks>Threads: any number.</remarks>
public interface ILearningRateSchedule
{
    /// <summary>Steps of the whole training.</summary>
    int TotalSteps { get; }

    /// <summary>Learning rate and Adam's beta1 of step number <paramref name="step"/>.</summary>
    /// <param name="step">Number of the step, from 0; <see cref="TotalSteps"/> itself is allowed, one past the
    /// end.</param>
    (double LearningRate, double Beta1) At(int step);
}
