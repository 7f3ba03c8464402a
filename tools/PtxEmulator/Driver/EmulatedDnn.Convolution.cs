using Flixstock.Engine;

namespace Flixstock.PtxEmulator;

internal sealed unsafe partial class EmulatedDnn
{
    private enum Direction
    {
        Forward,
        Data,
        Filter,
    }

    /// <summary>
    /// A convolution whose descriptors go together: which of x, w and y is written depends on the direction.
    /// </summary>
    private sealed record Problem(
        DnnTensor X, DnnTensor W, DnnTensor Y, DnnConvolution Convolution, nint XAddress, nint WAddress, nint YAddress);

    public int cudnnFindConvolutionForwardAlgorithmEx(
        nint handle, nint xDescriptor, nint x, nint wDescriptor, nint w, nint convolution, nint yDescriptor, nint y,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes) =>
        Find(
            handle, Check(xDescriptor, x, wDescriptor, w, convolution, yDescriptor, y), Direction.Forward, requested,
            returned, results, workspace, workspaceBytes);

    public int cudnnFindConvolutionBackwardDataAlgorithmEx(
        nint handle, nint wDescriptor, nint w, nint dyDescriptor, nint dy, nint convolution, nint dxDescriptor, nint dx,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes) =>
        Find(
            handle, Check(dxDescriptor, dx, wDescriptor, w, convolution, dyDescriptor, dy), Direction.Data, requested,
            returned, results, workspace, workspaceBytes);

    public int cudnnFindConvolutionBackwardFilterAlgorithmEx(
        nint handle, nint xDescriptor, nint x, nint dyDescriptor, nint dy, nint convolution, nint dwDescriptor, nint dw,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes) =>
        Find(
            handle, Check(xDescriptor, x, dwDescriptor, dw, convolution, dyDescriptor, dy), Direction.Filter, requested,
            returned, results, workspace, workspaceBytes);

    public int cudnnConvolutionForward(
        nint handle, void* alpha, nint xDescriptor, nint x, nint wDescriptor, nint w, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint yDescriptor, nint y) =>
        Queue(
            handle, Check(xDescriptor, x, wDescriptor, w, convolution, yDescriptor, y), Direction.Forward, alpha, beta,
            algorithm, workspace, workspaceBytes);

    public int cudnnConvolutionBackwardData(
        nint handle, void* alpha, nint wDescriptor, nint w, nint dyDescriptor, nint dy, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint dxDescriptor, nint dx) =>
        Queue(
            handle, Check(dxDescriptor, dx, wDescriptor, w, convolution, dyDescriptor, dy), Direction.Data, alpha, beta,
            algorithm, workspace, workspaceBytes);

    public int cudnnConvolutionBackwardFilter(
        nint handle, void* alpha, nint xDescriptor, nint x, nint dyDescriptor, nint dy, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint dwDescriptor, nint dw) =>
        Queue(
            handle, Check(xDescriptor, x, dwDescriptor, dw, convolution, dyDescriptor, dy), Direction.Filter, alpha,
            beta, algorithm, workspace, workspaceBytes);

    private Problem? Check(
        nint xDescriptor, nint x, nint wDescriptor, nint w, nint convolution, nint yDescriptor, nint y)
    {
        if (!_tensors.TryGetValue(xDescriptor, out var tx) || !_filters.TryGetValue(wDescriptor, out var tw)
            || !_tensors.TryGetValue(yDescriptor, out var ty) || !_convolutions.TryGetValue(convolution, out var c)
            || !c.IsSet || tx.Dimensions.Length + tw.Dimensions.Length + ty.Dimensions.Length != 12)
        {
            _reason = "a descriptor does not exist or was not set";
            return null;
        }
        return Fit(tx, x, tw, w, c, ty, y);
    }

    private Problem? Fit(DnnTensor tx, nint x, DnnTensor tw, nint w, DnnConvolution c, DnnTensor ty, nint y)
    {
        int height = Out(tx.Dimensions[2], c.PadH, c.DilationH, tw.Dimensions[2], c.StrideH),
            width = Out(tx.Dimensions[3], c.PadW, c.DilationW, tw.Dimensions[3], c.StrideW);
        bool fits = tx.Type == tw.Type && tw.Type == ty.Type && tx.Dimensions[1] == tw.Dimensions[1]
            && ty.Dimensions.AsSpan().SequenceEqual([tx.Dimensions[0], tw.Dimensions[0], height, width]);
        _reason = $"x ({string.Join(", ", tx.Dimensions)}), w ({string.Join(", ", tw.Dimensions)}) and y "
            + $"({string.Join(", ", ty.Dimensions)}) do not go together in shape or type";
        return fits ? new Problem(tx, tw, ty, c, x, w, y) : null;
    }

    private static int Out(int size, int pad, int dilation, int kernel, int stride) =>
        (size + 2 * pad - (dilation * (kernel - 1) + 1)) / stride + 1;

    private static nuint WorkspaceOf(Problem problem, int algorithm) =>
        algorithm == 0 ? 0 : (nuint)(problem.Y.Count * 2 + 255) / 256 * 256;

    private int Find(
        nint handle, Problem? problem, Direction direction, int requested, int* returned, DnnAlgorithm* results,
        nint workspace, nuint workspaceBytes)
    {
        if (!_streams.TryGetValue(handle, out nint stream))
            return NotInitialized;
        if (problem is null || requested < 1)
            return BadParameter;
        if (driver.Queues.Streams[stream].Capture is not null)
            return Refuse("algorithms cannot be timed while the stream is captured", NotSupported);
        Searches++;
        if (SearchStatus != 0)
            return Refuse("there is no algorithm for this convolution", SearchStatus);
        driver.cuStreamSynchronize(stream); // what the operands hold is the work's before
        if (driver.Executes)
            Try(problem, direction, workspace, workspaceBytes);
        *returned = Math.Min(requested, Algorithms.Count);
        for (int i = 0; i < *returned; i++)
        {
            int algorithm = Algorithms[i];
            bool fits = WorkspaceOf(problem, algorithm) <= workspaceBytes;
            results[i] = new DnnAlgorithm
            {
                Algorithm = algorithm,
                Status = fits ? 0 : NotSupported,
                Milliseconds = fits ? 0.1f + 0.1f * i : -1,
                WorkspaceBytes = WorkspaceOf(problem, algorithm),
                Deterministic = direction == Direction.Forward || algorithm != 0 ? 1 : 0,
                MathType = problem.Convolution.MathType,
            };
        }
        return 0;
    }

    // The search runs the algorithms: the result is overwritten.
    private void Try(Problem problem, Direction direction, nint workspace, nuint workspaceBytes)
    {
        CheckOperands(problem, direction, workspace, workspaceBytes);
        var (target, tensor) = Target(problem, direction);
        driver.MarkWritten(target, tensor.Count * LibraryNumbers.Bytes(tensor.Type), "cuDNN search");
        new Span<byte>((void*)target, checked((int)(tensor.Count * LibraryNumbers.Bytes(tensor.Type)))).Fill(0x7F);
    }

    private int Queue(
        nint handle, Problem? problem, Direction direction, void* alpha, void* beta, int algorithm, nint workspace,
        nuint workspaceBytes)
    {
        if (!_streams.TryGetValue(handle, out nint stream))
            return NotInitialized;
        if (problem is null)
            return BadParameter;
        if (alpha == null || beta == null)
            return Refuse("alpha or beta is missing");
        if (!Algorithms.Contains(algorithm))
            return Refuse($"algorithm {algorithm} does not take this convolution", NotSupported);
        if (WorkspaceOf(problem, algorithm) > workspaceBytes)
        {
            return Refuse($"algorithm {algorithm} needs {WorkspaceOf(problem, algorithm)} bytes of workspace, "
                + $"{workspaceBytes} given");
        }
        if (driver.Queues.Streams[stream].Capture is { } capture && NotCapturable.Contains(algorithm))
        {
            capture.IsInvalid = true;
            return Refuse($"algorithm {algorithm} waits for the device", ExecutionFailed);
        }
        AlgorithmRuns[algorithm] = AlgorithmRuns.GetValueOrDefault(algorithm) + 1;
        float scale = *(float*)alpha, keep = *(float*)beta;
        return (int)driver.Queues.Compute(stream, $"cuDNN convolution {direction}", () =>
        {
            driver.Queues.Spend(algorithm == 1 ? 0.1 : 0.2);
            CheckOperands(problem, direction, workspace, WorkspaceOf(problem, algorithm));
            Compute(problem, direction, scale, keep);
        });
    }

    private static (nint Address, DnnTensor Tensor) Target(Problem problem, Direction direction) => direction switch
    {
        Direction.Forward => (problem.YAddress, problem.Y),
        Direction.Data => (problem.XAddress, problem.X),
        _ => (problem.WAddress, problem.W),
    };

    private void CheckOperands(Problem problem, Direction direction, nint workspace, nuint workspaceBytes)
    {
        LibraryNumbers.Check(
            driver, problem.XAddress, problem.X.Count, problem.X.Type, direction != Direction.Data,
            $"convolution {direction} x");
        LibraryNumbers.Check(
            driver, problem.WAddress, problem.W.Count, problem.W.Type, direction != Direction.Filter,
            $"convolution {direction} w");
        LibraryNumbers.Check(
            driver, problem.YAddress, problem.Y.Count, problem.Y.Type, direction != Direction.Forward,
            $"convolution {direction} y");
        if (workspaceBytes > 0)
            driver.Memory.Require((ulong)workspace, (long)workspaceBytes, "cuDNN workspace");
    }

    // One walk over all products; what it adds to depends on the direction.
    private void Compute(Problem problem, Direction direction, float scale, float keep)
    {
        var (address, tensor) = Target(problem, direction);
        var sums = Sums(problem, direction);
        for (int i = 0; i < sums.Length; i++)
        {
            LibraryNumbers.Write(
                address, i, tensor.Type,
                scale * sums[i] + (keep == 0 ? 0 : keep * LibraryNumbers.Read(address, i, tensor.Type)));
        }
        driver.MarkWritten(address, tensor.Count * LibraryNumbers.Bytes(tensor.Type), "convolution");
    }

    private double[] Sums(Problem problem, Direction direction)
    {
        var sums = new double[Target(problem, direction).Tensor.Count];
        float[] x = Values(problem.XAddress, problem.X, direction != Direction.Data),
            w = Values(problem.WAddress, problem.W, direction != Direction.Filter),
            y = Values(problem.YAddress, problem.Y, direction != Direction.Forward);
        var sw = problem.W.Dimensions;
        int channels = sw[1], outputs = sw[0];
        foreach (var (atX, atY, tap) in Taps(problem))
        {
            for (int k = 0; k < outputs; k++)
            {
                int atW = (k * sw[2] * sw[3] + tap) * channels;
                for (int channel = 0; channel < channels; channel++)
                {
                    if (direction == Direction.Forward)
                        sums[atY + k] += (double)x[atX + channel] * w[atW + channel];
                    else if (direction == Direction.Data)
                        sums[atX + channel] += (double)y[atY + k] * w[atW + channel];
                    else
                        sums[atW + channel] += (double)x[atX + channel] * y[atY + k];
                }
            }
        }
        return sums;
    }

    // Every pixel of x with the pixel of y and the place in the filter that meet there.
    private static IEnumerable<(int AtX, int AtY, int Tap)> Taps(Problem problem)
    {
        int[] sx = problem.X.Dimensions, sw = problem.W.Dimensions, sy = problem.Y.Dimensions;
        var c = problem.Convolution;
        int pixels = sy[0] * sy[2] * sy[3], taps = sw[2] * sw[3];
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            int n = pixel / (sy[2] * sy[3]), oh = pixel / sy[3] % sy[2], ow = pixel % sy[3];
            for (int tap = 0; tap < taps; tap++)
            {
                int ih = oh * c.StrideH - c.PadH + tap / sw[3] * c.DilationH,
                    iw = ow * c.StrideW - c.PadW + tap % sw[3] * c.DilationW;
                if ((uint)ih < (uint)sx[2] && (uint)iw < (uint)sx[3])
                    yield return (((n * sx[2] + ih) * sx[3] + iw) * sx[1], pixel * sw[0], tap);
            }
        }
    }

    private static float[] Values(nint address, DnnTensor tensor, bool read)
    {
        var values = new float[read ? tensor.Count : 0];
        for (int i = 0; i < values.Length; i++)
            values[i] = LibraryNumbers.Read(address, i, tensor.Type);
        return values;
    }
}
