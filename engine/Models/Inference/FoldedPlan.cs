namespace Flixstock.Engine;

/// <summary>The values of a <see cref="FoldedNetwork"/> for one input shape, each at its place in one block of memory.</summary>
internal sealed class FoldedPlan : IDisposable
{
    private readonly Device _device;
    private readonly IReadOnlyList<FoldedStep> _steps;
    private readonly PlannedArena _arena;
    private readonly Tensor[] _values;
    private readonly ElementType _activationType;
    private CapturedWork? _captured;
    private bool _warm;

    public FoldedPlan(Backend backend, IReadOnlyList<FoldedStep> steps, Shape input, ElementType type, PlannedArena? memory = null)
    {
        (_device, _steps, _activationType) = (backend.Device, steps, backend.ActivationType);
        var recording = new RecordingArena();
        Place(recording, input, type);
        _arena = new PlannedArena(_device, recording.Lifetimes, memory);
        _values = Place(_arena, input, type);
    }

    public Tensor Input => _values[0];

    /// <summary>Computes all values; the last one is returned. The first time shows the device what to expect, the second is captured, all others are replayed.</summary>
    /// <param name="backend">The device and its kernels.</param>
    /// <param name="cancellation">Stops between steps; values are then incomplete until the next call.</param>
    public Tensor Run(Backend backend, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!backend.Graphs || !_warm)
        {
            ExecuteAll(backend, cancellation);
            _warm = true;
            return _values[^1];
        }
        _captured ??= _device.Capture(() => ExecuteAll(backend, CancellationToken.None));
        _captured.Replay();
        return _values[^1];
    }

    public void Dispose()
    {
        _captured?.Dispose();
        _arena.Dispose();
    }

    private void ExecuteAll(Backend backend, CancellationToken cancellation)
    {
        for (var i = 0; i < _steps.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            backend.Ranges?.Push(_steps[i].Name);
            Execute(backend.Kernels, _steps[i], _values[i + 1]);
            backend.Ranges?.Pop();
        }
    }

    private void Execute(IKernels kernels, FoldedStep step, Tensor output)
    {
        var input = _values[step.Input];
        var residual = step.Residual == FoldedStep.NoValue ? Tensor.None : _values[step.Residual];
        switch (step.Kind)
        {
            case FoldedKind.SpaceToDepth:
                kernels.SpaceToDepthForward(input, step.Block, output);
                break;
            case FoldedKind.Convolution:
                kernels.ConvolutionFolded(input, step.Weight, step.Bias, residual, step.Geometry, step.Slope, output);
                break;
            case FoldedKind.BlurPool:
                kernels.BlurPoolForward(input, output);
                break;
            case FoldedKind.AveragePool:
                kernels.AveragePoolForward(input, output);
                break;
            case FoldedKind.GlobalAveragePool:
                kernels.GlobalAveragePoolForward(input, output);
                break;
            case FoldedKind.Linear:
                kernels.LinearForward(input, step.Weight, step.Bias, step.Activation, output);
                break;
            case FoldedKind.Excite:
                kernels.ExciteForward(input, _values[step.Excitation], output);
                break;
            case FoldedKind.ExciteResidualRelu:
                kernels.ExciteResidualRelu(input, _values[step.Excitation], residual, output);
                break;
            default:
                throw new InvalidOperationException($"step '{step.Name}' is of the unknown kind {step.Kind}");
        }
    }

    // Each value lives from the step that writes it to the last one that reads it.
    private Tensor[] Place(TensorArena arena, Shape input, ElementType type)
    {
        var lastReader = LastReaders();
        var values = new Tensor[_steps.Count + 1];
        values[0] = arena.Take(input, type);
        for (var i = 0; i < _steps.Count; i++)
        {
            var shape = _steps[i].OutputShape(values[_steps[i].Input].Shape);
            values[i + 1] = arena.Take(shape, shape.Rank == 4 ? _activationType : ElementType.Float32);
            for (var value = 0; value <= i; value++)
            {
                if (lastReader[value] == i)
                    arena.Release(values[value]);
            }
        }
        return values;
    }

    private int[] LastReaders()
    {
        var result = new int[_steps.Count + 1];
        for (var i = 0; i < _steps.Count; i++)
        {
            foreach (var value in new[] { _steps[i].Input, _steps[i].Excitation, _steps[i].Residual })
            {
                if (value != FoldedStep.NoValue)
                    result[value] = i;
            }
        }
        result[^1] = int.MaxValue;
        return result;
    }
}
