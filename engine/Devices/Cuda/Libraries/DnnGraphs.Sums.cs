namespace Flixstock.Engine;

// A convolution with the sums of its output as one graph (cuDNN's GenStats): the output is stored, and added up on its
// way.
internal sealed unsafe partial class DnnGraphs
{
    private const int S = 's', Q = 'q'; // ids of both sums

    /// <summary>Queues a convolution with the sums of its output over the pixels.</summary>
    /// <param name="engine">An engine of a problem with sums.</param>
    /// <param name="x">[N, H, W, C]</param>
    /// <param name="w">[K, R, S, C]</param>
    /// <param name="y">[N, P, Q, K]</param>
    /// <param name="sums">[K], Float32</param>
    /// <param name="squares">[K], Float32, of the squares.</param>
    /// <param name="workspace">What the engine needs, or 0.</param>
    /// <returns>The library's status.</returns>
    public int ExecuteSums(DnnEngine engine, nint x, nint w, nint y, nint sums, nint squares, nint workspace)
    {
        var ids = stackalloc long[] { X, W, Y, S, Q };
        var pointers = stackalloc nint[] { x, w, y, sums, squares };
        return Execute(engine, ids, pointers, 5, workspace);
    }

    // 0 if a call was refused.
    private nint SummedGraph(in DnnProblem problem)
    {
        var y = Tensor(Y, problem.Output, problem.Type);
        return y != 0 && ForwardInto(problem, y) is var convolution and not 0
            && SumsOf(y, problem.Output.Channels) is var sums and not 0
            ? Graph([convolution, sums])
            : 0;
    }

    private nint SumsOf(nint y, int channels)
    {
        var (operation, vector) = (New(CuDnnBackend.OperationSums), new Shape(1, 1, 1, channels));
        var set = Set(operation, CuDnnBackend.SumsMode, CuDnnBackend.TypeSumsMode, CuDnnBackend.ModeSumAndSquares)
            & Set(operation, CuDnnBackend.SumsPrecision, CuDnnBackend.TypeDataType, CuDnn.TypeFloat)
            & Set(operation, CuDnnBackend.SumsX, CuDnnBackend.TypeDescriptor, y);
        foreach (var (name, id) in new[] { (CuDnnBackend.SumsSum, S), (CuDnnBackend.SumsSquares, Q) })
        {
            var tensor = Tensor(id, vector, ElementType.Float32);
            set &= tensor != 0 && Set(operation, name, CuDnnBackend.TypeDescriptor, tensor);
        }
        return set && Finalize(operation) ? operation : 0;
    }
}
