namespace Flixstock.Engine;

/// <summary>
/// Adam with L2 in the gradient (Kingma and Ba, 2015) or AdamW, a schedule and a weight average, in one pass over a
/// network's flat buffers. What changes from step to step lies on the device: a table of the schedule and a counter
/// that a skipped step does not advance.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed partial class Adam : IDisposable
{
    private readonly Backend _backend;
    private readonly ParameterBuffer _buffer;
    private readonly AdamOptions _options;
    private readonly Tensor _firstMoment, _secondMoment, _schedule, _step, _skip;
    private readonly Tensor _clip, _body; // may be none
    private readonly float _gradientLimit;
    private readonly LossScaler? _lossScaler;
    private int _stepsAsked;
    private bool _disposed;

    /// <summary>
    /// Allocates the moments, the schedule's table and the average, which starts at the buffer's current values.
    /// </summary>
    /// <param name="backend">The device that holds the parameters.</param>
    /// <param name="buffer">
    /// Already initialised or loaded; otherwise call <see cref="RestartAverage"/> afterwards.
    /// </param>
    /// <param name="settings">Constants of the optimizer.</param>
    /// <param name="schedule">Learning rate and beta1 of every step.</param>
    /// <param name="lossScaler">Scales the loss gradient; null for no scaling. The caller disposes of it.</param>
    /// <param name="body">
    /// The parameters that <see cref="AdamSettings.BodyFactor"/> is for; null: none.
    /// </param>
    public Adam(
        Backend backend, ParameterBuffer buffer, AdamSettings settings, ILearningRateSchedule schedule,
        LossScaler? lossScaler = null, IReadOnlySet<Parameter>? body = null)
    {
        _lossScaler = lossScaler;
        _backend = backend;
        _buffer = buffer;
        Schedule = schedule;
        _options = new AdamOptions(
            settings.Beta2, settings.Epsilon, settings.WeightDecay, buffer.DecayedCount, settings.Decoupled,
            settings.BodyFactor);
        var device = backend.Device;
        _firstMoment = Cleared(buffer.Gradients.Shape);
        _secondMoment = Cleared(buffer.Gradients.Shape);
        _step = Cleared(new Shape(1), ElementType.Int32);
        _skip = Cleared(new Shape(1), ElementType.Int32);
        _schedule = device.FromHost<float>(
            Table(schedule, settings), new Shape(schedule.TotalSteps + 1, AdamOptions.ScheduleColumns));
        if (settings.GradientLimit is { } limit)
            (_gradientLimit, _clip) = ((float)limit, device.FromHost<float>([1], new Shape(1)));
        if (settings.BodyFactor != 1 && body is not null)
            _body = device.FromHost<sbyte>(MapOf(body), new Shape(MapLength), ElementType.Int8);
        if (settings.AverageDecay > 0)
            Average = device.Allocate(buffer.Values.Shape);
        RestartAverage();
    }

    /// <summary>Learning rate and beta1 of every step.</summary>
    public ILearningRateSchedule Schedule { get; }

    /// <summary>
    /// The weight average, laid out as <see cref="ParameterBuffer.Values"/>; <see cref="Tensor.None"/> if there is
    /// none.
    /// </summary>
    public Tensor Average { get; }

    /// <summary>Steps that changed the weights; asks the device and so waits for it.</summary>
    public int StepsTaken => ReadInteger(_step);

    /// <summary>
    /// True if the last step found a loss or gradient that is not finite and left everything alone; waits for the
    /// device.
    /// </summary>
    public bool LastStepSkipped => ReadInteger(_skip) != 0;

    /// <summary>
    /// One step with the gradients in the buffer. If one of them or the loss is not finite, nothing is changed: see
    /// <see cref="LastStepSkipped"/>.
    /// </summary>
    /// <param name="loss">The loss, which is checked as well if given.</param>
    /// <exception cref="EngineException">The schedule has ended.</exception>
    public void Step(ReadOnlyTensor loss = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        RequireRoom();
        Queue(loss);
    }

    /// <summary>
    /// True: once a step was skipped all that follow are, until <see cref="ClearSkip"/>. For callers that read
    /// <see cref="Skip"/> a step late: the weights are
    /// then still those of the failed step.
    /// </summary>
    internal bool StaysSkipped { get; init; }

    /// <summary>[1] Int32, not 0 if the last step left everything alone.</summary>
    internal Tensor Skip => _skip;

    /// <summary>Forgets a skipped step.</summary>
    internal void ClearSkip() => _backend.Device.Clear(_skip);

    /// <summary>The device's part of <see cref="Step"/>, which can be captured.</summary>
    /// <param name="loss">The loss, which is checked as well if given.</param>
    /// <param name="lossBefore">
    /// The loss of the step before, if it is read a step late and skipped steps are usual: if it is not finite, this
    /// step is skipped as well.
    /// </param>
    internal void Queue(ReadOnlyTensor loss, ReadOnlyTensor lossBefore = default)
    {
        var kernels = _backend.Kernels;
        if (!StaysSkipped)
            ClearSkip();
        if (loss.Exists)
            kernels.FiniteCheck(loss, _skip);
        if (lossBefore.Exists)
            kernels.FiniteCheck(lossBefore, _skip);
        var low = new LowPrecisionStep(
            _buffer.LowGradients, _buffer.LowMap, _lossScaler?.Scale ?? Tensor.None, _buffer.Compute, _buffer.LowCount);
        kernels.GradientsFiniteCheck(_buffer.Gradients, low with { Parameters = Tensor.None }, _skip);
        if (_clip.Exists)
            kernels.GradientClip(_buffer.Gradients, low with { Parameters = Tensor.None }, _gradientLimit, _clip);
        kernels.AdamStep(
            _buffer.Gradients, _schedule, _skip, _clip, _body, _options, low, _step, _buffer.Values, _firstMoment,
            _secondMoment, Average);
        _lossScaler?.Update(_skip);
    }

    /// <summary>Sets the average to the present values.</summary>
    public void RestartAverage()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Average.Exists)
            _backend.Device.Copy(_buffer.Values, Average);
    }

    /// <summary>Frees the moments, the table and the average.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (var tensor in new[] { _firstMoment, _secondMoment, _step, _skip, _schedule })
            _backend.Device.Free(tensor);
        foreach (var tensor in new[] { Average, _clip, _body })
        {
            if (tensor.Exists)
                _backend.Device.Free(tensor);
        }
    }

    // Skipped steps do not use up the schedule, so the host's count is an upper bound; the device is asked only if the
    // count says "full".
    internal void RequireRoom()
    {
        if (_stepsAsked > Schedule.TotalSteps)
            _stepsAsked = StepsTaken;
        if (_stepsAsked > Schedule.TotalSteps)
            throw new EngineException($"the schedule of {Schedule.TotalSteps} total steps has ended");
        _stepsAsked++;
    }

    // A row for every step, and with it for every update of the average: a skipped step advances neither.
    private static float[] Table(ILearningRateSchedule schedule, AdamSettings settings)
    {
        var table = new float[(schedule.TotalSteps + 1) * AdamOptions.ScheduleColumns];
        for (var i = 0; i <= schedule.TotalSteps; i++)
        {
            var (rate, beta1) = schedule.At(i);
            var decay = settings.Average.At(i);
            double[] row = [rate, 1 - beta1, 1 - Math.Pow(beta1, i + 1), 1 - Math.Pow(settings.Beta2, i + 1), decay, 1
                - decay];
            for (var column = 0; column < row.Length; column++)
                table[(i * AdamOptions.ScheduleColumns) + column] = (float)row[column];
        }
        return table;
    }

    private int MapLength => (int)(_buffer.Values.Count / AdamOptions.MapElements);

    // Entries of the buffer are multiples of the map's.
    private sbyte[] MapOf(IReadOnlySet<Parameter> body)
    {
        var map = new sbyte[MapLength];
        foreach (var (parameter, offset) in _buffer.Parameters.Zip(_buffer.Offsets))
        {
            if (!body.Contains(parameter))
                continue;
            var end = offset + parameter.Shape.Count;
            for (var at = offset; at < end; at += AdamOptions.MapElements)
                map[at / AdamOptions.MapElements] = 1;
        }
        return map;
    }

    private Tensor Cleared(Shape shape, ElementType type = ElementType.Float32)
    {
        var tensor = _backend.Device.Allocate(shape, type);
        _backend.Device.Clear(tensor);
        return tensor;
    }

    private int ReadInteger(Tensor tensor)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Span<int> value = stackalloc int[1];
        _backend.Device.CopyToHost(tensor, value);
        return value[0];
    }
}
