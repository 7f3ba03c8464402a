using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>One way of calling a kernel: makes its tensors for a shape and returns the call.</summary>
/// <param name="Name">Shown in the test's name; begins with the operation's.</param>
/// <param name="Prepare">From tensors to the call.</param>
/// <param name="Tolerance">Largest error relative to the largest value of a tensor.</param>
/// <param name="Least">Height and width it needs at least.</param>
/// <param name="OnProcessor">False: compared on a GPU only.</param>
/// <param name="Sums">
/// True if it adds up over pixels: compared in shapes that several blocks share too.
/// </param>
internal sealed record KernelCall(
    string Name,
    Func<KernelWorkbench, Shape, Action<IKernels>> Prepare,
    double Tolerance = 2e-6,
    int Least = 1,
    bool OnProcessor = true,
    bool Sums = false);
