using System.Reflection;

namespace Flixstock.Engine;

/// <summary>A step's request for memory.</summary>
/// <param name="Name">Published name of the layer it is for: <c>body.layer2.0.conv1.0</c>.</param>
/// <param name="Backward">True for the backward pass.</param>
/// <param name="Bytes">Size in bytes.</param>
internal sealed record StepRequest(string Name, bool Backward, long Bytes);

/// <summary>
/// An <see cref="IKernels"/> that computes nothing and finds out which layer a step's tensors are for: a tensor belongs
/// to the layer whose parameter is an argument of the first operation that both take part in; if that operation has no
/// parameter, to the layer before it.
/// </summary>
internal class MemoryRequests : DispatchProxy
{
    private readonly Dictionary<nint, string> _parameters = [];
    private readonly Dictionary<int, string> _names = [];
    private string _latest = "";

    /// <summary>
    /// The first request of a training step, in order of time, whose place in the plan exceeds the available room.
    /// </summary>
    /// <param name="network">The network to examine.</param>
    /// <param name="batch">Number of pictures.</param>
    /// <param name="imageSize">Height and width in pixels.</param>
    /// <param name="room">Bytes available for activations.</param>
    public static StepRequest FirstBeyond(Network network, int batch, int imageSize, long room)
    {
        var requests = Of(network, batch, imageSize, out var lifetimes);
        var (offsets, _) = PlannedArena.Plan(lifetimes);
        for (var i = 0; i < requests.Count; i++)
        {
            if (offsets[i] + requests[i].Bytes > room)
                return requests[i];
        }
        // What does not fit is something other than the activations: the largest of them represents the step.
        return requests.MaxBy(request => request.Bytes)!;
    }

    /// <summary>Every request of a training step with its layer, in order of time.</summary>
    internal static IReadOnlyList<StepRequest> Of(
        Network network, int batch, int imageSize, out IReadOnlyList<TensorLifetime> lifetimes)
    {
        // A separate network, whose addresses are not used by anything else.
        using var device = new PlanningDevice(network.Backend.Device);
        var kernels = Create<IKernels, MemoryRequests>();
        var names = (MemoryRequests)(object)kernels;
        using var planned = network.Description.Create(new Backend(device, kernels, network.Backend.Precision));
        foreach (var parameter in planned.Buffer.Parameters)
        {
            foreach (var tensor in new[] { parameter.Value, parameter.Compute, parameter.Gradient })
                names._parameters.TryAdd(tensor.Address, parameter.Name[..parameter.Name.LastIndexOf('.')]);
        }
        var arena = new RecordingArena();
        var forward = 0;
        planned.ComputeGradients(
            planned.Backend.NewPass(arena, training: true) with { Overlaps = network.Backend.Overlaps },
            new Tensor(0, new Shape(batch, imageSize, imageSize, 3), ElementType.UInt8),
            (_, _) => forward = arena.Lifetimes.Count);
        lifetimes = arena.Lifetimes;
        var result = new StepRequest[lifetimes.Count];
        var latest = network.Layers[0].Name;
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = new StepRequest(
                latest = names._names.GetValueOrDefault(i, latest), i >= forward, lifetimes[i].Bytes);
        }
        return result;
    }

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var addresses = (args ?? []).Select(Address).Where(address => address != 0).ToArray();
        _latest = addresses.Select(_parameters.GetValueOrDefault).FirstOrDefault(name => name is not null) ?? _latest;
        if (_latest.Length > 0)
        {
            foreach (var address in addresses)
                _names.TryAdd(RecordingArena.IndexOf(address), _latest);
        }
        return null;
    }

    private static nint Address(object? argument) => argument switch
    {
        Tensor tensor => tensor.Address,
        ReadOnlyTensor tensor => tensor.Address,
        _ => 0,
    };
}
