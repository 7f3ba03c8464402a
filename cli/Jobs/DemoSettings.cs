namespace Flixstock.Cli;

/// <summary>
/// Settings of the demo's drawing and training: everything that decides its time and its quality, in one place.
/// </summary>
internal sealed record DemoSettings
{
    /// <summary>A small TResNet, which learns these pictures in a minute.</summary>
    private const string SmallName = "tresnet_small";

    /// <summary>The same demo with a published network, which learns more slowly.</summary>
    public DemoSettings With(string network) => this with
    {
        ModelName = network,
        Layers = null,
        Width = null,
        Epochs = 1,
        LearningRate = 1e-3,
    };

    /// <summary>Pictures drawn; a tenth of them is for validation.</summary>
    public int Count { get; init; } = 1000;

    /// <summary>Shorter side of the drawn pictures, and side of what the network sees, in pixels.</summary>
    public int Size { get; init; } = 64;

    /// <summary>Name of the network: of a published one where neither layers nor width are given.</summary>
    public string ModelName { get; init; } = SmallName;

    /// <summary>Residual blocks of the four stages; null: the variant's.</summary>
    public IReadOnlyList<int>? Layers { get; init; } = [1, 2, 2, 1];

    /// <summary>Factor on the channels; null: the variant's.</summary>
    public double? Width { get; init; } = 0.5;

    public int Epochs { get; init; } = 3;

    public int BatchSize { get; init; } = 16;

    /// <summary>True if the batch size is to be found out.</summary>
    public bool IsAutomatic => BatchSize == Options.AutomaticBatchSize;

    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Changed copies of training pictures with rare classes.</summary>
    public bool Augment { get; init; } = true;

    /// <summary>Pictures with drawn labels at the end.</summary>
    public int Shown { get; init; } = 10;

    public ulong Seed { get; init; } = 1;
}
