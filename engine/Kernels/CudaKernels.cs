using System.Diagnostics.CodeAnalysis;

namespace Flixstock.Engine;

/// <summary>
/// The operations on an NVIDIA GPU: the kernels of <c>kernels/*.cu</c>, cuDNN for convolutions and cuBLAS for matrix
/// products. Without the libraries the engine's own convolution kernels take their place: slow, and what the libraries
/// are checked against. Its parts lie in the operations' folders.
/// <para>
/// Activations are Float32, Float16 or BFloat16, as each tensor says; vectors of a batch ([N, C]), parameters,
/// statistics, logits and losses are Float32. A convolution's weight in another type than its input is converted on the
/// fly, a weight gradient likewise.
/// </para>
/// </summary>
/// <remarks>Threads: one at a time: <see cref="Device.EnterExclusive"/>.</remarks>
[SuppressMessage(
    "Reliability", "CA1001:Types that own disposable fields should be disposable",
    Justification = "the device disposes of the libraries' handles, before its stream")]
internal sealed partial class CudaKernels : IKernels
{
    // As in common.cuh and reduction.cuh.
    private const int SweepThreads = 256;
    private const int ReduceThreads = 256;
    private const int FinishColumns = 32;
    private const int FinishRows = 16;

    // One wave of full multiprocessors: 8 blocks of 256 threads.
    private const int BlocksPerMultiprocessor = 8;

    // As in reduction.cuh: one wave of blocks, each with enough loads on their way; more would only lengthen the second
    // stage.
    private const int ReduceBlocksPerMultiprocessor = 2;

    // The grid's second and third extent end here.
    private const int MostGridRows = 65535;

    // A thread's index is an int, and one more stride must fit.
    private const long MostPacks = 1L << 30;

    // What NVIDIA advises for Hopper.
    private const long BlasWorkspaceBytes = 32L << 20;

    // Split sums of weight gradients take most: 512 x 3 x 3 x 512 singles are 9 MiB a part. A small device has a
    // smaller share to give.
    private const long MostDnnWorkspaceBytes = 128L << 20, DnnWorkspaceShare = 32;

    private const int Alignment = 16;
    private const int FastChannels = 8;

    private readonly CudaDevice _device;
    private readonly CudaBlas? _blas;
    private readonly FusedProducts? _fused;
    private readonly CudaDnn? _dnn;
    private bool _isAside; // the libraries work on the device's second stream

    /// <inheritdoc />
    public void Custom(
        CustomKernel kernel, ReadOnlyTensor first, ReadOnlyTensor second, Tensor output, Tensor secondOutput) =>
        kernel.Run(new CustomTensors(first, second, output, secondOutput), _device);

    /// <summary>Our own kernels, and the device's cuBLAS and cuDNN for matrix products and convolutions.</summary>
    /// <param name="device">The device to compute on; it disposes of the libraries' handles.</param>
    /// <param name="allowTf32">True: singles may be rounded to 10 bits in products and convolutions.</param>
    /// <param name="deterministic">True: only algorithms that give equal bits in equal runs.</param>
    public CudaKernels(CudaDevice device, bool allowTf32 = false, bool deterministic = false)
        : this(device)
    {
        // One workspace for both: their products follow each other on one stream.
        var workspace = Scratch(ScratchSlot.BlasWorkspace, BlasWorkspaceBytes);
        _blas = new CudaBlas(device.Blas, device.Errors, device.Stream, allowTf32, workspace, BlasWorkspaceBytes);
        device.Own(_blas);
        _fused = new FusedProducts(device.Blas, device.Errors, device.Stream, allowTf32, workspace, BlasWorkspaceBytes);
        device.Own(_fused);
        var limit = DnnWorkspaceBytes(device);
        _dnn = new CudaDnn(
            device.Dnn, device.Errors, device.Stream, allowTf32, deterministic,
            new DnnSurroundings(
                bytes => Scratch(_isAside ? ScratchSlot.DnnAside : ScratchSlot.DnnWorkspace, bytes),
                bytes => Scratch(ScratchSlot.DnnSearch, bytes),
                limit, device.Time, DnnChoices.Of(device, allowTf32, deterministic, limit), device.Notes));
        device.Own(_dnn);
    }

    private CudaKernels(CudaDevice device) => _device = device;

    private static long DnnWorkspaceBytes(CudaDevice device) => Share(device, MostDnnWorkspaceBytes);

    // Of the second stream.
    private static long AsideWorkspaceBytes(CudaDevice device) => Share(device, BlasWorkspaceBytes);

    private static long Share(CudaDevice device, long most) =>
        Math.Min(most, device.Memory!.Value.Total / DnnWorkspaceShare / 256 * 256);

    /// <summary>Our own kernels only: slow convolutions, and what the libraries are compared with.</summary>
    /// <param name="device">The device to compute on.</param>
    public static CudaKernels WithoutLibraries(CudaDevice device) => new(device);

    /// <summary>
    /// Places for intermediate results, one each, so that the parts of one operation do not overwrite each other.
    /// </summary>
    private enum ScratchSlot
    {
        Parts,
        Counters,
        Totals,
        Weight,
        WeightGradient,
        Selection,
        Annotated,
        DnnWorkspace,
        DnnSearch,
        BlasWorkspace,
        DnnAside,
        BlasAside,
    }

    private nint Scratch(ScratchSlot slot, long bytes, bool cleared = false) =>
        _planning is { } planning
            ? planning.Scratch((int)slot, bytes)
            : _device.Scratch((int)slot, bytes, cleared);

    // True if the number of channels and every address allow 16-byte accesses.
    private static bool IsFast(long channels, params ReadOnlySpan<nint> addresses)
    {
        if (channels % FastChannels != 0)
            return false;
        foreach (var address in addresses)
        {
            if (address % Alignment != 0)
                return false;
        }
        return true;
    }

    private static long Divide(long count, long size) => (count + size - 1) / size;

    private static int Packs(long elements, bool fast, string what)
    {
        var packs = fast ? elements / FastChannels : elements;
        return packs <= MostPacks
            ? (int)packs
            : throw new EngineException(
                $"{what} has {elements} elements, more than a launch can index: use a smaller batch");
    }

    // The grid's threads are a multiple of the channel packs, so that every thread stays with its channels.
    private LaunchShape SweepShape(int packs, int groups, int pictures = 1)
    {
        if (pictures > MostGridRows)
            throw new EngineException($"a batch of {pictures} pictures does not fit a launch: at most {MostGridRows}");
        var most = Math.Max(1, _device.Multiprocessors * BlocksPerMultiprocessor / pictures);
        var unit = groups / GreatestCommonDivisor(groups, SweepThreads);
        var blocks = Divide(Math.Min(Divide(packs, SweepThreads), most), unit) * unit;
        return new LaunchShape((uint)blocks, (uint)pictures, 1, SweepThreads);
    }

    // A row of channel packs along x, rows along y.
    private LaunchShape RowShape(long packsPerRow, long rows)
    {
        var most = (long)_device.Multiprocessors * BlocksPerMultiprocessor;
        var x = Math.Min(Divide(packsPerRow, SweepThreads), most);
        return new LaunchShape((uint)x, (uint)Math.Min(rows, MostGridRows), 1, SweepThreads);
    }

    private static LaunchShape FinishShape(int channels) =>
        new((uint)Divide(channels, FinishColumns), 1, 1, FinishColumns, FinishRows);

    private static int GreatestCommonDivisor(int a, int b)
    {
        while (b != 0)
            (a, b) = (b, a % b);
        return a;
    }

    private void Launch(
        KernelEntries entries, ElementType type, bool fast, in LaunchShape shape,
        params ReadOnlySpan<KernelArgument> arguments)
    {
        if (_planning is null)
            _device.Launch(entries.Of(_device, type, fast), shape, arguments);
    }

    private void Launch(KernelEntries entries, in LaunchShape shape, params ReadOnlySpan<KernelArgument> arguments)
    {
        if (_planning is null)
            _device.Launch(entries.Only(_device), shape, arguments);
    }

    /// <summary>
    /// How a sum over pixels is divided among blocks: <c>sum_pixels</c> of reduction.cuh.
    /// </summary>
    /// <param name="Pixels">Pixels of one picture, or of all pictures if they are not told apart.</param>
    /// <param name="Segments">Number of segments of a picture.</param>
    /// <param name="Pictures">Number of pictures; 1 if they are not told apart.</param>
    /// <param name="Shape">Grid and block of the launch.</param>
    private readonly record struct Reduction(int Pixels, int Segments, int Pictures, LaunchShape Shape)
    {
        public int Parts => Segments * Pictures;

        /// <summary>Tiles of channels, each with a last block of its own.</summary>
        public int Tiles => (int)Shape.GridX;
    }

    private Reduction ReductionOf(Shape shape, bool fast, bool perPicture)
    {
        var pictures = perPicture ? shape.Batch : 1;
        var pixels = shape.Pixels / pictures;
        if (pictures > MostGridRows || pixels > int.MaxValue)
            throw new EngineException($"{shape} does not fit a launch: use a smaller batch");
        var groups = fast ? shape.Channels / FastChannels : shape.Channels;
        var columns = 1;
        while (columns < FinishColumns && columns < groups)
            columns *= 2;
        var rows = ReduceThreads / columns;
        var tiles = Divide(groups, columns);
        // At least 4 pixels a thread, or the tree of sums costs more than the pixels.
        var wanted = Divide((long)_device.Multiprocessors * ReduceBlocksPerMultiprocessor, tiles * pictures);
        var segments = (int)Math.Clamp(wanted, 1, Math.Min(MostGridRows, Math.Max(1, pixels / (4 * rows))));
        return new(
            (int)pixels, segments, pictures,
            new((uint)tiles, (uint)segments, (uint)pictures, (uint)columns, (uint)rows));
    }

    private nint Parts(in Reduction reduction, int quantities, int channels) =>
        Scratch(ScratchSlot.Parts, (long)reduction.Parts * quantities * channels * sizeof(float));

    // A counter for each tile of channels of each picture. The kernels leave them at 0.
    private nint Counters(in Reduction reduction) => Scratch(
        ScratchSlot.Counters, (long)reduction.Tiles * reduction.Pictures * sizeof(uint), cleared: true);

    private static int Groups(int channels, bool fast) => fast ? channels / FastChannels : channels;
}
