namespace Flixstock.Engine;

/// <summary>
/// What a training takes of a device's memory beyond its network, counted by building it and taking its steps on a
/// <see cref="PlanningDevice"/>: optimizer, inputs, activations, the kernels' scratch memory. Nothing is allocated,
/// nothing computed.
/// </summary>
/// <param name="NetworkBytes">Bytes of parameters and gradients.</param>
/// <param name="StepBytes">Everything else while it trains.</param>
/// <param name="ActivationBytes">The planned memory of a step's activations, which <paramref name="StepBytes"/>
/// includes.</param>
/// <param name="ScratchBytes">Scratch memory that the device does not have yet, which <paramref name="StepBytes"/>
/// includes.</param>
internal sealed record StepMemory(long NetworkBytes, long StepBytes, long ActivationBytes, long ScratchBytes)
{
    /// <summary>Counts the memory of a training.</summary>
    /// <param name="backend">The device to train on.</param>
    /// <param name="model">The network to train.</param>
    /// <param name="loss">The loss, on any backend.</param>
    /// <param name="options">Batch and picture size, optimizer.</param>
    /// <exception cref="EngineException">No kernel takes this many pictures.</exception>
    public static StepMemory Of(Backend backend, INetworkDescription model, Loss loss, TrainingStepOptions options)
    {
        using var device = new PlanningDevice(backend.Device);
        var planning = backend.Planning(device);
        var shared = device.Bytes; // the libraries' workspace
        using var network = model.Create(planning);
        var networkBytes = device.Bytes - shared;
        using var own = loss.On(planning);
        // Other processes do not count with it.
        var alone = options with { Reducer = null, Statistics = SilentReducer.Of(options.Statistics) };
        using var step = new TrainingStep(network, own, alone);
        step.Rehearse();
        return new StepMemory(networkBytes, device.PeakBytes - networkBytes, step.Arena.Bytes, device.ScratchBytes);
    }

    /// <summary>
    /// Bytes that the validation between epochs takes in addition to a training: folded weights; activations lie in the
    /// training's memory.
    /// </summary>
    public static long OfValidation(Backend backend, INetworkDescription model)
    {
        using var device = new PlanningDevice(backend.Device);
        using var network = model.Create(backend.Planning(device));
        // the training's own, which is folded from the host's memory
        var networkBytes = device.Bytes - device.ScratchBytes;
        using var folded = new FoldedNetwork(network);
        return device.PeakBytes - device.ScratchBytes - networkBytes;
    }

    /// <summary>
    /// Refuses a training that a device's own memory has no room for, before anything of it is allocated.
    /// </summary>
    /// <exception cref="DeviceMemoryException">
    /// Names the layer whose request is the first not to fit, and the batch size that fits.
    /// </exception>
    public static void Require(Network network, Loss loss, TrainingStepOptions options)
    {
        if (network.Backend.Device.Memory is not { } memory)
        {
            RequireOnHost(network, loss, options);
            return;
        }
        StepMemory Count(int batch) =>
            Of(network.Backend, network.Description, loss, options with { BatchSize = batch });
        // A training that its first validation would end is refused too.
        var room = memory.Free - OfValidation(network.Backend, network.Description);
        var batch = options.FullBatch;
        var needed = Count(batch);
        if (needed.StepBytes <= room)
            return;
        var fits = LargestBatch.Search(batch - 1, count => Count(count).StepBytes <= room);
        throw needed.Failure(network, options.ImageSize, options.FullStep, memory, room, fits);
    }

    // The host shares its memory with everybody, so that only what it can never have is refused: the system would end
    // the process.
    private static void RequireOnHost(Network network, Loss loss, TrainingStepOptions options)
    {
        if (!network.Backend.Device.IsHost)
            return;
        var batch = options.FullBatch;
        var needed = Of(network.Backend, network.Description, loss, options with { BatchSize = batch });
        var (bytes, total) = (needed.NetworkBytes + needed.StepBytes, NetworkMemory.HostBytes);
        if (bytes > total)
        {
            throw new DeviceMemoryException(bytes, total,
                $"not enough memory on {network.Backend.Device.Name}: training with batches of {options.FullStep} pictures of "
                    + $"{options.ImageSize}x{options.ImageSize} pixels needs {Mebibytes(bytes)} MiB "
                    + $"({Mebibytes(needed.NetworkBytes)} of weights and gradients, "
                    + $"{Mebibytes(needed.ActivationBytes)} of activations), the machine has {Mebibytes(total)}; use a "
                    + $"smaller {Term.BatchSize}, {Term.ImageSize} or network");
        }
    }

    private DeviceMemoryException Failure(
        Network network, int imageSize, int batch, (long Free, long Total) memory, long room, int fits)
    {
        var others = StepBytes - ActivationBytes;
        var request = MemoryRequests.FirstBeyond(network, batch, imageSize, room - others);
        var advice = fits > 0
            ? (Wording)$"try {Term.BatchSize} {fits} or less, or {Term.LargestBatch}"
            : (Wording)$"not even one picture fits: use a smaller {Term.ImageSize} or network";
        return new DeviceMemoryException(StepBytes + memory.Free - room, memory.Free,
            $"not enough memory on {network.Backend.Device.Name}: {request.Name}, "
                + $"{(request.Backward ? "backward" : "forward")}, wants {Mebibytes(request.Bytes)} MiB for a tensor "
                + $"of a step of {batch} pictures and finds no room; {Mebibytes(memory.Free)} of "
                + $"{Mebibytes(memory.Total)} MiB are free, the training needs "
                + $"{Mebibytes(StepBytes + memory.Free - room)} MiB at its peak ({Mebibytes(ActivationBytes)} of "
                + $"activations, {Mebibytes(ScratchBytes)} of scratch memory, {Mebibytes(memory.Free - room)} of "
                + $"validation); {advice}");
    }

    private static long Mebibytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;
}
