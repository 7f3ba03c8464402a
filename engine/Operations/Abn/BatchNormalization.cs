namespace Flixstock.Engine;

/// <summary>
/// What the two activated batch norms share: parameters, running statistics, and the normalization [4, C] made once per
/// forward pass (see <see cref="IKernels.AbnStatistics"/>).
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public abstract class BatchNormalization : Layer
{
    /// <summary>Added to the variance and to |weight|, so that the scale is never zero.</summary>
    public const float Epsilon = 1e-5f;

    /// <summary>Share of the new value in the running statistics.</summary>
    public const float Momentum = 0.1f;

    private readonly Parameter[] _parameters;
    private IStatisticsReducer? _reducer;

    /// <summary>A normalisation of this many channels.</summary>
    /// <param name="name">Prefix of the parameters' names.</param>
    /// <param name="channels">C of input and output as published.</param>
    /// <param name="channelMultiple">C is padded to a multiple of it.</param>
    protected BatchNormalization(string name, int channels, int channelMultiple = 1)
        : base(name)
    {
        Channels = ChannelPadding.Padded(channels, channelMultiple);
        Weight = Vector(".weight", ParameterKind.Vector, channels);
        Bias = Vector(".bias", ParameterKind.Vector, channels);
        RunningMean = Vector(".running_mean", ParameterKind.RunningStatistic, channels);
        RunningVariance = Vector(".running_var", ParameterKind.RunningStatistic, channels);
        _parameters = [Weight, Bias, RunningMean, RunningVariance];
    }

    /// <summary>C of input and output.</summary>
    public int Channels { get; }

    /// <summary>[C]; the scale is |weight| + epsilon.</summary>
    public Parameter Weight { get; }

    /// <summary>[C]</summary>
    public Parameter Bias { get; }

    /// <summary>[C]</summary>
    public Parameter RunningMean { get; }

    /// <summary>[C]</summary>
    public Parameter RunningVariance { get; }

    /// <summary>Training forward passes so far; published as <c>num_batches_tracked</c>.</summary>
    public long BatchesTracked { get; set; }

    /// <inheritdoc />
    public override IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>
    /// The normalization of the last forward pass, [4, C]; the layer's own memory until its backward pass ends.
    /// </summary>
    internal Tensor Normalization { get; private set; }

    /// <summary>True if the last forward pass used batch statistics.</summary>
    internal bool BatchStatistics { get; private set; }

    /// <summary>
    /// The moments of all processes, [processes, 3, C], the layer's own memory until its backward pass ends, if a
    /// reducer merged the statistics of the last forward pass; else <see cref="Tensor.None"/>.
    /// </summary>
    internal Tensor Moments { get; private set; }

    /// <inheritdoc />
    public override Shape OutputShape(Shape input) => input.Rank == 4 && input.Channels == Channels
        ? input
        : throw new ShapeException(Name, "input", input, $"[N, H, W, {Channels}]");

    /// <summary>
    /// Makes the normalization: from the batch in training (one step of the running statistics included), else from
    /// running statistics.
    /// </summary>
    /// <param name="pass">The kernels, the arena and the mode of this pass.</param>
    /// <param name="input">[N, H, W, C]</param>
    /// <param name="pictureMean">
    /// [N, C], gets the mean of the input over each picture's pixels, or <see cref="Tensor.None"/>.
    /// </param>
    internal void Normalize(Pass pass, Tensor input, Tensor pictureMean)
    {
        Begin(pass, input.Shape);
        if (pass.Training && pass.StatisticsReducer is { } reducer)
        {
            NormalizeMerged(pass, reducer, input, pictureMean);
            return;
        }
        if (pass.Training)
        {
            pass.Kernels.AbnStatistics(
                input, Weight.Value, Bias.Value, Epsilon, Momentum, Normalization, RunningMean.Value,
                RunningVariance.Value, pictureMean);
            BatchesTracked++;
            return;
        }
        pass.Kernels.AbnRunningStatistics(
            RunningMean.Value, RunningVariance.Value, Weight.Value, Bias.Value, Epsilon, Normalization);
        if (pictureMean.Exists)
            pass.Kernels.GlobalAveragePoolForward(input, pictureMean);
    }

    /// <summary>
    /// The same from the batch alone, together with the convolution that computes the input: where
    /// <see cref="Pass.MeasuresConvolutions"/>.
    /// </summary>
    /// <param name="pass">The kernels, the arena and the mode of this pass.</param>
    /// <param name="convolution">The layer before.</param>
    /// <param name="convolved">The convolution's input, [N, H, W, C].</param>
    /// <param name="input">Gets the convolution's output, [N, P, Q, K].</param>
    internal void NormalizeConvolved(Pass pass, Convolution convolution, Tensor convolved, Tensor input)
    {
        Begin(pass, input.Shape);
        pass.Kernels.AbnConvolutionStatistics(
            convolved, convolution.Weight.Compute, convolution.Geometry, input, Weight.Value, Bias.Value, Epsilon,
            Momentum, Normalization, RunningMean.Value, RunningVariance.Value);
        BatchesTracked++;
    }

    /// <summary>
    /// Adds sums of a backward pass over the processes of the last forward pass, which had a reducer.
    /// </summary>
    /// <param name="sums">[2, C]</param>
    internal void MergeSums(Tensor sums) => _reducer!.AddSums(sums);

    /// <summary>Gives the normalization's memory back: the last act of a backward pass.</summary>
    internal void ReleaseNormalization(Pass pass)
    {
        pass.Release(Normalization);
        if (Moments.Exists)
            pass.Release(Moments);
    }

    private void Begin(Pass pass, Shape input)
    {
        OutputShape(input);
        if (pass.Training && input.Pixels == 1 && pass.StatisticsReducer is not { Processes: > 1 })
        {
            throw new InputException(
                $"layer '{Name}': batch statistics of one pixel do not exist, input has shape {input}: train with "
                    + $"larger pictures or a larger batch");
        }
        Normalization = pass.Take(new Shape(4, Channels));
        BatchStatistics = pass.Training;
        (_reducer, Moments) = (null, Tensor.None);
    }

    private void NormalizeMerged(Pass pass, IStatisticsReducer reducer, Tensor input, Tensor pictureMean)
    {
        _reducer = reducer;
        Moments = pass.Take(new Shape(reducer.Processes, 3, Channels));
        var own = Moments.Slice(3L * Channels * reducer.Process, new Shape(3, Channels));
        pass.Kernels.AbnMoments(input, RunningMean.Value, own, pictureMean);
        reducer.GatherMoments(Moments);
        pass.Kernels.AbnMomentsNormalization(
            Moments, Weight.Value, Bias.Value, Epsilon, Momentum, Normalization, RunningMean.Value,
            RunningVariance.Value);
        BatchesTracked++;
    }

    private Parameter Vector(string suffix, ParameterKind kind, int channels) =>
        new(Name + suffix, new Shape(Channels), kind) { PublishedShape = new Shape(channels) };
}
