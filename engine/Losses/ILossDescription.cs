namespace Flixstock.Engine;

/// <summary>What a training knows when it makes its loss.</summary>
/// <param name="Backend">The device and its kernels.</param>
/// <param name="Attributes">The data set's attributes and classes.</param>
/// <param name="Prior">[classes] how often each class occurs, 0 to 1; null: not known.</param>
public sealed record LossContext(Backend Backend, AttributeTable Attributes, IReadOnlyList<float>? Prior = null);

/// <summary>Which loss a training has, with its constants: makes it, and writes itself down for the run's files. It does not change.</summary>
/// <remarks>Threads: any number.</remarks>
public interface ILossDescription
{
    /// <summary>Name under which the <see cref="LossCatalog"/> reads <see cref="ToJson"/>.</summary>
    string Name { get; }

    /// <summary>How scores of a network that was trained with it become probabilities.</summary>
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

    /// <summary>Its constants as one JSON object in one line.</summary>
    string ToJson();
}
