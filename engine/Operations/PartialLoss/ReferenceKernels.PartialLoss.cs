namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    private const double EntropyEpsilon = 1e-5, RobustEpsilon = 1e-7;

    public void PartialLoss(
        ReadOnlyTensor logits, ReadOnlyTensor labels, ReadOnlyTensor position, PartialLossOptions options, Tensor loss,
        Tensor gradient)
    {
        var x = logits.Floats();
        if (options.LabelType == ElementType.Float32)
        {
            loss.Floats()[0] = (float)SoftEntropy(x, labels.Floats(), options, gradient.Floats());
            return;
        }
        var t = labels.Elements<sbyte>();
        var dx = gradient.Floats();
        var epoch = options.ReadsPosition ? position.Elements<int>()[0] : 1;
        var changed = ChangedLabels(x, t, options, epoch);
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            var (term, slope) = t[i] switch
            {
                1 => PositiveTerm(x[i], options),
                0 => NegativeTerm(x[i], options),
                _ => UnknownTerm(x[i], changed.Contains(i), options, epoch, logits.Shape.Channels),
            };
            sum += term;
            dx[i] = (float)slope;
        }
        loss.Floats()[0] = (float)sum;
    }

    // EM, where a target between 0 and 1 is a pseudo-label.
    private static double SoftEntropy(
        ReadOnlySpan<float> x, ReadOnlySpan<float> targets, PartialLossOptions options, Span<float> gradient)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            double t = targets[i];
            var (there, absent) = (PositiveTerm(x[i], options), NegativeTerm(x[i], options));
            var (term, slope) = t switch
            {
                1 => there,
                0 => absent,
                < 0 => UnknownTerm(x[i], changed: false, options, epoch: 1, classes: 1),
                _ => (
                    options.Beta * ((t * there.Term) + ((1 - t) * absent.Term)),
                    options.Beta * ((t * there.Slope) + ((1 - t) * absent.Slope))),
            };
            sum += term;
            gradient[i] = (float)slope;
        }
        return sum;
    }

    // The unknown labels that count as something else.
    private static HashSet<int> ChangedLabels(
        ReadOnlySpan<float> x, ReadOnlySpan<sbyte> labels, PartialLossOptions options, int epoch)
    {
        var unknown = new List<(float Logit, int Index)>();
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] < 0)
                unknown.Add((x[i], i));
        }
        if (options.Kind == PartialLossKind.Splc && epoch >= options.FirstEpoch)
            return [.. unknown.Where(entry => entry.Logit > options.Cut).Select(entry => entry.Index)];
        if (!options.RanksLosses)
            return [];
        // A negative's loss grows with its logit.
        var count = (int)Math.Min(options.LargeLosses(x.Length, epoch), unknown.Count);
        return
        [
            .. unknown.OrderByDescending(entry => entry.Logit).ThenBy(entry => entry.Index).Take(count)
                .Select(entry => entry.Index),
        ];
    }

    private static (double Term, double Slope) PositiveTerm(double x, PartialLossOptions options) =>
        options.Kind switch
        {
            PartialLossKind.Hill or PartialLossKind.Splc => FocalTerm(x - options.Margin, options.Gamma),
            PartialLossKind.Em or PartialLossKind.EmApl => PositiveTerm(x, EntropyEpsilon),
            PartialLossKind.Gr => PositiveTerm(x, RobustEpsilon),
            _ => FocalTerm(x, gamma: 0),
        };

    private static (double Term, double Slope) NegativeTerm(double x, PartialLossOptions options) =>
        Mirrored(options.Kind switch
        {
            PartialLossKind.Splc => FocalTerm(-x, options.Gamma),
            PartialLossKind.Em or PartialLossKind.EmApl => PositiveTerm(-x, EntropyEpsilon),
            PartialLossKind.Gr => PositiveTerm(-x, RobustEpsilon),
            _ => FocalTerm(-x, gamma: 0),
        });

    private static (double Term, double Slope) UnknownTerm(
        double x, bool changed, PartialLossOptions options, int epoch, int classes)
    {
        var (p, q) = (LogisticOf(x), LogisticOf(-x));
        switch (options.Kind)
        {
            case PartialLossKind.Hill:
                return ((options.Lambda - p) * p * p, ((2 * options.Lambda * p) - (3 * p * p)) * p * q);
            case PartialLossKind.Splc:
                return changed ? FocalTerm(x, options.Gamma) : NegativeTerm(x, options);
            case PartialLossKind.Em or PartialLossKind.EmApl:
                var (logP, logQ) = (Math.Log(p + EntropyEpsilon), Math.Log(q + EntropyEpsilon));
                var slope = logP + (p / (p + EntropyEpsilon)) - logQ - (q / (q + EntropyEpsilon));
                return (options.Alpha * ((p * logP) + (q * logQ)), options.Alpha * slope * p * q);
            case PartialLossKind.Gr:
                return RobustTerm(x, options, epoch);
            case PartialLossKind.Wan:
                var (term, derivative) = NegativeTerm(x, options);
                var weight = PartialLossOptions.WeakWeight(classes);
                return (weight * term, weight * derivative);
            default:
                if (!changed)
                    return NegativeTerm(x, options);
                return options.CorrectsLosses ? PositiveTerm(x, options) : (0 * x, 0 * x);
        }
    }

    private static (double Term, double Slope) RobustTerm(double x, PartialLossOptions options, int epoch)
    {
        var (before, now) = ((epoch - 1.0) / options.Epochs, (double)epoch / options.Epochs);
        var (p, q) = (LogisticOf(x), LogisticOf(-x));
        var k = LogisticOf((options.Slope.At(before) * p) + options.Offset.At(before));
        var distance = (p - options.Mean.At(now)) / options.Deviation.At(now);
        var v = Math.Exp(-distance * distance / 2);
        var (there, absent) = (Math.Pow(p, options.Q2), Math.Pow(q, options.Q3));
        return (
            v * ((k * (1 - there) / options.Q2) + ((1 - k) * (1 - absent) / options.Q3)),
            v * (((1 - k) * absent * p) - (k * there * q)));
    }

    // -q^gamma log p
    private static (double Term, double Slope) FocalTerm(double x, double gamma)
    {
        var (p, q) = (LogisticOf(x), LogisticOf(-x));
        var (focus, loss) = (Math.Pow(q, gamma), NegativeLogisticLog(x));
        return (focus * loss, -focus * ((gamma * p * loss) + q));
    }

    // -log(p + epsilon)
    private static (double Term, double Slope) PositiveTerm(double x, double epsilon)
    {
        var (p, q) = (LogisticOf(x), LogisticOf(-x));
        return (-Math.Log(p + epsilon), -p * q / (p + epsilon));
    }

    // A negative is a positive of the other class.
    private static (double Term, double Slope) Mirrored((double Term, double Slope) positive) =>
        (positive.Term, -positive.Slope);

    private static double LogisticOf(double x) => 1 / (1 + Math.Exp(-x));

    // -log of it
    private static double NegativeLogisticLog(double x) => Math.Max(-x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
