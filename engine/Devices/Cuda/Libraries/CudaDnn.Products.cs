namespace Flixstock.Engine;

// A convolution of single pixels is a matrix product, which cuBLAS computes too: the faster of both is taken.
internal sealed unsafe partial class CudaDnn
{
    private readonly Dictionary<DnnProblem, bool> _products = [];

    /// <summary>True if this library computes a product faster than cuBLAS; null: nobody knows yet.</summary>
    public bool? IsFasterThanProduct(in DnnProblem problem) =>
        _products.TryGetValue(problem, out var faster) ? faster : null;

    /// <summary>Times both libraries, or finds what an earlier process found; must not be inside a capture.</summary>
    /// <param name="problem">The convolution, whose result is written, not added to.</param>
    /// <param name="product">Queues it as a matrix product.</param>
    /// <param name="convolution">Queues it with this library; false if it has nothing for it.</param>
    public void ChooseProduct(DnnProblem problem, Action product, Func<bool> convolution)
    {
        var key = $"{problem}, against a matrix product";
        if (_surroundings.Choices.Find(key) is { } kept)
        {
            _products[problem] = kept.IsEngine;
            return;
        }
        // Its own search must not fall into the time.
        var faster = convolution() && Times(() => convolution() ? 0 : 1) < Times(() =>
        {
            product();
            return 0;
        });
        _products[problem] = faster;
        _surroundings.Choices.Keep(key, new DnnChoice(faster, Number: 0, MathType: 0, WorkspaceBytes: 0));
    }

    private float Times(Func<int> work) => _surroundings.Time(work) ?? float.MaxValue;
}
