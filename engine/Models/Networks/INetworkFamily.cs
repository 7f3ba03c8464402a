namespace Flixstock.Engine;

/// <summary>
/// Settings that a training may choose for a network in addition to its name; null: the family's default.
/// </summary>
/// <param name="Layers">Residual blocks of each stage.</param>
/// <param name="Width">Factor on the numbers of channels.</param>
/// <param name="BottleneckHead">Values between two linear layers of the head.</param>
/// <param name="Decoder">An attention head in the place of the linear one.</param>
/// <param name="Boost">Factor of positive scores in a linear layer before the pooling.</param>
public sealed record NetworkSettings(
    IReadOnlyList<int>? Layers = null, double? Width = null, int? BottleneckHead = null,
    MlDecoderOptions? Decoder = null, double? Boost = null);

/// <summary>Networks of one kind, such as all TResNets: an entry of the <see cref="NetworkCatalog"/>.</summary>
/// <remarks>Threads: any number.</remarks>
public interface INetworkFamily
{
    /// <summary>Name of the family in checkpoints.</summary>
    string Name { get; }

    /// <summary>Names of networks that a training can ask for.</summary>
    IReadOnlyList<string> VariantNames { get; }

    /// <summary>The network of a name.</summary>
    /// <param name="name">
    /// A name of <see cref="VariantNames"/>, or any other one that the family can make of the settings.
    /// </param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="settings">The settings that are asked for.</param>
    /// <returns>The description, or null if the name is not one of this family's.</returns>
    /// <exception cref="InputException">There is no such network; names the setting.</exception>
    INetworkDescription? Describe(string name, int classes, NetworkSettings settings);

    /// <summary>The reverse of <see cref="INetworkDescription.ToJson"/>.</summary>
    /// <exception cref="InputException">The text is not such JSON.</exception>
    INetworkDescription FromJson(string json);

    /// <summary>
    /// The network that weights without a description belong to, by the names and shapes of the tensors.
    /// </summary>
    /// <param name="state">The weights.</param>
    /// <returns>Null if they are not of this family; 0 classes if they have no classifier.</returns>
    INetworkDescription? Recognize(StateDict state) => null;
}
