namespace Flixstock.Engine;

// A convolution with bias, residual and leaky ReLU, or a gradient with what it is added to, as one graph: what lies
// between two operations is virtual and never stored.
internal sealed unsafe partial class DnnGraphs
{
    private const int B = 'b', R = 'r', Between = 1; // ids of bias and residual, and the first of what lies between

    /// <summary>Queues a convolution with what follows it.</summary>
    /// <param name="engine">An engine of a problem with an epilogue.</param>
    /// <param name="x">[N, H, W, C]</param>
    /// <param name="w">[K, R, S, C]</param>
    /// <param name="bias">[K], Float32</param>
    /// <param name="residual">[N, P, Q, K], or 0 where the epilogue has none.</param>
    /// <param name="y">[N, P, Q, K]</param>
    /// <param name="workspace">What the engine needs, or 0.</param>
    /// <returns>The library's status.</returns>
    public int Execute(DnnEngine engine, nint x, nint w, nint bias, nint residual, nint y, nint workspace)
    {
        var ids = stackalloc long[] { X, W, Y, B, R };
        var pointers = stackalloc nint[] { x, w, y, bias, residual };
        return Execute(engine, ids, pointers, residual == 0 ? 4 : 5, workspace);
    }

    /// <summary>Queues an input's gradient that is added to its destination.</summary>
    /// <param name="engine">An engine of a problem that accumulates.</param>
    /// <param name="dx">[N, H, W, C], read and written.</param>
    /// <param name="w">[K, R, S, C]</param>
    /// <param name="dy">[N, P, Q, K]</param>
    /// <param name="workspace">What the engine needs, or 0.</param>
    /// <returns>The library's status.</returns>
    public int ExecuteSum(DnnEngine engine, nint dx, nint w, nint dy, nint workspace)
    {
        var ids = stackalloc long[] { X, W, Y, R };
        var pointers = stackalloc nint[] { dx, w, dy, dx };
        return Execute(engine, ids, pointers, 4, workspace);
    }

    // 0 if a call was refused.
    private nint FoldedGraph(DnnProblem problem, DnnEpilogue epilogue)
    {
        var forward = problem.Direction == DnnDirection.Forward;
        var (result, resultId) = forward ? (problem.Output, Y) : (problem.Input, X);
        var pointwise =
            (epilogue.HasBias ? 1 : 0) + (epilogue.HasResidual ? 1 : 0) + (epilogue.Slope != 1 ? 1 : 0);
        var operations = new long[1 + pointwise];
        var value = Virtual(result, 0);
        operations[0] = forward ? ForwardInto(problem, value) : DataInto(problem, value);
        var count = 1;
        // The last one writes the result.
        nint Next() => count == pointwise ? Tensor(resultId, result, problem.Type) : Virtual(result, count);
        void Append(nint descriptor, nint second)
        {
            var next = Next();
            operations[count++] = PointwiseOperation(descriptor, value, second, next);
            value = next;
        }
        var channels = new Shape(1, 1, 1, result.Channels);
        if (epilogue.HasBias)
            Append(Pointwise(CuDnnBackend.ModeAdd), Tensor(B, channels, ElementType.Float32));
        if (epilogue.HasResidual)
            Append(Pointwise(CuDnnBackend.ModeAdd), Tensor(R, result, problem.Type));
        if (epilogue.Slope != 1)
            Append(LeakyRelu(epilogue.Slope), second: 0);
        return Array.IndexOf(operations, 0) < 0 ? Graph(operations) : 0;
    }

    private nint Virtual(Shape shape, int number) =>
        Tensor(Between + number, shape, ElementType.Float32, isVirtual: true);

    private nint ForwardInto(in DnnProblem problem, nint output) => Operation(
        problem, CuDnnBackend.OperationForward, CuDnnBackend.ForwardAlpha,
        (CuDnnBackend.ForwardX, Tensor(X, problem.Input, problem.Type)),
        (CuDnnBackend.ForwardW, Tensor(W, problem.Weight, problem.Type)), (CuDnnBackend.ForwardY, output));

    private nint DataInto(in DnnProblem problem, nint inputGradient) => Operation(
        problem, CuDnnBackend.OperationBackwardData, CuDnnBackend.DataAlpha, (CuDnnBackend.DataDx, inputGradient),
        (CuDnnBackend.DataW, Tensor(W, problem.Weight, problem.Type)),
        (CuDnnBackend.DataDy, Tensor(Y, problem.Output, problem.Type)));

    private nint Pointwise(int mode)
    {
        var pointwise = New(CuDnnBackend.Pointwise);
        return SetPointwise(pointwise, mode) && Finalize(pointwise) ? pointwise : 0;
    }

    private nint LeakyRelu(float slope)
    {
        var pointwise = New(CuDnnBackend.Pointwise);
        return SetPointwise(pointwise, CuDnnBackend.ModeRelu)
            && Set(pointwise, CuDnnBackend.ReluLowerClipSlope, CuDnnBackend.TypeDouble, (double)slope)
            && Finalize(pointwise)
            ? pointwise
            : 0;
    }

    private bool SetPointwise(nint pointwise, int mode) =>
        Set(pointwise, CuDnnBackend.PointwiseMode, CuDnnBackend.TypePointwiseMode, mode)
        && Set(pointwise, CuDnnBackend.PointwisePrecision, CuDnnBackend.TypeDataType, CuDnn.TypeFloat);

    private nint PointwiseOperation(nint pointwise, nint x, nint second, nint y)
    {
        var operation = New(CuDnnBackend.OperationPointwise);
        return Set(operation, CuDnnBackend.PointwiseDescriptor, CuDnnBackend.TypeDescriptor, pointwise)
            && Set(operation, CuDnnBackend.PointwiseX, CuDnnBackend.TypeDescriptor, x)
            && (second == 0 || Set(operation, CuDnnBackend.PointwiseB, CuDnnBackend.TypeDescriptor, second))
            && Set(operation, CuDnnBackend.PointwiseY, CuDnnBackend.TypeDescriptor, y) && Finalize(operation)
            ? operation
            : 0;
    }
}
