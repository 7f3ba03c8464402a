namespace Flixstock.Engine;

/// <summary>
/// The largest batch whose training fits a device, found by counting, not by trying. An epoch keeps at least eight
/// steps if there are pictures for them, since a training of few steps learns little; the processor, which gains
/// nothing from large batches, takes at most 64.
/// </summary>
/// <param name="BatchSize">Pictures of a step: a multiple of 8, or less than 8.</param>
/// <param name="NeededBytes">Bytes that its training takes, including validation and the kernels' scratch
/// memory.</param>
/// <param name="AvailableBytes">Bytes that are available for it: free memory less a reserve.</param>
public sealed record LargestBatch(int BatchSize, long NeededBytes, long AvailableBytes)
{
    private const int Multiple = 8, Most = 65536, MostOnProcessor = 64, StepsOfEpoch = 8;

    // Batches of both loaders that wait for their turn lie in the host's memory.
    private const int BatchesOfLoader = 5;

    /// <summary>Finds the largest batch, given the memory that is free now.</summary>
    /// <param name="backend">The device to train on.</param>
    /// <param name="options">Options of the training; the batch size is ignored.</param>
    /// <param name="pictures">Training pictures: no batch is larger.</param>
    /// <param name="attributes">The data set's attributes and classes.</param>
    /// <param name="cancellation">Stops between two sizes.</param>
    /// <exception cref="DeviceMemoryException">Not even one picture fits.</exception>
    /// <exception cref="InputException">The pictures are too few and too small for any batch.</exception>
    public static LargestBatch Find(
        Backend backend, TrainerOptions options, int pictures, AttributeTable attributes,
        CancellationToken cancellation = default) =>
        Find(
            backend, options, pictures, attributes,
            Limit(
                pictures / (options.AccumulationSteps ?? 1),
                backend.Device.Memory is null ? MostOnProcessor : Most),
            cancellation);

    /// <summary>The largest batch with which an epoch still has enough steps.</summary>
    /// <param name="pictures">Pictures of an epoch.</param>
    /// <param name="most">Upper limit in any case.</param>
    internal static int Limit(int pictures, int most)
    {
        // Two, so that norms have something to average over; but never a whole epoch.
        var few = Math.Clamp(pictures - 1, 1, 2);
        return Math.Min(Math.Max(pictures / StepsOfEpoch, few), most);
    }

    /// <summary>Same as the public overload, with the limit given.</summary>
    internal static LargestBatch Find(
        Backend backend, TrainerOptions options, int pictures, AttributeTable attributes, int limit,
        CancellationToken cancellation = default)
    {
        var classes = attributes.ClassCount;
        BatchSizes.Require(options with { BatchSize = pictures }, pictures); // what else would never fit
        var model = options.Model(classes);
        var available = Available(backend.Device);
        var validation = StepMemory.OfValidation(backend, model);
        using var host = Backend.Cpu(1);
        using var loss = options.Objective.Create(
            new LossContext(host, attributes, options.PriorPath is null ? null : new float[classes]));
        var pictureBytes = 3L * options.ImageSize * options.ImageSize;
        long Needed(int batch, int ofPictures)
        {
            cancellation.ThrowIfCancellationRequested();
            var schedule = new OneCycleSchedule(
                options.LearningRate, options.Epochs * ((ofPictures + batch - 1) / batch));
            var step = StepMemory.Of(
                backend, model, loss, (options with { BatchSize = batch }).Steps(schedule, ofPictures));
            var inUpdate = (options with { BatchSize = batch }).PicturesPerUpdate(pictures);
            var waiting = backend.Device.Memory is null ? BatchesOfLoader * (batch + inUpdate) * pictureBytes : 0;
            return step.NetworkBytes + step.StepBytes + validation + waiting;
        }
        var most = (int)Math.Min(
            Math.Min(pictures, limit),
            Array.MaxLength / pictureBytes / (1 + options.SpliceMix) / (options.AccumulationSteps ?? 1));
        bool FitsAll(int batch) =>
            BatchSizes.Works(options, batch, pictures) && Fits(batch, only => Needed(only, pictures) <= available);
        var found = Search(most, batch => Needed(batch, batch) <= available);
        // A remainder of one picture may have no batch statistics: then the next smaller, and of very few pictures the
        // next larger.
        for (; found > 0; found -= found > Multiple ? Multiple : 1)
        {
            if (FitsAll(found))
                return new LargestBatch(found, Needed(found, pictures), available);
        }
        if (BatchSizes.Nearest(options, most, pictures) is { } larger && FitsAll(larger))
            return new LargestBatch(larger, Needed(larger, pictures), available);
        // The least that a network takes: of one pixel in the last stage there are no statistics.
        var one = Enumerable.Range(1, 2).First(batch => batch == 2 || Fits(batch, only => Needed(only, only) > 0));
        throw new DeviceMemoryException(Needed(one, one), available,
            $"{Term.LargestBatch}: not enough memory on {backend.Device.Name}: a step of {one} pictures needs "
                + $"{Needed(one, one) >> 20} MiB, {available >> 20} MiB are available; "
                + $"use a smaller {Term.ImageSize} or network");
    }

    /// <summary>
    /// The largest multiple of 8 up to <paramref name="most"/> that fits, or the largest number below 8; 0 if none
    /// does.
    /// </summary>
    internal static int Search(int most, Func<int, bool> fits)
    {
        var (few, many) = (0, most / Multiple);
        if (many > 0 && Fits(Multiple * many, fits))
            return Multiple * many;
        while (many - few > 1)
        {
            var middle = (few + many) / 2;
            (few, many) = Fits(Multiple * middle, fits) ? (middle, many) : (few, middle);
        }
        if (few > 0)
            return Multiple * few;
        for (var batch = Math.Min(most, Multiple - 1); batch > 0; batch--)
        {
            if (Fits(batch, fits))
                return batch;
        }
        return 0;
    }

    // A batch that no launch can index, or that has no batch statistics, does not fit either.
    private static bool Fits(int batch, Func<int, bool> fits)
    {
        try
        {
            return fits(batch);
        }
        catch (Exception e) when (e is EngineException or InputException or OverflowException)
        {
            return false;
        }
    }

    private static long Available(Device device)
    {
        if (device.Memory is { } memory)
            return memory.Free - device.ReservedBytes;
        // The processor: what the machine, or the container, lets this process have. A quarter stays for packed
        // weights, decoded pictures and everybody else.
        GC.Collect(0);
        var host = GC.GetGCMemoryInfo();
        return (host.TotalAvailableMemoryBytes - Math.Max(host.MemoryLoadBytes, Environment.WorkingSet)) / 4 * 3;
    }
}
