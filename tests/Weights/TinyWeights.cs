using Flixstock.Engine;

namespace Flixstock.Tests.Weights;

/// <summary>State dicts of the smallest network, and files of them as others write them.</summary>
internal static class TinyWeights
{
    private static readonly Lazy<StateDict> Made = new(Make);

    /// <summary>The network.</summary>
    public static TResNetOptions Options =>
        new() { Name = "tresnet", Layers = [1, 1, 1, 1], Width = 0.0625, Classes = 3 };

    /// <summary>Its published state dict.</summary>
    public static StateDict Plain => Made.Value;

    /// <summary>Other values under the same names.</summary>
    public static StateDict Averaged => Changed(tensor => tensor.Type == StateType.F32
        ? StateTensors.From(tensor.Name, tensor.Shape, Array.ConvertAll(tensor.ToFloats(), value => value + 1))
        : tensor);

    /// <summary>The published ones with something before every name.</summary>
    public static StateDict With(string prefix, StateDict? state = null) =>
        Changed(tensor => tensor with { Name = prefix + tensor.Name }, state);

    /// <summary>Some of them.</summary>
    public static StateDict Only(Func<string, bool> choose, StateDict? state = null)
    {
        var result = new StateDict();
        foreach (var tensor in (state ?? Plain).Where(tensor => choose(tensor.Name)))
            result.Add(tensor);
        return result;
    }

    /// <summary>All of several.</summary>
    public static StateDict Together(params StateDict[] states)
    {
        var result = new StateDict();
        foreach (var tensor in states.SelectMany(state => state))
            result.Add(tensor);
        return result;
    }

    /// <summary>A tensor that is none of the network's.</summary>
    public static StateDict Other(string name)
    {
        var result = new StateDict();
        result.Add(StateTensors.From(name, [3], [1f, 2, 3]));
        return result;
    }

    /// <summary>Reads a PyTorch file of this content.</summary>
    public static WeightsFile Read(object root, string? entry = null) =>
        WeightsFile.Parse(TestPickle.File(root), "made.pth", entry: entry);

    /// <summary>True if names and values are the same.</summary>
    public static bool Same(StateDict state, StateDict other) =>
        state.Names.SequenceEqual(other.Names)
        && state.All(tensor => tensor.Data.Span.SequenceEqual(other[tensor.Name].Data.Span));

    private static StateDict Changed(Func<StateTensor, StateTensor> change, StateDict? state = null)
    {
        var result = new StateDict();
        foreach (var tensor in state ?? Plain)
            result.Add(change(tensor));
        return result;
    }

    private static StateDict Make()
    {
        using var backend = Backend.Reference();
        using var network = new TResNet(backend, Options);
        network.Initialize(3);
        return network.ToStateDict();
    }
}
