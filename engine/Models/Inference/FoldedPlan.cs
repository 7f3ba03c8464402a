namespace Flixstock.Engine;

/// <summary>
/// The values of a <see cref="FoldedNetwork"/> for one input shape, each at its place in one block of memory.
/// </summary>
internal sealed class FoldedPlan : IDisposable
{
    private readonly Device _device;
    private readonly IReadOnlyList<FoldedStep> _steps;
    private readonly PlannedArena _arena;
    private readonly Tensor[] _values;
    private readonly ReadOnlyTensor[][] _inputs; // of each step
    private readonly ElementType _activationType;
    private readonly HashSet<int> _gates; // first steps of gates
    private readonly int _keptFrom;
    private CapturedWork? _captured;
    private bool _warm;

    /// <summary>Gives every value its place.</summary>
    /// <param name="backend">The device and its kernels.</param>
    /// <param name="steps">The steps of the network.</param>
    /// <param name="input">[N, H, W, 3]</param>
    /// <param name="type">Type of the input.</param>
    /// <param name="memory">Memory of another owner to lie in; null: none.</param>
    /// <param name="keptFrom">
    /// Values of this number and above stay until the next run; <see cref="FoldedStep.NoValue"/>: the last one alone.
    /// </param>
    public FoldedPlan(
        Backend backend, IReadOnlyList<FoldedStep> steps, Shape input, ElementType type, PlannedArena? memory = null,
        int keptFrom = FoldedStep.NoValue)
    {
        (_device, _steps, _activationType) = (backend.Device, steps, backend.ActivationType);
        _keptFrom = keptFrom == FoldedStep.NoValue ? steps.Count : keptFrom;
        _gates = [.. Enumerable.Range(0, steps.Count).Where(step => GateSteps.Begin(steps, step))];
        var recording = new RecordingArena();
        Place(recording, input, type);
        _arena = new PlannedArena(_device, recording.Lifetimes, memory);
        _values = Place(_arena, input, type);
        _inputs = [.. steps.Select(step => step.Inputs.Select(value => (ReadOnlyTensor)_values[value]).ToArray())];
    }

    public Tensor Input => _values[0];

    /// <summary>A value that stays until the next run.</summary>
    public Tensor Kept(int number) => number >= _keptFrom
        ? _values[number]
        : throw new ArgumentOutOfRangeException(nameof(number), number, "its memory may hold another value");

    /// <summary>Shape of a value.</summary>
    public Shape ShapeOf(int number) => _values[number].Shape;

    /// <summary>
    /// Computes all values; the last one is returned. The first time shows the device what to expect, the second is
    /// captured, all others are replayed.
    /// </summary>
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
            if (_gates.Contains(i))
            {
                GateSteps.Execute(backend.Kernels, _steps, i, _inputs[i][0], _values);
                i += GateSteps.Count - 1;
            }
            else
            {
                _steps[i].Execute(backend.Kernels, _inputs[i], _values[i + 1]);
            }
            backend.Ranges?.Pop();
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
            var shape = _steps[i].OutputShape([.. _steps[i].Inputs.Select(value => values[value].Shape)]);
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
            foreach (var value in _steps[i].Inputs)
                result[value] = i;
        }
        // All values of a gate live until it is done.
        foreach (var gate in _gates)
        {
            for (var value = gate + 1; value < gate + GateSteps.Count; value++)
                result[value] = gate + GateSteps.Count - 1;
        }
        result.AsSpan(_keptFrom).Fill(int.MaxValue);
        return result;
    }
}
