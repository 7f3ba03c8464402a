namespace Flixstock.Engine;

/// <summary>A label's term of binary cross-entropy with a soft target, on the host in double.</summary>
internal static class SoftTargetTerm
{
    /// <summary>log(1 + e^x) - t x, without the digits that e^x would lose or overflow.</summary>
    /// <param name="x">The score.</param>
    /// <param name="t">The target, 0 to 1.</param>
    public static double Loss(double x, double t) =>
        Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x))) - (t * x);

    /// <summary>Its derivative by the score.</summary>
    /// <param name="x">The score.</param>
    /// <param name="t">The target, 0 to 1.</param>
    public static double Slope(double x, double t) => (1 / (1 + Math.Exp(-x))) - t;
}
