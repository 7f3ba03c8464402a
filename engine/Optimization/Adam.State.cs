namespace Flixstock.Engine;

public sealed partial class Adam
{
    private const string FirstMomentPrefix = "exp_avg.", SecondMomentPrefix = "exp_avg_sq.", AveragePrefix = "average.",
        StepName = "step", LossScaleName = "loss_scale", GoodStepsName = "loss_scale_good_steps";

    /// <summary>
    /// The moments (<c>exp_avg.NAME</c>, <c>exp_avg_sq.NAME</c>), the average (<c>average.NAME</c>) and the step
    /// counter, in the device's layout without padding: what a run needs, in addition to the parameters, to continue to
    /// the same bits.
    /// </summary>
    public StateDict SaveState() => PresentState().Copied();

    /// <summary>
    /// Same as <see cref="SaveState"/> without a copy: the values are those that the device has when they are read.
    /// </summary>
    internal StateDict PresentState()
    {
        var state = new StateDict();
        state.Add(StateTensors.From(StepName, StepsTaken));
        foreach (var (prefix, tensor) in Saved())
        {
            foreach (var (parameter, offset) in Inside(tensor))
            {
                state.Add(PublishedLayout.ToUnpadded(
                    _backend.Device, prefix + parameter.Name, parameter, tensor.Slice(offset, parameter.Shape)));
            }
        }
        if (_lossScaler is { } scaler)
        {
            state.Add(StateTensors.From(LossScaleName, [1], [scaler.Value]));
            state.Add(StateTensors.From(GoodStepsName, scaler.GoodStepsTaken));
        }
        return state;
    }

    /// <summary>Takes over what <see cref="SaveState"/> returned.</summary>
    /// <exception cref="InputException">An entry is missing or of another size; nothing was changed.</exception>
    public void LoadState(StateDict state)
    {
        var step = checked((int)state[StepName].ToIntegers()[0]);
        if (step < 0 || step > Schedule.TotalSteps + 1)
        {
            throw new InputException($"the saved optimizer has taken {step} steps, the schedule has "
                + $"{Schedule.TotalSteps} total steps; resume with the options of the first run");
        }
        var flats = Saved().Select(item => Flat(state, item.Prefix, item.Tensor)).ToList();
        foreach (var ((_, tensor), flat) in Saved().Zip(flats))
            _backend.Device.CopyFromHost<float>(flat, tensor);
        _backend.Device.CopyFromHost<int>([step], _step);
        _stepsAsked = step;
        if (_lossScaler is { } scaler)
            scaler.Restore(state[LossScaleName].ToFloats()[0], checked((int)state[GoodStepsName].ToIntegers()[0]));
    }

    private IEnumerable<(string Prefix, Tensor Tensor)> Saved()
    {
        yield return (FirstMomentPrefix, _firstMoment);
        yield return (SecondMomentPrefix, _secondMoment);
        if (Average.Exists)
            yield return (AveragePrefix, Average);
    }

    private float[] Flat(StateDict state, string prefix, Tensor tensor)
    {
        var flat = new float[tensor.Count];
        foreach (var (parameter, offset) in Inside(tensor))
        {
            var saved = state[prefix + parameter.Name];
            if (saved.Count != parameter.PublishedShape.Count)
            {
                throw new InputException($"the saved optimizer's '{saved.Name}' has shape {saved.ShapeText}, expected "
                    + $"{parameter.PublishedShape}");
            }
            PublishedLayout.Pad(parameter, saved.ToFloats(), flat.AsSpan((int)offset));
        }
        return flat;
    }

    // Moments exist for trained parameters only.
    private IEnumerable<(Parameter Parameter, long Offset)> Inside(Tensor tensor) =>
        _buffer.Parameters.Zip(_buffer.Offsets).Where(item =>
            item.First.Kind != ParameterKind.RunningStatistic || tensor.Address == Average.Address);
}
