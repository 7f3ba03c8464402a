namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void LinearForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, ActivationKind activation, Tensor output)
    {
        var (inputs, outputs) = (input.Shape.Channels, output.Shape.Channels);
        for (var n = 0; n < output.Shape.Batch; n++)
        {
            for (var o = 0; o < outputs; o++)
            {
                var z = Dot(input.Floats().Slice(n * inputs, inputs), weight.Floats().Slice(o * inputs, inputs));
                if (bias.Exists)
                    z += bias.Floats()[o];
                output.Floats()[n * outputs + o] = (float)Activate(z, activation);
            }
        }
    }

    public void LinearBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, bool accumulate, Tensor inputGradient)
    {
        var (inputs, outputs) = (inputGradient.Shape.Channels, outputGradient.Shape.Channels);
        var sums = new double[inputs];
        for (var n = 0; n < inputGradient.Shape.Batch; n++)
        {
            Array.Clear(sums);
            for (var o = 0; o < outputs; o++)
                AddScaled(outputGradient.Floats()[n * outputs + o], weight.Floats().Slice(o * inputs, inputs), sums);
            StoreRow(sums, accumulate, inputGradient.Floats().Slice(n * inputs, inputs));
        }
    }

    public void LinearBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        var (inputs, outputs) = (input.Shape.Channels, outputGradient.Shape.Channels);
        var sums = new double[inputs];
        for (var o = 0; o < outputs; o++)
        {
            Array.Clear(sums);
            double biasSum = 0;
            for (var n = 0; n < input.Shape.Batch; n++)
            {
                var gradient = outputGradient.Floats()[n * outputs + o];
                AddScaled(gradient, input.Floats().Slice(n * inputs, inputs), sums);
                biasSum += gradient;
            }
            StoreRow(sums, accumulate: false, weightGradient.Floats().Slice(o * inputs, inputs));
            if (biasGradient.Exists)
                biasGradient.Floats()[o] = (float)biasSum;
        }
    }
}
