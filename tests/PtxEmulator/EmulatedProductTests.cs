using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.PtxEmulator;

/// <summary>
/// What the emulated cuBLASLt refuses: each is a mistake that the real library punishes, or does not notice.
/// </summary>
public sealed unsafe class EmulatedProductTests : IDisposable
{
    private const int InvalidValue = 7, NotSupported = 15, Transpose = 1;
    private readonly EmulatedDriver _driver = new();
    private readonly EmulatedBlas _blas;
    private nint _handle, _stream, _descriptor, _a, _b, _d, _preference, _memory;

    public EmulatedProductTests() => _blas = new EmulatedBlas(_driver);

    public void Dispose() => _driver.Dispose();

    // D[8, 2] = transpose(A[4, 8]) * B[4, 2] + bias[8]
    [SetUp]
    public void Describe()
    {
        nint handle, stream, descriptor, a, b, d, preference, memory;
        Require(_blas.cublasLtCreate(&handle));
        Require((int)_driver.cuStreamCreate(&stream, 1));
        Require((int)_driver.cuMemAlloc(&memory, 4096));
        Require((int)_driver.cuMemsetD8Async(memory, 0, 2048, stream));
        Require(_blas.cublasLtMatmulDescCreate(&descriptor, 68, 0));
        (_handle, _stream, _descriptor, _memory) = (handle, stream, descriptor, memory);
        Require(Set(3, Transpose));
        Require(Set(7, 4));
        Require(Set(8, memory + 1024));
        Require(_blas.cublasLtMatrixLayoutCreate(&a, 0, 4, 8, 4));
        Require(_blas.cublasLtMatrixLayoutCreate(&b, 0, 4, 2, 4));
        Require(_blas.cublasLtMatrixLayoutCreate(&d, 0, 8, 2, 8));
        Require(_blas.cublasLtMatmulPreferenceCreate(&preference));
        (_a, _b, _d, _preference) = (a, b, d, preference);
        Require(Prefer(3, 2));
    }

    [Test]
    public void AProductThatIsRightIsDone()
    {
        Require(Multiply(Algorithm()));
        Assert.That(_driver.cuStreamSynchronize(_stream), Is.EqualTo(CuResult.Success));
    }

    [Test]
    public void LayoutsThatDoNotGoTogether()
    {
        nint wrong;
        Require(_blas.cublasLtMatrixLayoutCreate(&wrong, 0, 8, 3, 8));
        _d = wrong;
        Assert.That(Heuristic(out _), Is.EqualTo(InvalidValue));
        Assert.That(
            _blas.cublasLtMatrixLayoutCreate(&wrong, 0, 8, 3, 7), Is.EqualTo(InvalidValue), "columns that overlap");
        Assert.That(_blas.cublasLtMatrixLayoutCreate(&wrong, 7, 8, 3, 8), Is.EqualTo(InvalidValue), "an unknown type");
    }

    [Test]
    public void AttributesOfAnotherSizeOrNumber()
    {
        long value = 1;
        Assert.That(_blas.cublasLtMatmulDescSetAttribute(_descriptor, 3, &value, 8), Is.EqualTo(InvalidValue));
        Assert.That(_blas.cublasLtMatmulDescSetAttribute(_descriptor, 8, &value, 4), Is.EqualTo(InvalidValue));
        Assert.That(_blas.cublasLtMatmulDescSetAttribute(_descriptor, 99, &value, 4), Is.EqualTo(InvalidValue));
        Assert.That(_blas.cublasLtMatmulPreferenceSetAttribute(_preference, 1, &value, 4), Is.EqualTo(InvalidValue));
        Assert.That(Set(7, 3), Is.EqualTo(InvalidValue), "no such epilogue");
    }

    [Test]
    public void AnAlgorithmOfAnotherProduct()
    {
        var algorithm = Algorithm();
        Require(Set(7, 6)); // bias and ReLU
        Assert.That(Multiply(algorithm), Is.EqualTo(NotSupported));
        Assert.That(Multiply(default), Is.EqualTo(NotSupported), "none");
    }

    [Test]
    public void AnOperandLessAlignedThanPromised() =>
        Assert.That(Multiply(Algorithm(), operand: 16), Is.EqualTo(InvalidValue));

    [Test]
    public void AWorkspaceThatIsSmallerThanTheAlgorithms()
    {
        Require(Prefer(1, 1L << 20));
        Assert.That(Multiply(Algorithm()), Is.EqualTo(NotSupported));
    }

    [Test]
    public void ABiasThatIsOutOfBoundsMissingOrNeverWritten()
    {
        var algorithm = Algorithm();
        Require(Set(8, _memory + 4096 - 16));
        Require(Multiply(algorithm));
        Assert.That(
            () => _driver.cuStreamSynchronize(_stream),
            Throws.TypeOf<DeviceCheckException>().With.Message.Contains("bias").And.Message.Contains("out of bounds"));
        Require(Set(8, _memory + 2048));
        Require(Multiply(algorithm));
        Assert.That(
            () => _driver.cuStreamSynchronize(_stream),
            Throws.TypeOf<DeviceCheckException>().With.Message.Contains("bias").And.Message.Contains("never written"));
        Require(Set(8, (nint)0));
        Assert.That(Multiply(algorithm), Is.EqualTo(InvalidValue));
    }

    [Test]
    public void ReductionsInTheOutputsTypeThatNobodyForbade()
    {
        Require(Prefer(3, 7));
        Assert.That(
            () => Heuristic(out _), Throws.TypeOf<DeviceCheckException>().With.Message.Contains("split products"));
    }

    private static void Require(int status) => Assert.That(status, Is.Zero);

    private int Set<T>(int attribute, T value) where T : unmanaged =>
        _blas.cublasLtMatmulDescSetAttribute(_descriptor, attribute, &value, (nuint)sizeof(T));

    private int Prefer<T>(int attribute, T value) where T : unmanaged =>
        _blas.cublasLtMatmulPreferenceSetAttribute(_preference, attribute, &value, (nuint)sizeof(T));

    private int Heuristic(out LtHeuristic result)
    {
        LtHeuristic first;
        int count;
        var status = _blas.cublasLtMatmulAlgoGetHeuristic(
            _handle, _descriptor, _a, _b, _d, _d, _preference, 1, &first, &count);
        result = first;
        return status == 0 && count == 0 ? NotSupported : status;
    }

    private LtAlgorithm Algorithm()
    {
        Require(Heuristic(out var result));
        return result.Algorithm;
    }

    private int Multiply(LtAlgorithm algorithm, int operand = 0)
    {
        float one = 1, zero = 0;
        return _blas.cublasLtMatmul(
            _handle, _descriptor, &one, _memory + operand, _a, _memory + 256, _b, &zero, _memory + 512, _d,
            _memory + 512, _d, &algorithm, 0, 0, _stream);
    }
}
