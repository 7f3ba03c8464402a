namespace Flixstock.Engine;

/// <summary>
/// Combines the gradients of several processes into one: called in each step after the gradient is complete and before
/// the optimizer reads it.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public interface IGradientReducer
{
    /// <summary>
    /// Queues the reduction on the parameters' device; the same work in each step, so that it can be captured.
    /// </summary>
    /// <param name="parameters">
    /// Whose <see cref="ParameterBuffer.Gradients"/>, and in 16-bit trainings
    /// <see cref="ParameterBuffer.LowGradients"/>, hold this process's gradient and get the common one. With a loss
    /// scale they are multiplied by it.
    /// </param>
    void Reduce(ParameterBuffer parameters);
}
