using System.Globalization;

namespace Flixstock.Engine;

/// <summary>A disagreement between two tables of kernels about one destination of one call.</summary>
/// <param name="Operation">Name of the operation in <see cref="IKernels"/>.</param>
/// <param name="Call">Number of the call of this operation, from 1.</param>
/// <param name="Argument">The destination's name in the interface.</param>
/// <param name="Shape">Shape of the destination.</param>
/// <param name="Element">Flat index of the first element that differs.</param>
/// <param name="Actual">Value that the table under test wrote there.</param>
/// <param name="Expected">Value that the measure wrote there.</param>
/// <param name="Tolerance">Largest difference that was allowed there.</param>
/// <param name="Differing">Elements beyond their tolerance.</param>
/// <param name="Worst">The largest difference in units of its tolerance; infinite if one is not a number.</param>
internal sealed record KernelDifference(
    string Operation, int Call, string Argument, Shape Shape, long Element, double Actual, double Expected,
    double Tolerance, long Differing, double Worst)
{
    /// <summary>The element's place along each axis, slowest first.</summary>
    public IReadOnlyList<int> Position
    {
        get
        {
            var position = new int[Shape.Rank];
            var rest = Element;
            for (var axis = Shape.Rank - 1; axis >= 0; axis--)
            {
                position[axis] = (int)(rest % Shape[axis]);
                rest /= Shape[axis];
            }
            return position;
        }
    }

    /// <summary>All of it in one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Operation}, call {Call}: '{Argument}' {Shape} differs first at [{string.Join(", ", Position)}]: "
            + $"{Actual:g9}, expected {Expected:g9} within {Tolerance:g3}; {Differing} of {Shape.Count} elements "
            + $"differ, the worst {Worst:g3} times its tolerance");
}

/// <summary>Result of <see cref="CheckedKernels"/> for one operation.</summary>
/// <param name="Name">Name of the operation in <see cref="IKernels"/>.</param>
/// <param name="Calls">Number of calls compared.</param>
/// <param name="Worst">
/// The largest difference of any destination in units of its tolerance: above 1 is a difference.
/// </param>
/// <param name="Difference">The first one beyond tolerance; null if there is none.</param>
internal sealed record OperationCheck(string Name, int Calls, double Worst, KernelDifference? Difference);
