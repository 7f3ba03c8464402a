using Flixstock.Engine;

namespace Flixstock.PtxEmulator;

/// <summary>
/// cuBLAS on an emulated device: plain column-major loops with double sums, and the checks that the library makes (or
/// should).
/// </summary>
internal sealed unsafe partial class EmulatedBlas(EmulatedDriver driver) : IBlas
{
    private const int NotInitialized = 1, InvalidValue = 7, NotSupported = 15;
    private readonly Dictionary<nint, nint> _streams = [];
    private nint _handles = 0x9000;

    /// <summary>How long a product takes.</summary>
    public double Milliseconds { get; set; }

    /// <summary>How often a product was queued.</summary>
    public int Products { get; set; }

    public int cublasCreate(nint* handle)
    {
        *handle = _handles += 0x10;
        _streams[*handle] = 0;
        return 0;
    }

    public int cublasDestroy(nint handle) => _streams.Remove(handle) ? 0 : NotInitialized;

    public int cublasSetStream(nint handle, nint stream)
    {
        if (!_streams.ContainsKey(handle))
            return NotInitialized;
        _streams[handle] = stream;
        return driver.Queues.Streams.ContainsKey(stream) ? 0 : InvalidValue;
    }

    public int cublasSetWorkspace(nint handle, nint workspace, nuint bytes)
    {
        if (!_streams.ContainsKey(handle))
            return NotInitialized;
        if (workspace % 256 != 0)
            return InvalidValue;
        driver.Memory.Require((ulong)workspace, (long)bytes, "cublasSetWorkspace");
        return 0;
    }

    public int cublasSetMathMode(nint handle, int mode) =>
        !_streams.ContainsKey(handle) ? NotInitialized : mode is 0 or 1 or 2 or 3 or 16 ? 0 : InvalidValue;

    public int cublasGemmEx(
        nint handle, int operationA, int operationB, int m, int n, int k, void* alpha, nint a, int typeA, int lda,
        nint b, int typeB, int ldb, void* beta, nint c, int typeC, int ldc, int computeType, int algorithm)
    {
        if (!_streams.TryGetValue(handle, out nint stream))
            return NotInitialized;
        if (operationA is not (0 or 1) || operationB is not (0 or 1) || m < 0 || n < 0 || k < 0 || alpha == null
            || beta == null || lda < Math.Max(1, operationA == 0 ? m : k) || ldb < Math.Max(1, operationB == 0 ? k : n)
            || ldc < Math.Max(1, m))
        {
            return InvalidValue;
        }
        // Single sums only: alpha and beta are singles then.
        if (computeType is not (68 or 69 or 77) || Type(typeA) is not { } ab || typeB != typeA
            || Type(typeC) is not { } result || typeC != typeA && typeC != 0)
        {
            return NotSupported;
        }
        float scale = *(float*)alpha, keep = *(float*)beta;
        Products++;
        return (int)driver.Queues.Compute(stream, "cublasGemmEx", () =>
        {
            driver.Queues.Spend(Milliseconds);
            CheckMatrix(a, operationA == 0 ? m : k, operationA == 0 ? k : m, lda, ab, "cublasGemmEx A");
            CheckMatrix(b, operationB == 0 ? k : n, operationB == 0 ? n : k, ldb, ab, "cublasGemmEx B");
            LibraryNumbers.Check(driver, c, Span(m, n, ldc), result, read: false, "cublasGemmEx C");
            for (int column = 0; column < n; column++)
            {
                for (int row = 0; row < m; row++)
                {
                    double sum = 0;
                    for (int i = 0; i < k; i++)
                    {
                        long inA = operationA == 0 ? row + (long)i * lda : i + (long)row * lda,
                            inB = operationB == 0 ? i + (long)column * ldb : column + (long)i * ldb;
                        sum += (double)LibraryNumbers.Read(a, inA, ab) * LibraryNumbers.Read(b, inB, ab);
                    }
                    long at = row + (long)column * ldc;
                    LibraryNumbers.Write(
                        c, at, result, scale * sum + (keep == 0 ? 0 : keep * LibraryNumbers.Read(c, at, result)));
                    driver.MarkWritten(
                        c + (nint)at * LibraryNumbers.Bytes(result), LibraryNumbers.Bytes(result), "cublasGemmEx C");
                }
            }
        });
    }

    public string StatusText(int status) => status switch
    {
        0 => "success",
        NotInitialized => "the handle is not a cuBLAS handle",
        InvalidValue => "an argument is not valid",
        NotSupported => "types do not go together",
        _ => $"status {status}",
    };

    // What lies between the columns is nobody's business.
    private void CheckMatrix(nint address, int rows, int columns, int ld, Element type, string what)
    {
        LibraryNumbers.Check(driver, address, Span(rows, columns, ld), type, read: false, what);
        for (long column = 0; column < columns; column++)
        {
            LibraryNumbers.CheckWritten(
                driver, address + (nint)(column * ld * LibraryNumbers.Bytes(type)), rows, type, what);
        }
    }

    private static Element? Type(int type) =>
        type switch { 0 => Element.Single, 2 => Element.Half, 14 => Element.Bfloat, _ => null };

    private static long Span(long rows, long columns, long ld) => columns == 0 ? 0 : (columns - 1) * ld + rows;
}
