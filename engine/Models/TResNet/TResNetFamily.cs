namespace Flixstock.Engine;

/// <summary>The TResNets: published variants, and custom ones of any depth and width.</summary>
internal sealed class TResNetFamily : INetworkFamily
{
    private TResNetFamily()
    {
    }

    public static TResNetFamily Instance { get; } = new();

    public string Name => "tresnet";

    public IReadOnlyList<string> VariantNames => TResNetOptions.VariantNames;

    public INetworkDescription? Describe(string name, int classes, NetworkSettings settings)
    {
        if (settings.Layers is null && !VariantNames.Contains(name))
            return null;
        var model = settings.Layers is { } layers
            ? new TResNetOptions { Name = name, Layers = layers, Classes = classes }
            : TResNetOptions.Variant(name, classes);
        model = model with
        {
            Width = settings.Width ?? model.Width,
            BottleneckHead = settings.BottleneckHead,
            Decoder = settings.Decoder,
            Boost = settings.Boost,
        };
        model.Validate();
        return model;
    }

    public INetworkDescription FromJson(string json) => TResNetOptions.FromJson(json);

    public INetworkDescription? Recognize(StateDict state) => PublishedModel.Describe(state);
}
