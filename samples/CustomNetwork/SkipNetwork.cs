using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Samples.CustomNetwork;

/// <summary>What the network is: a plain convolutional network with a skip connection.</summary>
/// <param name="Classes">Number of scores.</param>
/// <param name="Channels">Of its convolutions.</param>
public sealed record SkipDescription(int Classes, int Channels = 16) : INetworkDescription
{
    /// <inheritdoc />
    public string Family => SkipFamily.FamilyName;

    /// <inheritdoc />
    public string Name => SkipFamily.FamilyName;

    /// <inheritdoc />
    public ImageSizes ImageSizes { get; } = new(Multiple: 8, Smallest: 16, extent => extent / 8);

    /// <inheritdoc />
    public string Summary => $"{Channels} channels and {Classes} classes";

    /// <inheritdoc />
    public Network Create(Backend backend) => new SkipNetwork(backend, this);

    /// <inheritdoc />
    public INetworkDescription WithClasses(int classes) => this with { Classes = classes };

    /// <inheritdoc />
    public IEnumerable<string> DifferencesFrom(INetworkDescription wanted, bool body = false)
    {
        if (wanted is not SkipDescription other)
            yield return $"the network {Name} instead of {wanted.Name}";
        else if (Channels != other.Channels)
            yield return $"{Channels} channels instead of {other.Channels}";
        else if (!body && Classes != other.Classes)
            yield return $"{Classes} classes instead of {other.Classes}";
    }

    /// <inheritdoc />
    public string ToJson() => JsonSerializer.Serialize(new { Classes, Channels });
}

/// <summary>The network: a body of its own, and the engine's linear head.</summary>
public sealed class SkipNetwork(Backend backend, SkipDescription description) : Network(
    backend, description, new SkipBody(description.Channels, backend.Device.ChannelMultiple),
    new LinearHead("head", description.Channels, description.Classes, channelMultiple: backend.Device.ChannelMultiple));

/// <summary>How checkpoints and trainings find the network.</summary>
public sealed class SkipFamily : INetworkFamily
{
    internal const string FamilyName = "skip_cnn";

    /// <inheritdoc />
    public string Name => FamilyName;

    /// <inheritdoc />
    public IReadOnlyList<string> VariantNames => [FamilyName];

    /// <inheritdoc />
    public INetworkDescription? Describe(string name, int classes, NetworkSettings settings) =>
        name == FamilyName ? new SkipDescription(classes) : null;

    /// <inheritdoc />
    public INetworkDescription FromJson(string json) => JsonSerializer.Deserialize<SkipDescription>(json)!;
}
