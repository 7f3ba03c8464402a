namespace Flixstock.Engine;

/// <summary>
/// What a layer needs to compute: the kernels of the chosen device, a place for activations, and whether this is
/// training.
/// </summary>
/// <param name="Kernels">The operations of the chosen device.</param>
/// <param name="Arena">Source of outputs and temporary tensors.</param>
/// <param name="Training">
/// True: batch statistics, running statistics updated. False: running statistics are used.
/// </param>
public sealed record Pass(IKernels Kernels, TensorArena Arena, bool Training)
{
    /// <summary>
    /// Called with each layer and its output during the forward pass: to look for values that are not finite, or at the
    /// stages. Usually null.
    /// </summary>
    public Action<Layer, Tensor>? Observer { get; init; }

    /// <summary>
    /// Merges the batch statistics of several processes; null: there is one process, and it asks nobody.
    /// </summary>
    public IStatisticsReducer? StatisticsReducer { get; init; }

    /// <summary>Told which layer and phase is being queued; usually null.</summary>
    internal IRangeObserver? Ranges { get; init; }

    /// <summary>
    /// [2] Int32 in device memory, epoch and step of a training, for layers that draw at random; none outside of one.
    /// In memory, because a captured step reads it anew.
    /// </summary>
    public ReadOnlyTensor Position { get; init; }

    /// <summary>
    /// Type of activations and their gradients, [N, H, W, C]; vectors of a batch, statistics and logits are always
    /// Float32.
    /// </summary>
    public ElementType ActivationType { get; init; } = ElementType.Float32;

    /// <summary>An activation or its gradient from the arena, of the pass's <see cref="ActivationType"/>.</summary>
    /// <param name="shape">[N, H, W, C]</param>
    public Tensor TakeActivation(Shape shape) => Arena.Take(shape, ActivationType);

    /// <summary>True: the signs of what a ReLU let through are kept as bits for the backward pass.</summary>
    internal bool KeepsSigns { get; init; }

    /// <summary>
    /// True: the device may add up a convolution's output while it computes it. It does so where the result is
    /// activations of 16 bits: <see cref="MeasuresConvolutions"/>.
    /// </summary>
    internal bool SumsConvolutions { get; init; }

    /// <summary>
    /// True: batch statistics are computed with the convolution before them, in one call; several processes measure
    /// apart.
    /// </summary>
    internal bool MeasuresConvolutions =>
        SumsConvolutions && Training && StatisticsReducer is null && ActivationType != ElementType.Float32;

    /// <summary>
    /// Room for the <see cref="SignBits"/> of an activation, or <see cref="Tensor.None"/> where the backward pass reads
    /// the activation itself.
    /// </summary>
    /// <param name="activation">[N, H, W, C]</param>
    internal Tensor TakeSigns(Shape activation) => KeepsSigns && activation.Channels % SignBits.BitsOfByte == 0
        ? Arena.Take(SignBits.ShapeOf(activation), ElementType.UInt8)
        : Tensor.None;

    /// <summary>A tensor from the arena.</summary>
    public Tensor Take(Shape shape, ElementType type = ElementType.Float32) => Arena.Take(shape, type);

    /// <summary>Gives a tensor back to the arena; while a weight gradient is computed aside, once it is done.</summary>
    public void Release(Tensor tensor)
    {
        if (_aside.IsUnderway)
            _aside.Released.Add(tensor);
        else
            Arena.Release(tensor);
    }

    /// <summary>
    /// True: a convolution's weight gradient is computed next to what follows it, up to the next one:
    /// <see cref="IKernels.ConvolutionBackwardWeightAside"/>. Only for whole steps, which end with <see cref="Join"/>.
    /// </summary>
    internal bool Overlaps { get; init; }

    // Shared with the copies that a 'with' makes.
    private readonly WorkAside _aside = new();

    /// <summary>
    /// A convolution's weight gradient, to be read after <see cref="Join"/>. Until then its operands stay as they are:
    /// what is released is not taken again.
    /// </summary>
    internal void BackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient)
    {
        Join();
        if (!Overlaps)
        {
            Kernels.ConvolutionBackwardWeight(input, outputGradient, geometry, weightGradient);
            return;
        }
        Kernels.ConvolutionBackwardWeightAside(input, outputGradient, geometry, weightGradient);
        _aside.IsUnderway = true;
    }

    /// <summary>Lets what follows wait for the weight gradient that is computed aside, if there is one.</summary>
    internal void Join()
    {
        if (!_aside.IsUnderway)
            return;
        Kernels.JoinAside();
        _aside.IsUnderway = false;
        foreach (var tensor in _aside.Released)
            Arena.Release(tensor);
        _aside.Released.Clear();
    }

    /// <summary>A step begins: what an earlier one that failed has left is forgotten with its arena.</summary>
    internal void Begin()
    {
        _aside.IsUnderway = false;
        _aside.Released.Clear();
    }

    private sealed class WorkAside
    {
        public bool IsUnderway { get; set; }

        public List<Tensor> Released { get; } = [];
    }

    /// <summary>A layer's forward pass, inside a range of its name.</summary>
    /// <returns>The output of the layer.</returns>
    public Tensor Forward(Layer layer, Tensor input)
    {
        Ranges?.Push(layer.Name);
        var output = layer.Forward(this, input);
        Ranges?.Pop();
        return output;
    }

    /// <summary>A layer's backward pass, inside a range of its name.</summary>
    public void Backward(Layer layer, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        Ranges?.Push(layer.Name);
        layer.Backward(this, outputGradient, inputGradient, accumulate);
        Ranges?.Pop();
    }

    /// <summary>Shows the observer what a layer has computed; a layer's forward pass ends with it.</summary>
    /// <returns>The output, unchanged.</returns>
    public Tensor Done(Layer layer, Tensor output)
    {
        Observer?.Invoke(layer, output);
        return output;
    }

    /// <summary>
    /// Moves a gradient that was computed in place to the caller's destination: nothing to do if that is the same
    /// memory, or none.
    /// </summary>
    public void Move(Tensor gradient, Tensor destination, bool accumulate)
    {
        if (!destination.Exists || destination.SharesMemory(gradient))
            return;
        if (accumulate)
            Kernels.Add(gradient, destination);
        else
            Kernels.Copy(gradient, destination);
    }
}
