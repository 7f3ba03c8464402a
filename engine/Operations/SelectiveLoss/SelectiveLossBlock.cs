using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

/// <summary>Eight labels of the selective loss at once.</summary>
internal static unsafe class SelectiveLossBlock
{
    /// <summary>Labels per call.</summary>
    public const int Size = 8;

    private const float SmallestProbability = 1e-8f;
    private const int LargestMultipliedExponent = 8;

    /// <summary>Writes the gradient of eight labels and returns their loss.</summary>
    public static double Compute(
        float* logits, int* labels, float* weights, SelectiveLossOptions options, float* gradient)
    {
        var one = Vector256<float>.One;
        var smallest = Vector256.Create(SmallestProbability);
        var label = Vector256.Load(labels);
        var positive = Vector256.Equals(label, Vector256<int>.One).AsSingle();
        var negative = Vector256.Equals(label, Vector256<int>.Zero).AsSingle();
        var p = Sigmoid(Vector256.Load(logits));
        var complement = one - p;
        var shifted = complement + Vector256.Create(options.Clip);
        var q = Vector256.Min(shifted, one);
        var distance = one - q;
        var focus = Vector256.ConditionalSelect(
            positive, Power(complement, options.GammaPositive) * options.AlphaPositive,
            Vector256.ConditionalSelect(
                negative, Power(distance, options.GammaNegative) * options.AlphaNegative,
                Power(distance, options.GammaUnannotated) * options.AlphaUnannotated)) * Vector256.Load(weights);
        var likelihood = Vector256.ConditionalSelect(positive, p, q);
        var learns = Vector256.GreaterThanOrEqual(likelihood, smallest)
            & (positive | Vector256.LessThanOrEqual(shifted, one));
        var slope = Vector256.ConditionalSelect(positive, -complement, p * complement / q);
        Vector256.ConditionalSelect(learns, focus * slope, Vector256<float>.Zero).Store(gradient);
        return -Vector512.Sum(Widen(focus) * Vector512.Log(Widen(Vector256.Max(likelihood, smallest))));
    }

    // In double and then rounded: near 1 the last bit of p decides about the gradient.
    private static Vector256<float> Sigmoid(Vector256<float> x) =>
        Narrow(Vector512<double>.One / (Vector512<double>.One + Vector512.Exp(-Widen(x))));

    private static Vector256<float> Power(Vector256<float> value, float exponent)
    {
        if (exponent >= 0 && exponent <= LargestMultipliedExponent && exponent == (int)exponent)
        {
            var result = Vector256<float>.One;
            for (var i = 0; i < (int)exponent; i++)
                result *= value;
            return result;
        }
        var power = Narrow(Vector512.Exp(Vector512.Log(Widen(value)) * exponent));
        return Vector256.ConditionalSelect(
            Vector256.Equals(value, Vector256<float>.Zero), Vector256<float>.Zero, power);
    }

    private static Vector512<double> Widen(Vector256<float> value)
    {
        var (lower, upper) = Vector256.Widen(value);
        return Vector512.Create(lower, upper);
    }

    private static Vector256<float> Narrow(Vector512<double> value) =>
        Vector256.Narrow(value.GetLower(), value.GetUpper());
}
