namespace Flixstock.Engine;

/// <summary>A layer with random input, parameters and loss, for <see cref="GradientCheck"/>.</summary>
internal sealed class LayerUnderCheck : IDisposable
{
    private readonly Backend _backend;
    private readonly Layer _layer;
    private readonly Parameter[] _parameters;
    private readonly ParameterBuffer? _ownBuffer;
    private readonly DynamicArena _arena;
    private readonly Pass _pass;
    private readonly Shape _inputShape;
    private readonly float[][] _statistics;
    private readonly float[] _lossWeights;
    private readonly GradientCheckOptions _options;
    private readonly ulong _basePattern;
    private ulong _pattern;

    public LayerUnderCheck(Backend backend, Layer layer, Shape inputShape, GradientCheckOptions options)
    {
        (_backend, _layer, _inputShape, _options) = (backend, layer, inputShape, options);
        _parameters = [.. layer.AllParameters];
        if (_parameters.Length > 0 && !_parameters[0].Value.Exists)
        {
            _ownBuffer = new ParameterBuffer(backend.Device, _parameters);
            foreach (var parameter in _parameters)
                backend.Device.CopyFromHost<float>(Draw(parameter, options.Seed), parameter.Value);
        }
        _arena = new DynamicArena(backend.Device);
        _pass = backend.NewPass(_arena, options.Training) with { Observer = Look };
        _statistics = [.. _parameters.Where(IsStatistic)
            .Select(parameter => backend.Device.ToHost<float>(parameter.Value))];
        Parameter[] trained = [.. _parameters.Where(parameter => !IsStatistic(parameter))];
        Names = ["input", .. trained.Select(parameter => parameter.Name)];
        Values = [Gaussian(inputShape.Count, 1, options.Seed, "input"), .. trained.Select(
            parameter => backend.Device.ToHost<float>(parameter.Value))];
        Trained = trained;
        _lossWeights = Gaussian(layer.OutputShape(inputShape).Count, 1, options.Seed, "loss");
        Forward();
        _basePattern = _pattern;
    }

    /// <summary>"input", then the trained parameters.</summary>
    public string[] Names { get; }

    /// <summary>Values at the point of the check, in the order of <see cref="Names"/>.</summary>
    public float[][] Values { get; }

    private Parameter[] Trained { get; }

    /// <summary>Gradients from the backward pass, in the order of <see cref="Names"/>.</summary>
    public List<float[]> Gradients()
    {
        var input = Backward(prefill: null);
        return [input, .. Trained.Select(parameter => _backend.Device.ToHost<float>(parameter.Gradient))];
    }

    /// <summary>The input's gradient added to known values must be those values plus the gradient.</summary>
    public TensorReport CheckAccumulation(float[] gradient)
    {
        var known = Gaussian(gradient.Length, 1, _options.Seed, "known");
        var sums = Backward(known);
        GradientEntry? worst = null;
        var largest = gradient.Max(value => Math.Abs((double)value));
        for (var i = 0; i < sums.Length; i++)
        {
            var tolerance = _options.RoundoffFactor * GradientCheck.RoundingUnit * (Math.Abs(known[i]) + largest);
            var entry = new GradientEntry("input (added)", i, sums[i], (double)known[i] + gradient[i], tolerance);
            if (worst is null || entry.Excess > worst.Value.Excess)
                worst = entry;
        }
        return new TensorReport("input (added)", sums.Length, 0, worst);
    }

    /// <summary>The loss's central difference by one entry, null if a kink lies between.</summary>
    public GradientCheck.Difference? Difference(int tensor, int index, double step)
    {
        var values = Values[tensor];
        var center = values[index];
        var (above, below) = ((float)(center + step), (float)(center - step));
        var (plus, plusPattern) = At(tensor, index, above);
        var (minus, minusPattern) = At(tensor, index, below);
        At(tensor, index, center, forward: false);
        if (plusPattern != _basePattern || minusPattern != _basePattern)
            return null;
        double sum = 0, squares = 0;
        var moved = 0;
        for (var i = 0; i < plus.Length; i++)
        {
            if (plus[i] == minus[i])
                continue;
            moved++;
            sum += _lossWeights[i] * ((double)plus[i] - minus[i]);
            squares += Math.Pow((double)_lossWeights[i] * plus[i], 2);
        }
        var distance = (double)above - below;
        return new GradientCheck.Difference(
            sum / distance, GradientCheck.RoundingUnit * Math.Sqrt(squares) / (distance / 2), moved);
    }

    public void Dispose()
    {
        _arena.Dispose();
        if (_ownBuffer is null)
            return;
        _ownBuffer.Dispose();
        foreach (var parameter in _parameters)
            parameter.Value = parameter.Gradient = Tensor.None;
    }

    private (float[] Output, ulong Pattern) At(int tensor, int index, float value, bool forward = true)
    {
        Values[tensor][index] = value;
        if (tensor > 0)
            _backend.Device.CopyFromHost<float>(Values[tensor], Trained[tensor - 1].Value);
        if (!forward)
            return ([], 0);
        var output = _backend.Device.ToHost<float>(Forward());
        return (output, _pattern);
    }

    // In-place layers overwrite the input, so each pass gets a fresh copy.
    private Tensor Forward()
    {
        _arena.Reset();
        RestoreStatistics();
        _pattern = 14695981039346656037UL;
        var input = _arena.Take(_inputShape);
        _backend.Device.CopyFromHost<float>(Values[0], input);
        return _layer.Forward(_pass, input);
    }

    private float[] Backward(float[]? prefill)
    {
        var output = Forward();
        var gradient = _arena.Take(output.Shape);
        _backend.Device.CopyFromHost<float>(_lossWeights, gradient);
        var inputGradient = _layer.InPlace ? gradient : _arena.Take(_inputShape);
        if (!_layer.InPlace)
        {
            _backend.Device.CopyFromHost<float>(
                prefill ?? Gaussian(_inputShape.Count, 1, _options.Seed, "garbage"), inputGradient);
        }
        _layer.Backward(_pass, gradient, inputGradient, accumulate: prefill is not null);
        return _backend.Device.ToHost<float>(inputGradient);
    }

    // Which of the outputs with a kink at zero are positive.
    private void Look(Layer layer, Tensor output)
    {
        if (!layer.HasKinkAtZero)
            return;
        foreach (var value in _backend.Device.ToHost<float>(output))
            _pattern = (_pattern ^ (value > 0 ? 1UL : 2UL)) * 1099511628211UL;
    }

    private void RestoreStatistics()
    {
        var next = 0;
        foreach (var parameter in _parameters)
        {
            if (IsStatistic(parameter))
                _backend.Device.CopyFromHost<float>(_statistics[next++], parameter.Value);
        }
    }

    private static bool IsStatistic(Parameter parameter) => parameter.Kind == ParameterKind.RunningStatistic;

    // Weights keep the size of activations; normalisation weights stay away from 0, where |weight| has a kink, and have
    // both signs.
    private static float[] Draw(Parameter parameter, ulong seed)
    {
        var count = parameter.Shape.Count;
        var fanIn = (double)count / parameter.Shape[0];
        var values = Gaussian(
            count, parameter.Kind == ParameterKind.Weight ? 1 / Math.Sqrt(fanIn) : 0.3, seed, parameter.Name);
        if (parameter.Kind == ParameterKind.Vector && parameter.Name.EndsWith(".weight", StringComparison.Ordinal))
            return Array.ConvertAll(values, value => value + (value < 0 ? -0.7f : 0.7f));
        if (parameter.Name.EndsWith("running_var", StringComparison.Ordinal))
            return Array.ConvertAll(values, value => 0.5f + Math.Abs(value));
        return values;
    }

    private static float[] Gaussian(long count, double deviation, ulong seed, string name)
    {
        var random = new SeededRandom(seed).Derive(name);
        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(deviation * random.NextGaussian());
        return values;
    }
}
