namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void GroupedLinearForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, Tensor output)
    {
        var (groups, width, perGroup) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        for (var n = 0; n < output.Shape.Batch; n++)
        {
            for (var j = 0; j < output.Shape.Channels; j++)
            {
                var (g, f) = (j / perGroup, j % perGroup);
                double sum = bias.Exists ? bias.Floats()[j] : 0;
                for (var d = 0; d < width; d++)
                {
                    sum += (double)input.Floats()[(n * groups + g) * width + d]
                        * weight.Floats()[(g * width + d) * perGroup + f];
                }
                output.Floats()[n * output.Shape.Channels + j] = (float)sum;
            }
        }
    }

    public void GroupedLinearBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, bool accumulate, Tensor inputGradient)
    {
        var (groups, width, perGroup) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        var outputs = outputGradient.Shape.Channels;
        for (var i = 0; i < inputGradient.Count; i++)
        {
            var (n, g, d) = (i / width / groups, i / width % groups, i % width);
            var sum = 0.0;
            for (var f = 0; f < perGroup && g * perGroup + f < outputs; f++)
            {
                sum += (double)outputGradient.Floats()[n * outputs + g * perGroup + f]
                    * weight.Floats()[(g * width + d) * perGroup + f];
            }
            Store(ref inputGradient.Floats()[i], sum, accumulate);
        }
    }

    public void GroupedLinearBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        var shape = weightGradient.Shape;
        var (groups, width, perGroup) = (shape[0], shape[1], shape[2]);
        var (rows, outputs) = (outputGradient.Shape.Batch, outputGradient.Shape.Channels);
        for (var i = 0; i < weightGradient.Count; i++)
        {
            var (g, d, f) = (i / perGroup / width, i / perGroup % width, i % perGroup);
            var sum = 0.0;
            for (var n = 0; n < rows && g * perGroup + f < outputs; n++)
            {
                sum += (double)input.Floats()[(n * groups + g) * width + d]
                    * outputGradient.Floats()[n * outputs + g * perGroup + f];
            }
            weightGradient.Floats()[i] = (float)sum;
        }
        for (var j = 0; biasGradient.Exists && j < outputs; j++)
        {
            var sum = 0.0;
            for (var n = 0; n < rows; n++)
                sum += outputGradient.Floats()[n * outputs + j];
            biasGradient.Floats()[j] = (float)sum;
        }
    }
}
