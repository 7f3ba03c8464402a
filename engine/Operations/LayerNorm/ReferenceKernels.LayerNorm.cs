namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void LayerNormForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, Tensor statistics,
        Tensor output)
    {
        var width = input.Shape.Channels;
        var w = weight.Floats();
        var b = bias.Floats();
        for (var row = 0; row < input.Shape.Pixels; row++)
        {
            var x = input.Floats().Slice(row * width, width);
            double sum = 0, squares = 0;
            foreach (var value in x)
                sum += value;
            var mean = sum / width;
            foreach (var value in x)
                squares += (value - mean) * (value - mean);
            var inverse = 1 / Math.Sqrt((squares / width) + epsilon);
            var y = output.Floats().Slice(row * width, width);
            for (var c = 0; c < width; c++)
                y[c] = (float)(((x[c] - mean) * inverse * w[c]) + b[c]);
            if (statistics.Exists)
                (statistics.Floats()[2 * row], statistics.Floats()[(2 * row) + 1]) = ((float)mean, (float)inverse);
        }
    }

    public void LayerNormBackwardData(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor statistics, ReadOnlyTensor outputGradient,
        bool accumulate, Tensor inputGradient)
    {
        var width = input.Shape.Channels;
        var w = weight.Floats();
        var kept = statistics.Floats();
        for (var row = 0; row < input.Shape.Pixels; row++)
        {
            var x = input.Floats().Slice(row * width, width);
            var dy = outputGradient.Floats().Slice(row * width, width);
            var (mean, inverse) = ((double)kept[2 * row], (double)kept[(2 * row) + 1]);
            double sum = 0, products = 0;
            for (var c = 0; c < width; c++)
            {
                sum += (double)dy[c] * w[c];
                products += (double)dy[c] * w[c] * (x[c] - mean) * inverse;
            }
            var dx = inputGradient.Floats().Slice(row * width, width);
            for (var c = 0; c < width; c++)
            {
                var normalized = (x[c] - mean) * inverse;
                var value = inverse * (((double)dy[c] * w[c]) - (sum / width) - (normalized * products / width));
                Store(ref dx[c], value, accumulate);
            }
        }
    }

    public void LayerNormBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor statistics, ReadOnlyTensor outputGradient, Tensor weightGradient,
        Tensor biasGradient)
    {
        var width = input.Shape.Channels;
        var x = input.Floats();
        var dy = outputGradient.Floats();
        var kept = statistics.Floats();
        for (var c = 0; c < width; c++)
        {
            double ofWeight = 0, ofBias = 0;
            for (var row = 0; row < input.Shape.Pixels; row++)
            {
                var normalized = ((double)x[(row * width) + c] - kept[2 * row]) * kept[(2 * row) + 1];
                ofWeight += dy[(row * width) + c] * normalized;
                ofBias += dy[(row * width) + c];
            }
            (weightGradient.Floats()[c], biasGradient.Floats()[c]) = ((float)ofWeight, (float)ofBias);
        }
    }
}
