using System.Reflection;

namespace Flixstock.Engine;

/// <summary>One request for memory of a step.</summary>
/// <param name="Name">Of the layer it is for, as its weights are published: <c>body.layer2.0.conv1.0</c>.</param>
/// <param name="Backward">In the backward pass.</param>
/// <param name="Bytes">Size.</param>
internal sealed record StepRequest(string Name, bool Backward, long Bytes);

/// <summary>
/// An <see cref="IKernels"/> that computes nothing and finds out which layer a step's tensors are for: a tensor belongs to the layer whose parameter is an argument of the first
/// operation that both take part in; where an operation has no parameter, to the layer before it.
/// </summary>
internal class MemoryRequests : DispatchProxy
{
    private readonly Dictionary<nint, string> _parameters = [];
    private readonly Dictionary<int, string> _names = [];
    private string _latest = "";

    /// <summary>The first request of a training step, in the order of time, whose place in the plan does not lie within the room there is.</summary>
    /// <param name="network">Which one.</param>
    /// <param name="batch">Pictures.</param>
    /// <param name="imageSize">Height and width.</param>
    /// <param name="room">Bytes for activations.</param>
    public static StepRequest FirstBeyond(Network network, int batch, int imageSize, long room)
    {
        var requests = Of(network, batch, imageSize, out var lifetimes);
        var (offsets, _) = PlannedArena.Plan(lifetimes);
        for (var i = 0; i < requests.Count; i++)
        {
            if (offsets[i] + requests[i].Bytes > room)
                return requests[i];
        }
        // What does not fit is something beside the activations: the largest of them stands for the step.
        return requests.MaxBy(request => request.Bytes)!;
    }

    /// <summary>Every request of a training step with its layer, in the order of time.</summary>
    internal static IReadOnlyList<StepRequest> Of(Network network, int batch, int imageSize, out IReadOnlyList<TensorLifetime> lifetimes)
    {
        // A network of its own, whose addresses meet nobody's.
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
        planned.ComputeGradients(planned.Backend.NewPass(arena, training: true), new Tensor(0, new Shape(batch, imageSize, imageSize, 3), ElementType.UInt8),
            (_, _) => forward = arena.Lifetimes.Count);
        lifetimes = arena.Lifetimes;
        var result = new StepRequest[lifetimes.Count];
        var latest = network.Layers[0].Name;
        for (var i = 0; i < result.Length; i++)
            result[i] = new StepRequest(latest = names._names.GetValueOrDefault(i, latest), i >= forward, lifetimes[i].Bytes);
        return result;
    }

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var addresses = (args ?? []).Select(Address).Where(address => address != 0).ToArray();
        foreach (var address in addresses)
            _latest = _parameters.GetValueOrDefault(address, _latest);
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
