namespace Flixstock.Engine;

/// <summary>What is known of a training when its loss is made.</summary>
/// <param name="Backend">The device and its kernels.</param>
/// <param name="Attributes">The data set's attributes and classes.</param>
/// <param name="Prior">[classes] how often each class occurs, 0 to 1; null: not known.</param>
/// <param name="Epochs">Epochs of the schedule, for what changes from the first to the last.</param>
public sealed record LossContext(
    Backend Backend, AttributeTable Attributes, IReadOnlyList<float>? Prior = null, int Epochs = 1);

/// <summary>
/// Describes a training's loss and its constants: makes the loss, and is saved in the run's files. Immutable.
/// </summary>
/// <remarks>Threads: any number.</remarks>
public interface ILossDescription
{
    /// <summary>Name under which the <see cref="LossCatalog"/> reads <see cref="ToJson"/>.</summary>
    string Name { get; }

    /// <summary>How scores of a network that was trained with this loss become probabilities.</summary>
    HeadKind Head { get; }

    /// <summary>True if it uses the classes' prior.</summary>
    bool TakesPrior { get; }

    /// <summary>The loss.</summary>
    /// <exception cref="InputException">It cannot be computed for these attributes.</exception>
    Loss Create(LossContext context);

    /// <summary>Checks the constants.</summary>
    /// <exception cref="InputException">Names the first constant that cannot be.</exception>
    void Validate()
    {
    }

    /// <summary>The constants as one JSON object in one line.</summary>
    string ToJson();
}
