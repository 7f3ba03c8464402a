namespace Flixstock.Engine;

/// <summary>
/// A network for inference: every ABN folded into the convolution before it, as a flat list of steps. A copy: later
/// changes of the network it was made from do not reach it. <see cref="Run"/> may be called from several threads, which
/// take turns on the device; what <see cref="Forward"/> returns is overwritten by the next call, so its callers have to
/// take turns themselves. Disposing waits for the call that is computing.
/// </summary>
/// <remarks>
/// Threads: any number may call <see cref="Run"/>; callers of <see cref="Forward"/> take turns themselves.
/// </remarks>
public sealed class FoldedNetwork : IDisposable
{
    private const int PlansKept = 4;
    private readonly List<FoldedPlan> _plans = [];
    private readonly List<Tensor> _parameters, _kept;
    private readonly PlannedArena? _memory;
    private bool _disposed; // read and written inside the device's scope

    /// <summary>Folds a network's present values.</summary>
    /// <param name="network">The network, which is only read.</param>
    /// <param name="explains">See <see cref="Explains"/>.</param>
    /// <exception cref="InputException">It cannot be explained: names the step.</exception>
    public FoldedNetwork(Network network, bool explains = false)
        : this(
            network, network.Backend, (parameter, values) => network.Backend.Device.CopyToHost(parameter.Value, values),
            onlyPacked: false, memory: null, explains)
    {
    }

    private FoldedNetwork(
        Network plan, Backend backend, ParameterReader read, bool onlyPacked, PlannedArena? memory, bool explains)
    {
        using var scope = backend.Device.EnterExclusive();
        (_memory, Explains) = (memory, explains);
        Backend = backend;
        Description = plan.Description;
        HoldsPackedWeights = onlyPacked && backend.Kernels is IPackedWeights;
        var builder = new FoldedBuilder(Backend, read, onlyPacked);
        (Steps, _parameters, _kept) = (builder.Steps, builder.Memory, builder.Kept);
        try
        {
            Features = plan.Fold(builder, explains);
            if (explains && HeadAttention.Find(this) is null)
                HeadGradient.Require(this);
        }
        catch
        {
            Free();
            throw;
        }
    }

    /// <summary>The device and its kernels.</summary>
    public Backend Backend { get; }

    /// <summary>The network's name, classes and picture sizes.</summary>
    public INetworkDescription Description { get; }

    /// <summary>
    /// True if a <see cref="GradCam"/> can ask where it looks: the last feature map and what follows it then stay in
    /// memory until the next run, and so do the head's weights as a backward pass reads them.
    /// </summary>
    public bool Explains { get; }

    /// <summary>Number of the value that the body gives the head, [N, h, w, C].</summary>
    internal int Features { get; }

    /// <summary>True if weights are in the kernels' own order alone, so that nothing else can read them.</summary>
    internal bool HoldsPackedWeights { get; }

    /// <summary>
    /// The steps in the order of computation; step number i writes value i + 1, value 0 is the input, the last one the
    /// logits.
    /// </summary>
    public IReadOnlyList<FoldedStep> Steps { get; }

    /// <summary>
    /// Folds published weights, one after the other, and lets the kernels keep them as they read them fastest: the
    /// least memory, for running and nothing else.
    /// </summary>
    /// <param name="state">The weights.</param>
    /// <param name="network">The network that the weights belong to.</param>
    /// <param name="backend">The device and its kernels.</param>
    /// <param name="explains">See <see cref="Explains"/>.</param>
    /// <exception cref="InputException">
    /// The weights do not fit, or the network cannot be explained: names the step.
    /// </exception>
    public static FoldedNetwork From(
        StateDict state, INetworkDescription network, Backend backend, bool explains = false) =>
        FromWithin(memory: null, state, network, backend, explains);

    /// <summary>
    /// Same as <see cref="From"/>; activations lie in memory that another owner planned, if that has room.
    /// </summary>
    /// <param name="memory">Memory that nothing else uses while this network runs, and that outlives it; null for
    /// none.</param>
    /// <param name="state">The weights.</param>
    /// <param name="network">The network that the weights belong to.</param>
    /// <param name="backend">The device and its kernels.</param>
    /// <param name="explains">See <see cref="Explains"/>.</param>
    internal static FoldedNetwork FromWithin(
        PlannedArena? memory, StateDict state, INetworkDescription network, Backend backend, bool explains = false)
    {
        using var scope = backend.Device.EnterExclusive();
        using var planning = new Backend(new PlanningDevice(backend.Device), NullKernels.Create(), backend.Precision);
        using var plan = network.Create(planning);
        plan.RequireSameEntries(state);
        return new FoldedNetwork(
            plan, backend,
            (parameter, values) =>
            {
                var tensor = state[parameter.Name];
                PublishedLayout.FromPublished(tensor, parameter, values);
                if (tensor.Source is null)
                    MappedFile.Forget(tensor.Data);
            },
            onlyPacked: true, memory, explains);
    }

    /// <summary>Refuses a picture size that the network cannot take.</summary>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <exception cref="InputException">Names the size and the nearest one that works.</exception>
    public void RequireImageSize(int height, int width) => Description.ImageSizes.Require(height, width);

    /// <summary>Scores before the sigmoid for a batch of pictures.</summary>
    /// <param name="pixels">[batch, height, width, 3], RGB bytes.</param>
    /// <param name="batch">Number of pictures.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="logits">[batch, classes]</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <exception cref="InputException">The network cannot take pictures of this size.</exception>
    /// <exception cref="ObjectDisposedException">The network or its device was disposed of.</exception>
    public void Run(
        ReadOnlySpan<byte> pixels, int batch, int height, int width, Span<float> logits,
        CancellationToken cancellation = default)
    {
        using var scope = Enter();
        RunPlan(pixels, batch, height, width, logits, cancellation);
    }

    /// <summary>
    /// Same as <see cref="Run"/>, for a caller that reads values: they stay until the next call, which the caller keeps
    /// off with <see cref="Device.EnterExclusive"/>.
    /// </summary>
    internal FoldedPlan RunPlan(
        ReadOnlySpan<byte> pixels, int batch, int height, int width, Span<float> logits,
        CancellationToken cancellation)
    {
        using var scope = Enter();
        var plan = PlanFor(new Shape(batch, height, width, 3), ElementType.UInt8);
        Backend.Device.CopyFromHost(pixels, plan.Input);
        Backend.Device.CopyToHost(plan.Run(Backend, cancellation), logits);
        return plan;
    }

    /// <summary>Scores for a tensor on the device.</summary>
    /// <param name="input">[N, H, W, 3], bytes or singles from 0 to 1.</param>
    /// <returns>[N, classes], valid until the next call.</returns>
    public Tensor Forward(Tensor input)
    {
        using var scope = Enter();
        var plan = PlanFor(input.Shape, input.Type);
        Backend.Device.Copy(input, plan.Input);
        return plan.Run(Backend);
    }

    /// <summary>Frees weights and activations.</summary>
    public void Dispose()
    {
        // A device that is gone has freed them.
        if (!Backend.Device.TryEnterExclusive(out var scope))
            return;
        using (scope)
        {
            _disposed = true;
            Free();
        }
    }

    private Lock.Scope Enter()
    {
        var scope = Backend.Device.EnterExclusive();
        if (!_disposed)
            return scope;
        scope.Dispose();
        throw new ObjectDisposedException(nameof(FoldedNetwork));
    }

    private void Free()
    {
        foreach (var plan in _plans)
            plan.Dispose();
        _plans.Clear();
        foreach (var weight in _kept)
            Backend.Kernels.ReleaseWeight(weight);
        foreach (var tensor in _parameters)
            Backend.Device.Free(tensor);
        _kept.Clear();
        _parameters.Clear();
    }

    // Few shapes occur (a full batch, the last one, single pictures); the one unused longest goes.
    private FoldedPlan PlanFor(Shape shape, ElementType type)
    {
        for (var i = 0; i < _plans.Count; i++)
        {
            var plan = _plans[i];
            if (plan.Input.Shape != shape || plan.Input.Type != type)
                continue;
            _plans.RemoveAt(i);
            _plans.Add(plan);
            return plan;
        }
        RequireImageSize(shape.Height, shape.Width);
        if (_plans.Count == PlansKept)
        {
            _plans[0].Dispose();
            _plans.RemoveAt(0);
        }
        _plans.Add(new FoldedPlan(Backend, Steps, shape, type, _memory, Explains ? Features : FoldedStep.NoValue));
        return _plans[^1];
    }
}
