namespace Flixstock.Engine;

/// <summary>
/// What a network is, without its weights: names it, makes it, and writes itself down, so that a checkpoint or a run
/// can make it again. It does not change.
/// </summary>
/// <remarks>Threads: any number.</remarks>
public interface INetworkDescription
{
    /// <summary>Name of the <see cref="INetworkFamily"/> that reads <see cref="ToJson"/>.</summary>
    string Family { get; }

    /// <summary>Name of this network, for messages and file names.</summary>
    string Name { get; }

    /// <summary>Number of scores.</summary>
    int Classes { get; }

    /// <summary>The picture sizes that it takes.</summary>
    ImageSizes ImageSizes { get; }

    /// <summary>
    /// The settings that decide its size, for messages: <c>layers 3,4,11,3 with width 1 and 21 classes</c>.
    /// </summary>
    string Summary { get; }

    /// <summary>A network with parameters that are all zero.</summary>
    /// <param name="backend">The device and its kernels.</param>
    /// <exception cref="InputException">There cannot be such a network.</exception>
    Network Create(Backend backend);

    /// <summary>The same network for another number of classes.</summary>
    INetworkDescription WithClasses(int classes);

    /// <summary>
    /// How it differs from another network, as <c>width 0.5 instead of 1</c>; nothing if weights of the one fit the
    /// other.
    /// </summary>
    /// <param name="wanted">The network to compare with.</param>
    /// <param name="body">True to leave the classifier out.</param>
    IEnumerable<string> DifferencesFrom(INetworkDescription wanted, bool body = false);

    /// <summary>Refuses a precision that the network cannot be trained in.</summary>
    /// <param name="precision">Precision of the backend that is to train it.</param>
    /// <exception cref="InputException">Names the precision, the reason and one that works.</exception>
    void RequirePrecision(Precision precision)
    {
    }

    /// <summary>The description as one JSON object in one line, for checkpoints.</summary>
    string ToJson();
}
