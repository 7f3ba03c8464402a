using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

/// <summary>Measured peaks of a device: the scale for everything else.</summary>
/// <param name="CopyGigabytesPerSecond">Read and written by a copy of more memory than any cache holds.</param>
/// <param name="ArithmeticGigaflopsPerSecond">
/// Of the processor: multiply-adds in registers on all threads. Of a GPU: a large matrix product (a 1x1 convolution) in
/// the backend's precision.
/// </param>
/// <param name="Arithmetic">What was measured for it.</param>
internal sealed record DevicePeaks(
    double CopyGigabytesPerSecond, double ArithmeticGigaflopsPerSecond, string Arithmetic)
{
    private const int Repetitions = 5;

    // 512 MiB and 4096 x 4096 on a GPU; less if there is little memory, as on an emulated one.
    private const long MostCopied = 1L << 27, CopiedOnHost = 1L << 24;
    private const int LargestProduct = 4096, ProductOnHost = 512, SmallestProduct = 64;
    private const int PartOfMemory = 64, PartForProduct = 256, ChunksPerThread = 8, NoiseElements = 1 << 20;

    /// <summary>Measures a device.</summary>
    /// <param name="backend">The device to measure.</param>
    /// <param name="cancellation">Stops between two copies or products.</param>
    public static DevicePeaks Measure(Backend backend, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var copy = Copy(backend, cancellation);
        return backend.Device is CpuDevice processor
            ? new DevicePeaks(copy, MultiplyAdds(processor, cancellation), "multiply-adds in registers")
            : new DevicePeaks(copy, Product(backend, cancellation), "a matrix product");
    }

    /// <summary>The median time of a piece of work by the device's own clock.</summary>
    internal static double Median(Device device, int repetitions, Action work) =>
        Times(device, repetitions, work).Median;

    /// <summary>The times of a piece of work by the device's own clock.</summary>
    internal static TimeSpread Times(Device device, int repetitions, Action work)
    {
        using var timer = device.OpenTimer();
        var marks = new (int From, int To)[repetitions];
        for (var i = 0; i < repetitions; i++)
        {
            var from = timer.Mark();
            work();
            marks[i] = (from, timer.Mark());
        }
        return TimeSpread.Of(marks.Select(mark => timer.Milliseconds(mark.From, mark.To)));
    }

    private static double Copy(Backend backend, CancellationToken cancellation)
    {
        var device = backend.Device;
        var most = device.Memory is { } memory
            ? Math.Min(MostCopied, memory.Total / PartOfMemory / sizeof(float))
            : CopiedOnHost;
        var shape = new Shape((int)most);
        var (from, to) = (device.Allocate(shape), device.Allocate(shape));
        try
        {
            backend.Kernels.Fill(1, from);
            void Move()
            {
                cancellation.ThrowIfCancellationRequested();
                backend.Kernels.Copy(from, to);
            }
            Move();
            return 2 * from.Bytes / Median(device, Repetitions, Move) / 1e6;
        }
        finally
        {
            device.Free(from);
            device.Free(to);
        }
    }

    // A GPU multiplies constants faster than what a network multiplies: fewer wires change, and its clock is higher.
    private static void FillWithNoise(Backend backend, Tensor tensor)
    {
        var random = new SeededRandom(1);
        var count = (int)Math.Min(NoiseElements, tensor.Count);
        var values = new float[count];
        for (var i = 0; i < count; i++)
            values[i] = (float)random.NextDouble(-1, 1);
        var noise = backend.Device.FromHost<float>(values, new Shape(count));
        for (long at = 0; at < tensor.Count; at += count)
        {
            var shape = new Shape((int)Math.Min(count, tensor.Count - at));
            backend.Kernels.Copy(noise.Slice(0, shape), tensor.Slice(at, shape));
        }
        backend.Device.Synchronize();
        backend.Device.Free(noise);
    }

    private static double MultiplyAdds(CpuDevice device, CancellationToken cancellation) =>
        Vector512.IsHardwareAccelerated ? MultiplyAdds<Lanes512>(device, cancellation)
        : Vector256.IsHardwareAccelerated ? MultiplyAdds<Lanes256>(device, cancellation)
        : MultiplyAdds<Lanes128>(device, cancellation);

    private static unsafe double MultiplyAdds<L>(CpuDevice device, CancellationToken cancellation)
        where L : unmanaged, ILanes<L>
    {
        var chunks = ChunksPerThread * device.Workers.Count;
        var sums = stackalloc float[chunks];
        // The sums converge: nothing becomes infinite or denormal.
        var work = new MultiplyAddPeak<L>(0.5f, sums);
        void Multiply()
        {
            cancellation.ThrowIfCancellationRequested();
            device.Workers.Run(ref work, chunks);
        }
        Multiply();
        return chunks * MultiplyAddPeak<L>.Operations / Median(device, Repetitions, Multiply) / 1e6;
    }

    private static double Product(Backend backend, CancellationToken cancellation)
    {
        var device = backend.Device;
        var extent = device.Memory is null ? ProductOnHost : LargestProduct;
        while (device.Memory is { } memory && extent > SmallestProduct
            && 3L * extent * extent * sizeof(float) > memory.Total / PartForProduct)
        {
            extent /= 2;
        }
        var pixels = new Shape(1, SmallestProduct, extent / SmallestProduct, extent);
        var (x, y) = (device.Allocate(pixels, backend.ActivationType), device.Allocate(pixels, backend.ActivationType));
        var weight = device.Allocate(new Shape(extent, 1, 1, extent), backend.ActivationType);
        try
        {
            FillWithNoise(backend, x);
            FillWithNoise(backend, weight);
            void Multiply()
            {
                cancellation.ThrowIfCancellationRequested();
                backend.Kernels.ConvolutionForward(x, weight, new ConvolutionGeometry(1, 0), y);
            }
            for (var i = 0; i < Repetitions; i++)
                Multiply(); // the runtime compiles a loop in steps
            return 2.0 * extent * extent * extent / Median(device, Repetitions, Multiply) / 1e6;
        }
        finally
        {
            foreach (var tensor in new[] { x, y, weight })
                device.Free(tensor);
        }
    }
}
