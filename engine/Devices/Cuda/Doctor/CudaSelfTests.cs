namespace Flixstock.Engine;

/// <summary>
/// One small computation per library on one GPU, compared with plain loops on the processor. The numbers are small
/// integers, so that sums are exact in single precision and a difference is a fault, not rounding.
/// </summary>
internal sealed unsafe class CudaSelfTests : IDisposable
{
    private const string Source = """
        extern "C" __global__ void flixstock_self_test(float* x, int n)
        {
            int i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i < n)
                x[i] = 2.0f * x[i] + 1.0f;
        }
        """;

    private readonly ICudaDriver _driver;
    private readonly CudaDeviceInfo _device;
    private readonly CudaError _error;
    private readonly List<nint> _buffers = [];
    private nint _stream;

    /// <summary>Opens the device.</summary>
    /// <exception cref="EngineException">It does not open.</exception>
    public CudaSelfTests(ICudaDriver driver, CudaDeviceInfo device)
    {
        (_driver, _device, _error) = (driver, device, new CudaError(driver, device.Name));
        nint stream;
        var context = PrimaryContexts.Of(driver, device, _error);
        _error.Check(driver.cuCtxSetCurrent(context));
        _error.Check(driver.cuStreamCreate(&stream, 1)); // CU_STREAM_NON_BLOCKING
        _stream = stream;
    }

    /// <summary>Bytes to the device and back.</summary>
    public string CopyThereAndBack()
    {
        var numbers = Integers(1000, 7);
        return Compare(Download(Upload(numbers), numbers.Length), Array.ConvertAll(numbers, x => (double)x), 0);
    }

    /// <summary>A kernel of one line.</summary>
    public string CompileAndLaunch(KernelCompiler compiler)
    {
        const int Count = 1000, Threads = 128;
        var compiled = compiler.Compile(Source, "self_test.cu", Architecture(compiler));
        var image = _driver.WantsPtx || compiled.Cubin.IsEmpty
            ? [.. System.Text.Encoding.UTF8.GetBytes(compiled.Ptx), 0]
            : compiled.Cubin.ToArray();
        var numbers = Integers(Count, 5);
        var x = Upload(numbers);
        nint module, function;
        fixed (byte* first = image)
            _error.Check(_driver.cuModuleLoadData(&module, first));
        _error.Check(_driver.cuModuleGetFunction(&function, module, "flixstock_self_test"));
        var count = Count;
        var parameters = stackalloc void*[2];
        parameters[0] = &x;
        parameters[1] = &count;
        var shape = LaunchShape.Linear((Count + Threads - 1) / Threads, Threads);
        _error.CheckLaunch(
            _driver.cuLaunchKernel(function, shape.GridX, 1, 1, shape.BlockX, 1, 1, 0, _stream, parameters, null),
            new CudaFunction(function, "flixstock_self_test"), shape);
        var result = Download(x, Count);
        _error.Check(_driver.cuModuleUnload(module));
        return Compare(result, Array.ConvertAll(numbers, value => (2.0 * value) + 1.0), 0);
    }

    /// <summary>C[M, N] = A[M, K] * B[K, N], row-major.</summary>
    public string MatrixProduct(IBlas blas)
    {
        const int M = 5, N = 7, K = 9;
        float[] a = Integers(M * K, 5), b = Integers(K * N, 7);
        nint left = Upload(a), right = Upload(b), product = Upload(new float[M * N]), handle;
        float one = 1, zero = 0;
        _error.Check(blas, blas.cublasCreate(&handle));
        _error.Check(blas, blas.cublasSetStream(handle, _stream));
        // A row-major matrix is the transpose of a column-major one: the operands change places.
        _error.Check(blas, blas.cublasGemmEx(
            handle, CuBlas.OperationN, CuBlas.OperationN, N, M, K, &one, right, CuBlas.Real32F, N, left, CuBlas.Real32F,
            K,
            &zero, product, CuBlas.Real32F, N, CuBlas.Compute32F, CuBlas.GemmDefault));
        var result = Download(product, M * N);
        _error.Check(blas, blas.cublasDestroy(handle));
        return Compare(result, PlainLoops.Product(a, b, M, N, K), 0);
    }

    /// <summary>A 3x3 convolution with padding 1, NHWC, weights KRSC.</summary>
    public string Convolution(IDnn dnn)
    {
        const int Batch = 2, Size = 5, Channels = 8;
        float[] input = Integers(Batch * Size * Size * Channels, 5), weights = Integers(Channels * 9 * Channels, 3);
        nint x = Upload(input), w = Upload(weights), y = Upload(new float[input.Length]);
        nint handle, tensor, filter, convolution;
        _error.Check(dnn, dnn.cudnnCreate(&handle));
        _error.Check(dnn, dnn.cudnnSetStream(handle, _stream));
        _error.Check(dnn, dnn.cudnnCreateTensorDescriptor(&tensor));
        _error.Check(
            dnn, dnn.cudnnSetTensor4dDescriptor(tensor, CuDnn.Nhwc, CuDnn.TypeFloat, Batch, Channels, Size, Size));
        _error.Check(dnn, dnn.cudnnCreateFilterDescriptor(&filter));
        _error.Check(
            dnn, dnn.cudnnSetFilter4dDescriptor(filter, CuDnn.TypeFloat, CuDnn.Nhwc, Channels, Channels, 3, 3));
        _error.Check(dnn, dnn.cudnnCreateConvolutionDescriptor(&convolution));
        _error.Check(dnn, dnn.cudnnSetConvolution2dDescriptor(
            convolution, 1, 1, 1, 1, 1, 1, CuDnn.CrossCorrelation, CuDnn.TypeFloat));
        _error.Check(dnn, dnn.cudnnSetConvolutionMathType(convolution, CuDnn.FmaMath));
        Convolve(dnn, handle, tensor, x, filter, w, convolution, y);
        var result = Download(y, input.Length);
        _error.Check(dnn, dnn.cudnnDestroyConvolutionDescriptor(convolution));
        _error.Check(dnn, dnn.cudnnDestroyFilterDescriptor(filter));
        _error.Check(dnn, dnn.cudnnDestroyTensorDescriptor(tensor));
        _error.Check(dnn, dnn.cudnnDestroy(handle));
        // An algorithm that transforms its input (Winograd) is not exact; sums reach some tens.
        return Compare(result, PlainLoops.Convolution(input, weights, Batch, Size, Channels), 1e-3);
    }

    /// <summary>Gives everything back. Does not throw: what failed before is the report.</summary>
    public void Dispose()
    {
        foreach (var buffer in _buffers)
            _ = _driver.cuMemFree(buffer);
        _buffers.Clear();
        if (_stream == 0)
            return;
        _ = _driver.cuStreamDestroy(_stream);
        _stream = 0;
    }

    private void Convolve(IDnn dnn, nint handle, nint tensor, nint x, nint filter, nint w, nint convolution, nint y)
    {
        const int Most = 8, WorkspaceBytes = 8 << 20;
        var workspace = Allocate(WorkspaceBytes);
        var found = stackalloc DnnAlgorithm[Most];
        int count;
        float one = 1, zero = 0;
        _error.Check(dnn, dnn.cudnnFindConvolutionForwardAlgorithmEx(
            handle, tensor, x, filter, w, convolution, tensor, y, Most, &count, found, workspace, WorkspaceBytes));
        if (count == 0 || found[0].Status != 0)
        {
            throw new EngineException($"cuDNN has no algorithm for a 3x3 convolution in single precision: "
                + $"{(count == 0 ? "none listed" : dnn.StatusText(found[0].Status))}");
        }
        _error.Check(dnn, dnn.cudnnConvolutionForward(
            handle, &one, tensor, x, filter, w, convolution, found[0].Algorithm, workspace, WorkspaceBytes, &zero,
            tensor, y));
    }

    // A compiler older than the GPU makes PTX for the newest it knows, which the driver translates.
    private string Architecture(KernelCompiler compiler)
    {
        var own = (_device.Major * 10) + _device.Minor;
        return compiler.Architectures.Contains(own)
            ? $"sm_{own}"
            : $"compute_{compiler.Architectures.Where(known => known < own).DefaultIfEmpty(75).Max()}";
    }

    private nint Upload(float[] numbers)
    {
        var address = Allocate((nuint)numbers.Length * sizeof(float));
        fixed (float* first = numbers)
        {
            _error.Check(_driver.cuMemcpyHtoDAsync(address, first, (nuint)numbers.Length * sizeof(float), _stream));
            _error.Check(_driver.cuStreamSynchronize(_stream));
        }
        return address;
    }

    private float[] Download(nint address, int count)
    {
        var numbers = new float[count];
        fixed (float* first = numbers)
        {
            _error.Check(_driver.cuMemcpyDtoHAsync(first, address, (nuint)count * sizeof(float), _stream));
            _error.Check(_driver.cuStreamSynchronize(_stream));
        }
        return numbers;
    }

    private nint Allocate(nuint bytes)
    {
        nint address;
        _error.Check(_driver.cuMemAlloc(&address, bytes));
        _buffers.Add(address);
        return address;
    }

    // -2, -1, 0, ... in an order without a short period.
    private static float[] Integers(int count, int range) =>
        [.. Enumerable.Range(0, count).Select(i => (float)((i * 37 % 101 % range) - (range / 2)))];

    private static string Compare(float[] actual, double[] expected, double tolerance)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            // Written so that a NaN is a difference.
            if (!(Math.Abs(actual[i] - expected[i]) <= tolerance))
            {
                throw new EngineException(
                    $"element {i} of {expected.Length} is {actual[i]}, the processor has {expected[i]}");
            }
        }
        return $"{expected.Length} numbers, the processor's result";
    }
}
