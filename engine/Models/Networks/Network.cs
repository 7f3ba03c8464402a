namespace Flixstock.Engine;

/// <summary>
/// A network that a <see cref="Trainer"/> trains, a <see cref="Checkpoint"/> keeps and a <see cref="FoldedNetwork"/>
/// runs: a body that makes features and a head that makes scores, with all parameters in one buffer. Subclass it in any
/// assembly and add its <see cref="INetworkFamily"/> to the <see cref="NetworkCatalog"/>.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public abstract partial class Network : IDisposable
{
    private readonly Layer[] _layers;
    private readonly BatchNormalization[] _normalizations;
    private readonly Dropout[] _dropouts;
    private bool _disposed;

    /// <summary>
    /// Binds all parameters to one buffer, all zero: follow with <see cref="Initialize"/> or <see cref="Load"/>.
    /// </summary>
    /// <param name="backend">The device and its kernels.</param>
    /// <param name="description">Name, classes and picture sizes of this network.</param>
    /// <param name="body">Computes features from pictures.</param>
    /// <param name="head">Computes scores from features.</param>
    /// <exception cref="InputException">The machine has no memory for such a network.</exception>
    protected Network(Backend backend, INetworkDescription description, NetworkBody body, NetworkHead head)
    {
        (Backend, Description, Body, Head) = (backend, description, body, head);
        _layers = [.. body.Layers, .. head.Layers];
        _normalizations = [.. _layers.SelectMany(Parts).OfType<BatchNormalization>()];
        _dropouts = [.. _layers.SelectMany(Parts).OfType<Dropout>()];
        Parameter[] parameters = [.. _layers.SelectMany(layer => layer.AllParameters)];
        NetworkMemory.Require(description, backend.Device, parameters);
        Buffer = new ParameterBuffer(backend.Device, parameters, backend.ActivationType);
    }

    /// <summary>The network's name and classes, and how to make another one like it.</summary>
    public INetworkDescription Description { get; }

    /// <summary>The device and its kernels.</summary>
    public Backend Backend { get; }

    /// <summary>The part that computes features from pictures.</summary>
    public NetworkBody Body { get; }

    /// <summary>The part that computes scores from features.</summary>
    public NetworkHead Head { get; }

    /// <summary>All parameters and their gradients.</summary>
    public ParameterBuffer Buffer { get; }

    /// <summary>True if a layer draws at random in a training, by <see cref="Pass.Position"/>.</summary>
    internal bool DrawsAtRandom => _dropouts.Length > 0;

    /// <summary>All layers from the input to the scores, residual blocks as one layer each.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>Frees the parameters.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the parameters; a subclass frees what it allocated itself, then calls this.</summary>
    /// <param name="disposing">True: called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        _disposed = true;
        Buffer.Dispose();
    }

    /// <summary>Refuses a picture size that the network cannot take.</summary>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <exception cref="InputException">Names the size and the nearest one that works.</exception>
    public void RequireImageSize(int height, int width) => Description.ImageSizes.Require(height, width);

    /// <summary>
    /// Scores before the sigmoid or softmax. Everything the backward pass needs stays in the arena until
    /// <see cref="Backward"/> or the arena's reset.
    /// </summary>
    /// <param name="pass">The kernels, the arena and the mode of this pass.</param>
    /// <param name="input">[N, H, W, 3], bytes or singles from 0 to 1.</param>
    /// <returns>The scores, [N, classes].</returns>
    public Tensor Forward(Pass pass, Tensor input)
    {
        RequireOpen();
        if (input.Shape.Rank != 4 || input.Shape.Channels != 3)
            throw new ShapeException(_layers[0].Name, "input", input.Shape, "[N, H, W, 3]");
        RequireImageSize(input.Shape.Height, input.Shape.Width);
        return Head.Forward(pass, Body.Forward(BodyIsFrozen ? Frozen(pass) : pass, input));
    }

    /// <summary>
    /// All gradients of the last forward pass; releases everything it kept except the logits, which are the caller's.
    /// </summary>
    /// <param name="pass">The pass that the forward call was given.</param>
    /// <param name="logitsGradient">[N, classes], may be destroyed.</param>
    /// <param name="inputGradient">[N, H, W, 3], or <see cref="Tensor.None"/> if it is not needed.</param>
    public void Backward(Pass pass, Tensor logitsGradient, Tensor inputGradient)
    {
        RequireOpen();
        var features = Head.Backward(pass, logitsGradient);
        if (BodyIsFrozen)
            pass.Release(features);
        else
            Body.Backward(pass, features, inputGradient);
    }

    /// <summary>Writes the network down as a flat list of steps with its present values.</summary>
    /// <param name="builder">Collects the steps.</param>
    /// <param name="explains">True: a backward pass through the head's steps is possible.</param>
    /// <returns>Number of the value that holds the features.</returns>
    internal int Fold(FoldedBuilder builder, bool explains)
    {
        var features = Body.Fold(builder, 0);
        if (explains)
            builder.KeepPlain();
        Head.Fold(builder, features);
        return features;
    }

    private void RequireOpen() => ObjectDisposedException.ThrowIf(_disposed, this);

    // The layer and all inside it, in state-dict order; a layer may have both parameters and layers.
    private static IEnumerable<Layer> Parts(Layer layer) => layer.Children.SelectMany(Parts).Prepend(layer);
}
