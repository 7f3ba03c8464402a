using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

/// <summary>Eight labels of a loss for unknown labels at once, in double precision.</summary>
internal readonly unsafe struct PartialLossBlock
{
    /// <summary>Labels per call.</summary>
    public const int Size = 8;

    /// <summary>The label of an unknown label.</summary>
    public const long Unknown = -1;

    /// <summary>The label of an unknown label whose loss is one of the largest.</summary>
    public const long Large = -2;

    /// <summary>The label of an unknown label that has a soft target.</summary>
    public const long Soft = -4;

    /// <summary>The label where there is none, past the end.</summary>
    public const long Nothing = -3;

    private const double EntropyEpsilon = 1e-5, RobustEpsilon = 1e-7;
    private readonly PartialLossKind _kind;
    private readonly double _lambda, _margin, _gamma, _cut, _alpha, _beta, _q2, _q3, _w, _b, _mu, _sigma, _weakWeight;

    /// <summary>The loss in an epoch.</summary>
    /// <param name="options">The loss and its constants.</param>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="classes">Classes of a picture.</param>
    public PartialLossBlock(PartialLossOptions options, int epoch, int classes)
    {
        _kind = options.Kind;
        (_lambda, _margin, _gamma, _alpha) = (options.Lambda, options.Margin, options.Gamma, options.Alpha);
        _cut = epoch >= options.FirstEpoch ? options.Cut : double.PositiveInfinity;
        (_beta, _q2, _q3) = (options.Beta, options.Q2, options.Q3);
        var (before, now) = ((epoch - 1.0) / options.Epochs, (double)epoch / options.Epochs);
        (_w, _b) = (options.Slope.At(before), options.Offset.At(before));
        (_mu, _sigma) = (options.Mean.At(now), options.Deviation.At(now));
        _weakWeight = PartialLossOptions.WeakWeight(classes);
    }

    /// <summary>Writes the gradient of eight labels and returns their loss.</summary>
    /// <param name="logits">[8]</param>
    /// <param name="labels">[8]</param>
    /// <param name="soft">[8] targets of those labels that are <see cref="Soft"/>; null if none can be.</param>
    /// <param name="gradient">[8]</param>
    public double Compute(float* logits, long* labels, float* soft, float* gradient)
    {
        var x = Widen(Vector256.Load(logits));
        var label = Vector512.Load(labels);
        var positive = Vector512.Equals(label, Vector512<long>.One).AsDouble();
        var negative = Vector512.Equals(label, Vector512<long>.Zero).AsDouble();
        var large = Vector512.Equals(label, Vector512.Create(Large)).AsDouble();
        var term = Select(positive, Positive(x), Select(negative, Negative(x), UnknownTerm(x, large)));
        if (soft != null)
        {
            var isSoft = Vector512.Equals(label, Vector512.Create(Soft)).AsDouble();
            term = Select(isSoft, SoftTerm(x, Widen(Vector256.Load(soft))), term);
        }
        var absent = Vector512.Equals(label, Vector512.Create(Nothing)).AsDouble();
        Narrow(Vector512.AndNot(term.Slope, absent)).Store(gradient);
        return Vector512.Sum(Vector512.AndNot(term.Loss, absent));
    }

    private Terms Positive(Vector512<double> x) => _kind switch
    {
        PartialLossKind.Hill or PartialLossKind.Splc => Focal(x - Vector512.Create(_margin), _gamma),
        PartialLossKind.Em or PartialLossKind.EmApl => Shifted(x, EntropyEpsilon),
        PartialLossKind.Gr => Shifted(x, RobustEpsilon),
        _ => Focal(x, 0),
    };

    private Terms Negative(Vector512<double> x) => (_kind switch
    {
        PartialLossKind.Splc => Focal(-x, _gamma),
        PartialLossKind.Em or PartialLossKind.EmApl => Shifted(-x, EntropyEpsilon),
        PartialLossKind.Gr => Shifted(-x, RobustEpsilon),
        _ => Focal(-x, 0),
    }).Mirrored;

    private Terms UnknownTerm(Vector512<double> x, Vector512<double> large) => _kind switch
    {
        PartialLossKind.Hill => HillTerm(x),
        PartialLossKind.Splc =>
            Select(Vector512.GreaterThan(x, Vector512.Create(_cut)), Focal(x, _gamma), Negative(x)),
        PartialLossKind.Em or PartialLossKind.EmApl => EntropyTerm(x),
        PartialLossKind.Gr => RobustTerm(x),
        PartialLossKind.Wan => Negative(x) * _weakWeight,
        PartialLossKind.LargeLossCt or PartialLossKind.LargeLossCp => Select(large, Positive(x), Negative(x)),
        _ => Select(large, Negative(x) * 0, Negative(x)), // what is not a number stays one
    };

    private Terms HillTerm(Vector512<double> x)
    {
        var (p, q) = (Sigmoid(x), Sigmoid(-x));
        var lambda = Vector512.Create(_lambda);
        return new Terms((lambda - p) * p * p, p * p * q * (lambda * 2 - p * 3));
    }

    private Terms EntropyTerm(Vector512<double> x)
    {
        var (p, q) = (Sigmoid(x), Sigmoid(-x));
        var epsilon = Vector512.Create(EntropyEpsilon);
        var (logP, logQ) = (Vector512.Log(p + epsilon), Vector512.Log(q + epsilon));
        var slope = logP + p / (p + epsilon) - logQ - q / (q + epsilon);
        return new Terms(p * logP + q * logQ, p * q * slope) * _alpha;
    }

    // beta (-s log(p + epsilon) - (1 - s) log(q + epsilon))
    private Terms SoftTerm(Vector512<double> x, Vector512<double> s)
    {
        var (there, absent) = (Shifted(x, EntropyEpsilon), Shifted(-x, EntropyEpsilon).Mirrored);
        var rest = Vector512<double>.One - s;
        return new Terms(
            (s * there.Loss) + (rest * absent.Loss), (s * there.Slope) + (rest * absent.Slope)) * _beta;
    }

    private Terms RobustTerm(Vector512<double> x)
    {
        var (p, q, one) = (Sigmoid(x), Sigmoid(-x), Vector512<double>.One);
        var k = Sigmoid(p * _w + Vector512.Create(_b));
        var distance = (p - Vector512.Create(_mu)) / _sigma;
        var v = Vector512.Exp(distance * distance * -0.5);
        var (there, absent) = (Vector512.Exp(Softplus(-x) * -_q2), Vector512.Exp(Softplus(x) * -_q3));
        return new Terms(
            v * (k * (one - there) / _q2 + (one - k) * (one - absent) / _q3),
            v * ((one - k) * absent * p - k * there * q));
    }

    // -q^gamma log p
    private static Terms Focal(Vector512<double> x, double gamma)
    {
        var (q, loss) = (Sigmoid(-x), Softplus(-x));
        if (gamma == 0)
            return new Terms(loss, -q);
        var focus = Vector512.Exp(Softplus(x) * -gamma);
        return new Terms(focus * loss, -focus * (Sigmoid(x) * loss * gamma + q));
    }

    // -log(p + epsilon)
    private static Terms Shifted(Vector512<double> x, double epsilon)
    {
        var p = Sigmoid(x);
        var shifted = p + Vector512.Create(epsilon);
        return new Terms(-Vector512.Log(shifted), -p * Sigmoid(-x) / shifted);
    }

    private static Vector512<double> Sigmoid(Vector512<double> x) =>
        Vector512<double>.One / (Vector512<double>.One + Vector512.Exp(-x));

    // log(1 + e^x): -log p is that of -x, -log q that of x
    private static Vector512<double> Softplus(Vector512<double> x) =>
        Vector512.Max(x, Vector512<double>.Zero)
            + Vector512.Log(Vector512<double>.One + Vector512.Exp(-Vector512.Abs(x)));

    private static Terms Select(Vector512<double> condition, Terms left, Terms right) => new(
        Vector512.ConditionalSelect(condition, left.Loss, right.Loss),
        Vector512.ConditionalSelect(condition, left.Slope, right.Slope));

    private static Vector512<double> Widen(Vector256<float> value)
    {
        var (lower, upper) = Vector256.Widen(value);
        return Vector512.Create(lower, upper);
    }

    private static Vector256<float> Narrow(Vector512<double> value) =>
        Vector256.Narrow(value.GetLower(), value.GetUpper());

    // Terms and their derivatives by the logit.
    private readonly record struct Terms(Vector512<double> Loss, Vector512<double> Slope)
    {
        // A negative is a positive of the other class.
        public Terms Mirrored => new(Loss, -Slope);

        public static Terms operator *(Terms terms, double factor) => new(terms.Loss * factor, terms.Slope * factor);
    }
}
